/** Looking at what was done: who needs help, reviews to file, munitions that do not add up, exigent use, what is suspended. */
import { html } from "../lib.js";
import { live, may, rows } from "../store.js";
import { Age, Countdown, Empty, Panel, Time, plural, secondsLeft, sectorName } from "../parts.js";
import { FINDINGS, FindingBadge, WhoText } from "../decision.js";
import { openDrawer } from "../url.js";
import { unitOf, wordFor } from "../plan.js";

/** @typedef {import("../types.d.ts").ReviewRow} ReviewRow */

/** @template T @param {import("../types.d.ts").Section} name @returns {T[]} */
const all = (name) => /** @type {any} */ (Object.values(rows(name)));

/** Open flags, reviews, differences: in view on the board only while there is something. */
export function Oversight() {
  const distress = /** @type {import("../types.d.ts").DistressRow[]} */ (all("distress")).filter((one) => !one.answered_at);
  const reviews = /** @type {ReviewRow[]} */ (all("reviews")).filter((one) => !one.filed?.length);
  const odd = /** @type {import("../types.d.ts").MunitionRow[]} */ (all("munitions")).filter((one) => one.unexplained);
  const plan = /** @type {import("../types.d.ts").PlanRow[]} */ (all("plan")).filter(inForce);
  if (!distress.length && !reviews.length && !odd.length && !plan.length) return null;
  return html`<${Panel} id="oversight" title="Help and oversight" class="oversight" scroll=${false} count=${distress.length ? html`<span class="badge badge-bad">${distress.length} in a crisis</span>` : null}
      tools=${html`<button type="button" class="button small" onClick=${() => openDrawer("oversight")}>All…</button>`}>
    <ul class="lines">${distress.map((one) => html`<${DistressLine} key=${one.id} one=${one} />`)}
      ${odd.map((one) => html`<li key=${one.id} class="line-item edge-bad"><button type="button" class="line-open" onClick=${() => openDrawer("oversight")}><span class="line-text"><${Difference} one=${one} />: ${wordFor("tools", one.tool)}, ${one.name}</span></button></li>`)}
      ${plan.map((one) => html`<li key=${one.id} class="line-item edge-warn"><button type="button" class="line-open" onClick=${() => openDrawer("oversight")}><span class="line-text">${one.kind}: ${one.what}</span><span class="line-sub"><${Countdown} until=${one.until} /></span></button></li>`)}
      ${reviews.length ? html`<li class="line-item"><button type="button" class="line-open" onClick=${() => openDrawer("oversight")}><span class="line-text">${plural(reviews.length, "review")} to file</span></button></li>` : null}</ul>
  <//>`;
}

/** @param {import("../types.d.ts").PlanRow} one */
const inForce = (one) => !one.ended && secondsLeft(one.until) > 0;

/** Crisis responders first. @param {{one: import("../types.d.ts").DistressRow}} props */
function DistressLine({ one }) {
  const first = (one.first ?? []).map((id) => rows("units")[id]?.name ?? id);
  return html`<li class=${`line-item edge-${one.answered_at ? "none" : "bad"}`}><div class="line-open">
    <span class="line-text"><strong>Someone in a crisis</strong>${one.sector ? ` in ${sectorName(one.sector)}` : ""}, <${Age} at=${one.at} /></span>
    <span class="line-text">${one.answered_at ? one.outcome : first.length ? html`Send first: <strong>${first.join(", ")}</strong>` : html`<span class="warn-text">no crisis responder or medic is here</span>`}</span>
    <span class="line-acts">${!one.answered_at && may("AnswerDistress") ? html`<button type="button" class="button small" onClick=${() => openDrawer("helped", one.id)}>Who came…</button>` : null}
      ${one.seq ? html`<button type="button" class="button small" onClick=${() => openDrawer("entry", String(one.seq))}>#${one.seq}</button>` : null}</span></div></li>`;
}

/** What cannot be explained is a number, and nothing more. @param {{one: import("../types.d.ts").MunitionRow}} props */
function Difference({ one }) {
  const n = one.unexplained;
  if (n === null || n === undefined) return html`<span class="muted">not counted</span>`;
  if (!n) return html`<span class="badge">adds up</span>`;
  return html`<strong class="badge badge-bad">${n > 0 ? `${n} unexplained` : `${-n} more than issued`}</strong>`;
}

export function OversightDetail() {
  const distress = /** @type {import("../types.d.ts").DistressRow[]} */ (all("distress"));
  const plan = /** @type {import("../types.d.ts").PlanRow[]} */ (all("plan"));
  return html`<div class="detail"><${Reviews} /><${Watch} /><${Munitions} /><${Exigent} />
    ${distress.length ? html`<h3>Someone in a crisis</h3><ul class="lines">${distress.map((one) => html`<${DistressLine} key=${one.id} one=${one} />`)}</ul>` : null}
    ${plan.length ? html`<h3>Otherwise than the plan says</h3><ul class="permit-list">${plan.map((one) => html`<li key=${one.id} class=${`permit edge-${inForce(one) ? "warn" : "none"}`}>
      <p><strong>${one.kind}: ${one.what}</strong>${one.to ? html` to <${WhoText} who=${one.to} />` : null}</p><p class="small">By <${WhoText} who=${one.by} />, <${Time} at=${one.since} />${one.clause ? `, under ${one.clause}` : ""}${one.why ? html`: <q>${one.why}</q>` : null}</p>
      <p class="small">${inForce(one) ? html`<${Countdown} until=${one.until} />` : "over"}</p></li>`)}</ul>` : null}
    <div class="acts">${[["distress", "FlagDistress", "Someone in a crisis…"], ["intervention", "ReportIntervention", "Intervention…"], ["pursuit", "ReportPursuit", "Pursuit…"], ["issue", "IssueMunitions", "Issue munitions…"]].filter(([, cmd]) => may(cmd)).map(([kind, , words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind)}>${words}</button>`)}</div>
  </div>`;
}

function Reviews() {
  const list = /** @type {ReviewRow[]} */ (all("reviews")).sort((a, b) => Number(!!a.filed?.length) - Number(!!b.filed?.length) || (b.seq ?? 0) - (a.seq ?? 0));
  const me = live.me.value?.person;
  return html`<h3>Reviews</h3>${list.length ? html`<ul class="permit-list">${list.slice(0, 200).map((one) => {
    const part = (one.involved ?? []).some((who) => who.person === me);
    return html`<li key=${one.id} class=${`permit edge-${one.filed?.length ? "none" : "warn"}`} data-review=${one.id}>
      <p><strong>${one.what}</strong>${one.sector ? html`<span class="muted"> · ${sectorName(one.sector)}</span>` : null} ${one.finding && FINDINGS[one.finding] ? html`<${FindingBadge} kind=${one.finding} />` : null}</p>
      <p class="small muted"><${Time} at=${one.at} />${one.seq ? html` · <button type="button" class="linkish inline" onClick=${() => openDrawer("entry", String(one.seq))}>#${one.seq}</button>` : null}${one.involved?.length ? ` · part in it: ${one.involved.map((who) => who.name || who.person).join(", ")}` : ""}</p>
      ${(one.filed ?? []).map((filed) => html`<p key=${filed.id} class="small">Reviewed by <${WhoText} who=${filed.by} />, <${Time} at=${filed.at} />: <strong>${filed.conclusion}</strong></p>`)}
      ${part ? html`<p class="small muted">You had a part in it: someone else reviews it.</p>` : may("FileReview") ? html`<button type="button" class="button" onClick=${() => openDrawer("review", one.id)}>Review…</button>` : null}</li>`;
  })}</ul>` : html`<${Empty}>Nothing needs review.<//>`}`;
}

/** What was done to someone after they reported a colleague: to look at, and no finding. Oversight's alone. */
function Watch() {
  const list = /** @type {import("../types.d.ts").WatchRow[]} */ (all("watch")).sort((a, b) => (b.actions?.length ?? 0) - (a.actions?.length ?? 0));
  if (!list.length) return null;
  return html`<h3>After someone reported a colleague</h3><p class="muted small">What was done to them since. Each may have a good reason: this is a prompt to look, not a finding.</p>
    <ul class="permit-list">${list.map((one) => html`<li key=${one.id} class=${`permit edge-${one.actions?.length ? "warn" : "none"}`}><p><strong><${WhoText} who=${one.reporter} /></strong>${one.confidential ? html` <span class="badge">confidential</span>` : null}<span class="muted"> · ${one.kind}, <${Time} at=${one.at} /></span></p>
      ${one.actions?.length ? html`<ul class="permits">${one.actions.map((act) => html`<li key=${act.seq}>${act.what}, <${Time} at=${act.at} /> by <${WhoText} who=${act.by} />${act.seq ? html` · <button type="button" class="linkish inline" onClick=${() => openDrawer("entry", String(act.seq))}>#${act.seq}</button>` : null}</li>`)}</ul>` : html`<p class="small muted">Nothing so far.</p>`}</li>`)}</ul>`;
}

function Munitions() {
  const list = /** @type {import("../types.d.ts").MunitionRow[]} */ (all("munitions")).sort((a, b) => Math.abs(b.unexplained ?? 0) - Math.abs(a.unexplained ?? 0) || a.name.localeCompare(b.name));
  if (!list.length) return null;
  return html`<h3>Munitions</h3><ul class="permit-list">${list.map((one) => {
    const key = `${one.holder}~${one.tool}`;
    return html`<li key=${one.id} class=${`permit edge-${one.unexplained ? "bad" : "none"}`} data-munition=${one.id}>
      <div class="permit-line"><p class="permit-name"><strong>${wordFor("tools", one.tool)}</strong><span class="muted"> · ${one.name}</span></p><${Difference} one=${one} /></div>
      <p class="small num">issued ${one.issued ?? 0} − returned ${one.returned ?? 0} − used ${one.used ?? 0} − counted ${one.counted ?? "not yet"}${unitOf(one.tool)}${one.counted_at ? html` (<${Time} at=${one.counted_at} />)` : null}</p>
      <div class="acts">${[["issue", "IssueMunitions", "Issue…"], ["returned", "ReturnMunitions", "Return…"], ["counted", "CountMunitions", "Count…"]].filter(([, cmd]) => may(cmd)).map(([kind, , words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind, key)} aria-label=${`${words} ${wordFor("tools", one.tool)}, ${one.name}`}>${words}</button>`)}</div></li>`;
  })}</ul>`;
}

function Exigent() {
  const list = /** @type {import("../types.d.ts").ExigentRow[]} */ (all("exigent")).sort((a, b) => b.count - a.count);
  if (!list.length) return null;
  return html`<h3>Exigent use of force</h3><table class="table"><thead><tr><th scope="col">By</th><th scope="col">Name</th><th scope="col">Reports</th></tr></thead>
    <tbody>${list.map((one) => html`<tr key=${one.id}><td>${one.of === "command" ? "in command" : one.of}</td><th scope="row">${one.name}</th><td class="num">${one.count}</td></tr>`)}</tbody></table>`;
}
