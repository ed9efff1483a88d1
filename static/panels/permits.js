/** What may be done in a sector now, what is missing, what is refused: by level, gear and tool, each with its sources. */
import { html } from "../lib.js";
import { may, replaying, rows } from "../store.js";
import { Age, Countdown, LevelBadge, Time, secondsLeft } from "../parts.js";
import { EFFECT, MissingLine, Rules } from "../decision.js";
import { openDrawer } from "../url.js";
import { busy, permits, refresh, trouble, useLook } from "../permits.js";
import { countText } from "../time.js";

/** @typedef {import("../permits.js").Permit} Permit */

/** @type {[Permit["kind"], string][]} */
const KINDS = [["level", "Levels"], ["tool", "Tools"], ["group", "Measures against a whole group"], ["posture", "Gear and vehicles"]];

/** @param {{id: string}} props */
export function Permits({ id }) {
  useLook(id);
  const held = permits.value?.sector === id ? permits.value : null;
  return html`<section class="permit-panel" aria-labelledby="permits-title">
    <div class="permit-head"><h3 id="permits-title">${replaying.value ? "What could be done then, and what it would have taken" : "What may be done now, and what it would take"}</h3>
      <button type="button" class="button small" aria-disabled=${busy.value} onClick=${() => { if (!busy.value) void refresh(); }}>Look again</button></div>
    ${held?.then ? html`<p class="lapse-note"><strong>As of the replay.</strong> This is how the plan stood for you at <${Time} at=${held.time} seconds />, by what was on record then.</p>` : null}
    <p class="muted small">${held && !held.then ? html`As judged at <${Time} at=${held.time} seconds />, <${Age} at=${held.time} />. ` : null}Looking is not asking: it leaves no trace in the log.</p>
    ${trouble.value ? html`<p class="lapse-note">${held ? "This could not be looked at again; what you see is as old as it says. " : "This could not be looked at. "}${trouble.value}</p>` : null}
    ${!held && !trouble.value ? html`<p class="muted" role="status">Asking the plan…</p>` : null}
    ${held?.lapsed ? html`<p class="lapse-note"><strong>The level has lapsed</strong> and permits nothing until it is renewed.</p>` : null}
    ${held?.down ? html`<${Down} down=${held.down} />` : null}
    ${held ? KINDS.map(([kind, title]) => html`<${Group} key=${kind} title=${title} items=${held.items.filter((one) => one.kind === kind)} sector=${id} />`) : null}
    ${held ? html`<p class="muted small">The plan never recommends. Where a rule is not fully verified, check with counsel.</p>` : null}
  </section>`;
}

/** What speaks for going down, by the plan's own signs. It is said, never done by the program. @param {{down: import("../types.d.ts").StepDown}} props */
function Down({ down }) {
  return html`<div class=${`permit edge-${down.prompted ? "warn" : "none"}`} data-permit="step-down">
    <p><strong>${down.prompted ? "Look whether this level is still needed" : `The way down to ${down.to_name}`}</strong></p>
    ${down.signs.length ? html`<ul class="plain">${down.signs.map((sign) => html`<li key=${sign.says}><span class=${`badge${sign.holds ? " badge-ok" : ""}`}><span aria-hidden="true">${sign.holds ? "✓ " : "– "}</span>${sign.holds ? "holds" : "not on record"}</span> ${sign.says}</li>`)}</ul>` : null}
    <${Rules} rules=${down.rules} /></div>`;
}

/** @param {{title: string, items: Permit[], sector: string}} props */
function Group({ title, items, sector }) {
  if (!items.length) return null;
  return html`<h4>${title}</h4><ul class="permit-list">${items.map((one) => html`<${Item} key=${one.key} one=${one} sector=${sector} />`)}</ul>`;
}

/** @type {Record<string, [string, string, string]>} */
const LOOKS = { "not barred": ["none", "–", EFFECT["not barred"]], missing: ["warn", "?", "Missing"], refused: ["bad", "✕", "Refused"] };

/** @param {{one: Permit, sector: string}} props */
function Item({ one, sector }) {
  const rung = one.kind === "level" ? rows("levels")[one.id] : null;
  const tone = one.decision ? LOOKS[one.decision.effect][0] : "none";
  const act = actOf(one, sector);
  return html`<li class=${`permit edge-${tone}`} data-permit=${one.key}>
    <div class="permit-line">${rung ? html`<${LevelBadge} order=${rung.order} id=${rung.id} />` : null}
      <p class="permit-name"><strong>${one.name}</strong>${one.purpose ? html`<span class="muted"> · ${one.purpose}</span>` : null}${one.stands ? html`<span class="sub">${one.stands}</span>` : null}</p>
      ${one.decision ? html`<span class=${`badge badge-${tone}`}><span aria-hidden="true">${LOOKS[one.decision.effect][1]} </span>${LOOKS[one.decision.effect][2]}</span>` : null}</div>
    ${one.decision ? html`<${Answer} decision=${one.decision} />` : null}
    ${one.grants.length ? html`<p class="small">${one.grants.length === 1 ? "A grant is" : `${one.grants.length} grants are`} in force: ${one.grants.map((id) => html`<button key=${id} type="button" class="linkish" onClick=${() => openDrawer("grant-detail", id)}>${id.slice(0, 12)}</button> `)}</p>` : null}
    ${(one.resting ?? []).map(([id, why]) => html`<p key=${id} class="lapse-note small">The grant <button type="button" class="linkish" onClick=${() => openDrawer("grant-detail", id)}>${id.slice(0, 12)}</button> rests on nothing now: ${why}</p>`)}
    ${act ? html`<button type="button" class="button small" onClick=${() => openDrawer(act[0], act[1])} aria-label=${`${act[2]} ${one.name}${one.purpose ? `, ${one.purpose}` : ""}`}>${act[2]}</button>` : null}
  </li>`;
}

/** @param {{decision: import("../types.d.ts").Decision}} props */
function Answer({ decision }) {
  const unsure = (decision.rules ?? []).filter((rule) => rule.verified === "P" || rule.verified === "G").length;
  const why = decision.effect === "not barred" ? [] : decision.reasons ?? [];
  return html`${why.length ? html`<ul class="permit-why">${why.map((words, i) => html`<li key=${i}>${words}</li>`)}</ul>` : null}
    ${decision.missing?.length ? html`<ul class="permit-why">${decision.missing.map((what, i) => html`<li key=${i}><${MissingLine} text=${what} /></li>`)}</ul>` : null}
    ${decision.until ? html`<p class="permit-clock">${decision.effect === "missing" ? html`<${Waits} until=${decision.until} />` : html`<${Countdown} until=${decision.until} soon_s=${300} left="until that changes" over="ago" />`}</p>` : null}
    ${decision.who_may?.length ? html`<p class="small"><span class="muted">Who may: </span>${decision.who_may.join("; ")}</p>` : null}
    ${unsure ? html`<p class="small warn-text">${unsure === 1 ? "One rule here is not fully verified" : `${unsure} rules here are not fully verified`}: check with counsel.</p>` : null}
    <${Rules} rules=${decision.rules} open=${decision.effect === "refused"} />`;
}

/** When time alone can change a `missing`. @param {{until: string}} props */
function Waits({ until }) {
  const left_s = secondsLeft(until);
  return left_s > 0 ? html`<strong class="num">in ${countText(Math.ceil(left_s))}</strong> something of this can change by itself` : html`<span class="muted">the wait is over: looking again…</span>`;
}

/** Where to ask, or to decide. What is refused outright is not offered: an ask would be refused and recorded. @param {Permit} one @param {string} sector @returns {[string, string, string] | null} */
function actOf(one, sector) {
  if (!one.decision || replaying.value) return null;
  if (one.kind === "level") return one.decision.effect !== "refused" && (may("RaiseLevel") || may("AskLevel")) ? ["level", sector, "Change to…"] : null;
  if (one.kind === "tool" || one.kind === "group") return one.purpose && may("AskForce") ? ["askforce", [sector, one.id, one.purpose].join("~"), "Ask for…"] : null;
  if (one.decision.effect !== "refused" && may("ChangePosture")) return ["posture", [sector, one.id].join("~"), "Decide on…"];
  return may("AskPosture") ? ["askposture", [sector, one.id].join("~"), "Ask for…"] : null;
}
