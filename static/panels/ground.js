/** What force rests on in a sector: the warnings so far, the ways out, gear and vehicles with their stand-down clock. */
import { html } from "../lib.js";
import { may, rows } from "../store.js";
import { Age, Countdown, Time, secondsLeft } from "../parts.js";
import { WhoText } from "../decision.js";
import { openDrawer } from "../url.js";
import { permits } from "../permits.js";
import { countText } from "../time.js";
import { wordFor } from "../plan.js";

/** @param {{id: string}} props */
export function Ground({ id }) {
  return html`<${Warnings} id=${id} /><${Gear} id=${id} />`;
}

/** @param {boolean | null | undefined} is @param {string} yes @param {string} no @param {string} [unknown] */
const three = (is, yes, no, unknown = "") => (is === true ? html`<span class="badge">✓ ${yes}</span>` : is === false ? html`<span class="badge badge-warn">✕ ${no}</span>` : unknown ? html`<span class="badge badge-warn">? ${unknown}</span>` : null);

/** @param {{id: string}} props */
function Warnings({ id }) {
  const row = /** @type {import("../types.d.ts").WarningRow | undefined} */ (rows("warnings")[id]);
  const given = row?.given ?? [];
  const moved = row?.moved_at ? Date.parse(row.moved_at) : -Infinity;
  const since = given.filter((one) => Date.parse(one.at) > moved).length;
  const acts = /** @type {[string, string, string][]} */ ([["warning", "ReportWarning", "Warning given…"], ["exits", "ReportExits", "Ways out…"], ["moved", "ReportCrowdMoved", "Crowd moved on…"], ["attempt", "RecordAttempt", "Tried with less…"], ["finding", "RecordObservation", "A finding…"]]).filter(([, cmd]) => may(cmd));
  return html`<section class="permit-panel" aria-labelledby="warnings-title"><h3 id="warnings-title">Warnings and ways out</h3>
    <p>${given.length ? html`<strong>${given.length}</strong> given${row?.moved_at ? html`, <strong>${since}</strong> since the crowd moved on at <${Time} at=${row.moved_at} />` : null}` : "No warning is on record."} <${NextWarning} id=${id} /></p>
    ${given.length ? html`<ol class="warned">${given.map((one, i) => html`<li key=${one.id} class=${Date.parse(one.at) > moved ? "" : "warned-over"}>
      <p><strong>${i + 1}.</strong> <${Time} at=${one.at} seconds /> · <${Age} at=${one.at} /> · ${wordFor("texts", one.text)}${one.languages?.length ? ` · ${one.languages.join(", ")}` : ""}${one.seq ? html` · <button type="button" class="linkish inline" onClick=${() => openDrawer("entry", String(one.seq))}>#${one.seq}</button>` : null}</p>
      <p class="badges">${three(!!one.amplified, "amplified", "not amplified")}${three(one.audible, one.heard_at ? `heard at the far side, says ${one.heard_by?.name || one.heard_by?.person}` : "heard at the far side", "not heard at the far side", "not known whether heard")}${one.rear?.length ? html`<span class="badge">confirmed from the rear by ${one.rear.map((who) => who.name || who.person).join(", ")}</span>` : null}${three(!!one.on_camera, "on camera", "not on camera")}${three(one.exits_open, "a way out open", "no way out open", "way out not stated")}${one.weapon ? html`<span class="badge">names ${wordFor("tools", one.weapon)}</span>` : null}</p>
      ${may("ReportAudibility") && Date.parse(one.at) > moved ? html`<p><button type="button" class="button small" onClick=${() => openDrawer("heard", `${id}~${one.id}`)}>Was it heard?…</button></p>` : null}
      ${one.says_what?.length ? html`<p class="small muted">It said: ${one.says_what.join("; ")}</p>` : null}</li>`)}</ol>` : null}
    <dl class="facts"><dt>Ways out open</dt><dd>${!row || row.exits_open === null || row.exits_open === undefined ? html`<span class="warn-text">nobody has looked</span>` : row.exits_open.length ? row.exits_open.join(", ") : html`<strong class="bad-text">none</strong>`}</dd>
      ${row?.exits_closed?.length ? html`<dt>Closed</dt><dd>${row.exits_closed.join(", ")}</dd>` : null}
      ${row?.exits_at ? html`<dt>Looked at</dt><dd><${Time} at=${row.exits_at} /> · <${Age} at=${row.exits_at} /> by <${WhoText} who=${row.exits_by} /></dd>` : null}</dl>
    ${acts.length ? html`<div class="acts">${acts.map(([kind, , words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind, id)}>${words}</button>`)}</div>` : null}
  </section>`;
}

/** When the next one counts is the plan's word: it comes with what is missing for a tool or a level. @param {{id: string}} props */
function NextWarning({ id }) {
  const held = permits.value?.sector === id ? permits.value : null;
  const waits = (held?.items ?? []).filter((one) => one.decision?.effect === "missing" && one.decision.until && (one.decision.missing ?? []).some((what) => /warning/i.test(what)))
    .map((one) => one.decision?.until ?? "").sort((a, b) => Date.parse(a) - Date.parse(b));
  const left_s = waits.length ? secondsLeft(waits[0]) : 0;
  return left_s > 0 ? html`<strong class="warn-text">The next step can count in <span class="num">${countText(Math.ceil(left_s))}</span>.</strong>` : null;
}

/** @param {{id: string}} props */
function Gear({ id }) {
  const list = /** @type {import("../types.d.ts").PostureRow[]} */ (Object.values(rows("posture"))).filter((one) => one.sector === id);
  if (!list.length) return null;
  return html`<section class="permit-panel" aria-labelledby="gear-title"><h3 id="gear-title">Gear and vehicles</h3>
    <ul class="permit-list">${list.map((one) => {
      const up = (one.state ?? "staged") !== "staged";
      const over = up && !!one.until && secondsLeft(one.until) <= 0;
      const key = `${one.sector}~${one.posture}`;
      return html`<li key=${one.id} class=${`permit edge-${over ? "bad" : up ? "warn" : "none"}`} data-posture=${one.posture}>
        <div class="permit-line"><p class="permit-name"><strong>${one.title}</strong></p><span class=${`badge${up ? " badge-warn" : ""}`}>${one.state ?? "staged"}</span></div>
        ${up && one.until ? html`<p class="permit-clock"><${Countdown} until=${one.until} soon_s=${300} left="until it stands down" over="overdue: stand it down or look again" /></p>` : null}
        ${one.by ? html`<p class="small">By <${WhoText} who=${one.by} />${one.since ? html`, <${Time} at=${one.since} />` : null}${one.why ? html`: <q>${one.why}</q>` : null}</p>` : null}
        <div class="acts">${may("ChangePosture") ? html`<button type="button" class="button" onClick=${() => openDrawer("posture", key)}>Change…</button>` : null}
          ${may("AskPosture") ? html`<button type="button" class="button" onClick=${() => openDrawer("askposture", key)}>Ask…</button>` : null}
          ${up && may("RenewPosture") ? html`<button type="button" class="button" onClick=${() => openDrawer("renewposture", key)}>Looked at again…</button>` : null}</div></li>`;
    })}</ul></section>`;
}
