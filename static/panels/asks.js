/** Asks that wait. Silence means no: each shows when it expires, who may decide, and two answers of equal weight. */
import { html } from "../lib.js";
import { live, may, ownShare, rows, shown } from "../store.js";
import { Age, Countdown, Empty, LevelBadge, Panel, Time, levelTitle, secondsLeft, sectorName, spanText } from "../parts.js";
import { Decision, WhoText } from "../decision.js";
import { openDrawer } from "../url.js";
import { permits, useLook } from "../permits.js";
import { wordFor } from "../plan.js";
import { GrantFacts, Signatures } from "./grants.js";

/** @typedef {import("../types.d.ts").AskRow} AskRow */

/** @param {any} ask */
const waits = (ask) => secondsLeft(ask.expires) > 0;

export function Asks() {
  if (!shown("asks")) return null;
  const asks = Object.values(rows("asks")).sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
  const waiting = asks.filter(waits);
  return html`<${Panel} id="asks" title="Waiting for a decision" class="asks" count=${waiting.length} scroll=${false}>
    ${asks.length ? html`<ul class="cards">${asks.map((ask) => html`<${AskCard} key=${ask.id} ask=${ask} />`)}</ul>` : html`<${Empty}>${ownShare() ? "No request of your agency is waiting." : "No request is waiting."} No answer means no.<//>`}
  <//>`;
}

/** @param {AskRow} ask */
const kindOf = (ask) => ask.kind ?? "level";

/** @param {AskRow} ask */
function askTitle(ask) {
  if (kindOf(ask) === "force") return `${wordFor("tools", ask.tool ?? "")}, ${ask.purpose}`;
  if (kindOf(ask) === "posture") return `${wordFor("postures", ask.posture ?? "")} to be ${ask.state}`;
  return levelTitle(ask.level);
}

/** What only the one who decides can add: it is asked of them in the form, and no fault of the ask. */
const OWN_PART = new Set(["the authorizer's own facts, in their words", "who made the ask"]);

/** @param {import("../types.d.ts").Decision} decision */
const openPoints = (decision) => [...(decision.missing ?? []).filter((what) => !OWN_PART.has(what)), ...(decision.reasons ?? [])].join("; ");

/** The two answers by kind: the form that grants, and which command it takes. @type {Record<string, [string, string]>} */
const GRANTS = { level: ["grant", "GrantLevel"], force: ["grantforce", "GrantForce"], posture: ["postureask", "ChangePosture"] };

/** @param {{ask: AskRow}} props */
function AskCard({ ask }) {
  const kind = kindOf(ask);
  const open = waits(ask);
  const mine = ask.by.person === live.me.value?.person;
  const [form, cmd] = GRANTS[kind] ?? GRANTS.level;
  return html`<li class=${`card ask${open ? "" : " card-over"}`} data-ask=${ask.id}>
    <div class="card-head">${kind === "level" ? html`<${LevelBadge} order=${rows("levels")[ask.level]?.order ?? 1} id=${ask.level} />` : html`<span class="ask-kind" aria-hidden="true">${kind === "force" ? "!" : "▲"}</span>`}
      <h3>${kind === "force" ? html`<span class="badge badge-warn">force</span> ` : null}${askTitle(ask)}<span class="muted"> in </span>${sectorName(ask.sector)}</h3>
      <${Countdown} until=${ask.expires} soon_s=${120} over="ago: expired, so no" /></div>
    <p class="card-line">Asked by <${WhoText} who=${ask.by} />, <${Time} at=${ask.at} /></p>
    ${ask.facts ? html`<p class="card-text"><q>${ask.facts}</q></p>` : null}
    <p class="card-line"><span class="muted">Who may decide: </span>${ask.who_may?.length ? ask.who_may.join("; ") : "the plan names nobody"}</p>
    ${ask.signed?.length ? html`<p class="card-line"><span class="muted">Signed: </span>${ask.signed.map((one) => one.office || one.who.name || one.who.person).join("; ")}</p>` : null}
    ${ask.decision && ask.decision.effect !== "not barred" ? html`<p class="card-line warn-text">When asked: ${openPoints(ask.decision) || "nothing but the authorizer’s own part was missing"}</p>` : null}
    ${open && mine && may(cmd) ? html`<p class="card-line muted">You requested this, so somebody else decides.</p>` : null}
    ${open ? html`<div class="pair">
      ${may(cmd) && !mine ? html`<button type="button" class="button" onClick=${() => openDrawer(form, ask.id)}>Grant…</button>` : null}
      ${may("DenyAsk") ? html`<button type="button" class="button" onClick=${() => openDrawer("deny", ask.id)}>Deny…</button>` : null}
      ${mine && may("WithdrawAsk") ? html`<button type="button" class="button" onClick=${() => openDrawer("withdraw", ask.id)}>Withdraw…</button>` : null}
    </div>
    ${kind === "force" ? html`<div class="line-acts">
      ${may("CoSignForce") && !mine ? html`<button type="button" class="button small" onClick=${() => openDrawer("cosign", ask.id)}>Sign beside…</button>` : null}
      ${may("CoSignForce") ? html`<button type="button" class="button small" onClick=${() => openDrawer("callback", ask.id)}>By call-back…</button>` : null}
      ${may("GrantForce") ? html`<button type="button" class="button small" onClick=${() => openDrawer("relay", ask.id)}>Spoken order…</button>` : null}</div>` : null}` : null}
  </li>`;
}

/** The ask itself, above the form that answers it. @param {{id: string}} props */
export function AskFacts({ id }) {
  const ask = /** @type {AskRow | undefined} */ (rows("asks")[id]);
  if (!ask && rows("grants")[id]) return html`<${GrantFacts} id=${id} />`;
  if (!ask) return html`<p class="lapse-note">This request is no longer waiting: it was decided or withdrawn, or it expired.</p>`;
  const names = new Map(rows("levels")[ask.level]?.indicators ?? []);
  return html`<div class="ask-facts">
    <p class="in-force-name">${askTitle(ask)} in ${sectorName(ask.sector)}</p>
    <p><${Countdown} until=${ask.expires} soon_s=${120} over="ago: expired, so no" /> · asked <${Age} at=${ask.at} /> by <${WhoText} who=${ask.by} /></p>
    <dl class="facts">
      <dt>${kindOf(ask) === "force" ? "Objective, resistance" : "Facts given"}</dt><dd>${ask.facts ? html`<q>${ask.facts}</q>` : html`<span class="muted">none given, or not shown to your role</span>`}</dd>
      ${kindOf(ask) === "level" ? html`<dt>Contact tried</dt><dd>${ask.liaison || html`<span class="muted">not said</span>`}</dd><dt>Whether the others may go on</dt><dd>${ask.others_may_continue || html`<span class="muted">not said</span>`}</dd>` : null}
      ${kindOf(ask) === "posture" ? html`<dt>Purpose</dt><dd>${ask.purpose || html`<span class="muted">not said</span>`}</dd><dt>Findings made</dt><dd>${ask.findings?.length ? html`<ul>${ask.findings.map((one) => html`<li key=${one}>${wordFor("findings", one)}</li>`)}</ul>` : html`<span class="muted">none</span>`}</dd>` : null}
      ${ask.extent ? html`<dt>How many</dt><dd>${ask.extent}</dd>` : null}
      ${ask.indicators?.length ? html`<dt>Signs named</dt><dd><ul>${ask.indicators.map((one) => html`<li key=${one}>${names.get(one) ?? wordFor("findings", one)}</li>`)}</ul></dd>` : null}
      ${kindOf(ask) === "force" ? html`<${ForceFacts} ask=${ask} />` : null}
      <dt>Who may decide</dt><dd>${ask.who_may?.length ? ask.who_may.join("; ") : "the plan names nobody"}</dd>
      ${kindOf(ask) === "force" ? html`<dt>Signatures</dt><dd><${Signatures} signed=${ask.signed} /></dd>` : null}
    </dl>
    ${ask.decision ? html`<h3>How the plan stood when it was asked</h3><${Decision} decision=${ask.decision} />` : null}
    <${Now} ask=${ask} />
  </div>`;
}

/** @param {{ask: AskRow}} props */
function ForceFacts({ ask }) {
  const none = html`<span class="muted">not said</span>`;
  const named = (/** @type {import("../plan.js").WordKind} */ kind, /** @type {readonly string[] | undefined} */ ids) => (ids?.length ? html`<ul>${ids.map((one) => html`<li key=${one}>${wordFor(kind, one)}</li>`)}</ul>` : none);
  return html`<dt>Imminent danger</dt><dd>${ask.imminent ? html`<strong>stated</strong>` : "not stated"}</dd>
    <dt>Grounds</dt><dd>${named("grounds", ask.grounds)}</dd><dt>Findings made</dt><dd>${named("findings", ask.findings)}</dd>
    <dt>De-escalation tried</dt><dd><${Tried} named=${ask.deescalation?.length ? named("measures", ask.deescalation) : null} why=${ask.deescalation_why_not} /></dd>
    <dt>Action against those alone who do it</dt><dd><${Tried} named=${ask.targeted?.length ? named("measures", ask.targeted) : null} why=${ask.targeted_why_not} /></dd>
    <dt>Whom it reaches</dt><dd>${ask.indiscriminate === true ? html`<strong class="bad-text">a crowd, at nobody in particular</strong>` : ask.indiscriminate === false ? "named or seen persons alone" : none}</dd>
    <dt>Who would use it</dt><dd>${ask.users?.length ? ask.users.map((who) => who.name || who.person).join(", ") : none}</dd>
    <dt>How many, how long</dt><dd>${[ask.quantity ? `${ask.quantity}` : "", ask.lasts_s ? spanText(ask.lasts_s) : ""].filter(Boolean).join(", ") || none}</dd>
    <dt>Aimed at</dt><dd>${ask.subject ? "one person; " : ""}${ask.zones?.length ? ask.zones.map((one) => wordFor("zones", one)).join(", ") : "no part of the body named"}${typeof ask.distance_m === "number" ? `; from no nearer than ${ask.distance_m} m` : ""}</dd>
    <dt>Where</dt><dd>${ask.place ? html`<span class="num">${ask.place.lat.toFixed(5)}, ${ask.place.lon.toFixed(5)}</span>` : none}</dd>`;
}

/** What was tried, and the reason where it was not. @param {{named: any, why?: string}} props */
function Tried({ named, why }) {
  if (!named && !why) return html`<span class="muted">not said</span>`;
  return html`${named}${why ? html`<p>${named ? "" : "Not tried: "}<q>${why}</q></p>` : null}`;
}

/** The plan's answer to this very ask, at this moment, for the one who looks. @param {{ask: AskRow}} props */
function Now({ ask }) {
  useLook(ask.sector);
  const held = permits.value?.sector === ask.sector ? permits.value : null;
  const found = held?.asks.get(ask.id);
  if (!held || !found) return null;
  const mine = ask.by.person === live.me.value?.person;
  return html`<div class="ask-now"><h3>How the plan stands on it ${held.then ? "at the moment shown" : "now"}, if ${mine ? "you, who asked, " : "you "}granted it</h3>
    <p class="muted small">Judged <${Age} at=${held.time} /> for you, in your position, with what the request says and nothing that you may add. It is judged again when you grant it.</p>
    <${Decision} decision=${found} /></div>`;
}
