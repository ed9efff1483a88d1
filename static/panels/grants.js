/** Authorizations: in force with their clock and what is left of them, and what became of those that are over. */
import { html, useState } from "../lib.js";
import { live, may, rows } from "../store.js";
import { Age, Countdown, Panel, Time, secondsLeft, sectorName } from "../parts.js";
import { WhoText } from "../decision.js";
import { openDrawer } from "../url.js";
import { wordFor } from "../plan.js";

/** @typedef {import("../types.d.ts").GrantRow} GrantRow */

/** @param {GrantRow} grant */
export const stands = (grant) => !(grant.ended && secondsLeft(grant.ended) <= 0) && !(grant.until && secondsLeft(grant.until) <= 0);

/**
 * Why a use would be found without authorization now though the grant runs, "" where it would not; reading it makes the component tick.
 * @param {GrantRow} grant
 */
export const restsOnNothing = (grant) => (grant.gaps ?? []).find((gap) => secondsLeft(gap.since) <= 0 && !(gap.until && secondsLeft(gap.until) <= 0))?.why ?? "";

export function Grants() {
  const [all, setAll] = useState(false);
  const list = /** @type {GrantRow[]} */ (Object.values(rows("grants"))).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
  if (!list.length) return null;
  const standing = list.filter(stands);
  const resting = standing.filter(restsOnNothing);
  const over = list.filter((one) => !stands(one));
  return html`<${Panel} id="grants" title="Force authorized" class="grants" count=${standing.length - resting.length} scroll=${false}>
    ${standing.length ? null : html`<p class="empty">Nothing is authorized now.</p>`}
    <ul class="cards">${(all ? [...standing, ...over] : standing).map((one) => html`<${GrantCard} key=${one.id} grant=${one} />`)}</ul>
    ${over.length ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Hide those that are over" : `Show ${over.length} that ${over.length === 1 ? "is" : "are"} over`}</button>` : null}
  <//>`;
}

/** @param {GrantRow} grant */
const title = (grant) => `${wordFor("tools", grant.tool)}, ${grant.purpose}`;

/** @param {{grant: GrantRow}} props */
function Marks({ grant }) {
  return html`${grant.relayed ? grant.confirmed ? html`<span class="badge">relayed, confirmed</span>` : html`<span class="badge badge-warn">relayed, not confirmed</span>` : null}
    ${grant.how_ended ? html`<span class="badge badge-warn">${grant.how_ended}</span>` : stands(grant) ? null : html`<span class="badge">expired</span>`}
    ${grant.left !== null && grant.left !== undefined && grant.left <= 0 ? html`<span class="badge badge-bad">${grant.left < 0 ? "more used than granted" : "used up"}</span>` : null}`;
}

/** What it rests on, and whose word it is: said, and nothing more. @param {{grant: GrantRow}} props */
function Rests({ grant }) {
  const why = stands(grant) ? restsOnNothing(grant) : "";
  return html`${why ? html`<p class="lapse-note" data-rests="nothing"><strong>Rests on nothing now:</strong> ${why}.</p>` : null}
    ${grant.given_up && stands(grant) ? html`<p class="small" data-given-up>Whoever authorized it: ${grant.given_up}. It runs to its end unless someone in command revokes it.</p>` : null}`;
}

/** @param {{grant: GrantRow}} props */
function Used({ grant }) {
  return html`<span>${grant.used ?? 0} used${grant.quantity === null || grant.quantity === undefined ? "; no number was set" : html`, <strong>${grant.left ?? 0} left</strong> of ${grant.quantity}`}</span>`;
}

/** @param {{grant: GrantRow}} props */
function GrantCard({ grant }) {
  const open = stands(grant);
  return html`<li class=${`card grant${open ? "" : " card-over"}`} data-grant=${grant.id}>
    <div class="card-head"><span class="ask-kind" aria-hidden="true">!</span><h3><button type="button" class="linkish plain" onClick=${() => openDrawer("grant-detail", grant.id)}>${title(grant)}</button><span class="muted"> in </span>${sectorName(grant.sector)}</h3>
      ${grant.until && open ? html`<${Countdown} until=${grant.until} soon_s=${180} over="ago: over" />` : null}</div>
    <p class="badges"><${Marks} grant=${grant} /></p>
    <${Rests} grant=${grant} />
    <p class="card-line">Authorized by <${WhoText} who=${grant.authorizer} />, <${Time} at=${grant.since} /> · <${Used} grant=${grant} /></p>
    <${GrantActs} grant=${grant} />
  </li>`;
}

/** @param {{grant: GrantRow}} props */
function GrantActs({ grant }) {
  const open = stands(grant);
  const mine = grant.authorizer.person === live.me.value?.person;
  return html`${open && (may("RenewGrant") || may("RevokeGrant")) ? html`<div class="pair">
      ${may("RenewGrant") ? html`<button type="button" class="button" onClick=${() => openDrawer("renewgrant", grant.id)}>Renew…</button>` : null}
      ${may("RevokeGrant") ? html`<button type="button" class="button" onClick=${() => openDrawer("revoke", grant.id)}>Revoke…</button>` : null}</div>` : null}
    <div class="line-acts">
      ${grant.relayed && !grant.confirmed && mine && may("ConfirmRelay") ? html`<button type="button" class="button small" onClick=${() => openDrawer("confirmrelay", grant.id)}>Confirm my order…</button>` : null}
      ${may("ReportForce") ? html`<button type="button" class="button small" onClick=${() => openDrawer("force", grant.id)}>Report its use…</button>` : null}</div>`;
}

/** @param {{signed?: readonly import("../types.d.ts").SignRow[]}} props */
export function Signatures({ signed }) {
  if (!signed?.length) return html`<span class="muted">none</span>`;
  return html`<ul>${signed.map((one, i) => html`<li key=${i}><${WhoText} who=${one.who} />${one.office ? ` as ${one.office}` : ""}, <${Time} at=${one.at} />${one.call_back ? html` <span class="badge">called back${one.read_back ? ", text read back" : ""}</span>` : null}</li>`)}</ul>`;
}

/** A grant in full. @param {{id: string, acts?: boolean}} props */
export function GrantFacts({ id, acts }) {
  const grant = /** @type {GrantRow | undefined} */ (rows("grants")[id]);
  if (!grant) return html`<p class="lapse-note">There is no such grant on this board.</p>`;
  const none = html`<span class="muted">no limit named</span>`;
  return html`<div class="ask-facts"><p class="in-force-name">${title(grant)} in ${sectorName(grant.sector)}</p>
    <p class="badges"><${Marks} grant=${grant} />${grant.until ? html`<${Countdown} until=${grant.until} soon_s=${180} over="ago: over" />` : null}</p>
    <${Rests} grant=${grant} />
    <dl class="facts">
      <dt>Authorized by</dt><dd><${WhoText} who=${grant.authorizer} /> · <${Time} at=${grant.since} seconds /> (<${Age} at=${grant.since} />)</dd>
      <dt>On their facts</dt><dd>${grant.facts ? html`<q>${grant.facts}</q>` : html`<span class="muted">not shown to your role</span>`}</dd>
      <dt>Asked by</dt><dd><${WhoText} who=${grant.requester} none="nobody asked: an order" /></dd>
      ${grant.relayed ? html`<dt>Spoken, written down by</dt><dd><${WhoText} who=${grant.scribe} /> by ${grant.channel || "an unnamed channel"}${grant.read_back ? ", read back" : ", not read back"}; ${grant.confirmed ? html`confirmed <${Time} at=${grant.confirmed} />` : "not confirmed by the speaker yet"}</dd>` : null}
      <dt>Used</dt><dd><${Used} grant=${grant} /></dd>
      ${typeof grant.distance_m === "number" ? html`<dt>From no nearer than</dt><dd>${grant.distance_m} m</dd>` : null}
      <dt>By whom</dt><dd>${grant.users?.length ? grant.users.map((who) => who.name || who.person).join(", ") : none}</dd>
      <dt>Signatures</dt><dd><${Signatures} signed=${grant.signed} /></dd>
      <dt>Recorded as</dt><dd>${grant.seq ? html`<button type="button" class="linkish" onClick=${() => openDrawer("entry", String(grant.seq))}>#${grant.seq}</button>` : "–"}</dd>
    </dl>${acts ? html`<${GrantActs} grant=${grant} />` : null}</div>`;
}
