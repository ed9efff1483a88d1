/** What follows force: aid, medical help, a supervisor without a part in it, what the report still lacks. Open ones on the board. */
import { html, useState } from "../lib.js";
import { may, rows } from "../store.js";
import { Age, Countdown, Panel, Time, sectorName, spanText } from "../parts.js";
import { WhoText } from "../decision.js";
import { openDrawer } from "../url.js";

/** @typedef {import("../types.d.ts").CareRow} CareRow */

const FEW = 3;

/** @type {Record<string, string>} */
const STEPS = {
  AidOffered: "aid offered", AidGiven: "aid given", InjuryNoted: "injury noted", NoInjurySeen: "no injury found", MedicalHelpRequested: "medical help asked for", MedicalHelpArrived: "medical help arrived",
  MedicalHelpRefused: "medical help refused by the person", SupervisorCalled: "supervisor called", SupervisorOnScene: "supervisor at the place",
};

/** @type {[string, string, string][]} */
const ACTS = [["aid", "RecordAid", "Aid…"], ["medical", "RecordMedicalHelp", "Medical…"], ["supervisor", "RecordSupervisor", "Supervisor…"], ["injury", "RecordInjury", "Injury…"]];

/** @param {CareRow} one */
const open = (one) => !!one.owed?.length || one.complete === false;

export function Aftercare() {
  const [all, setAll] = useState(false);
  const list = /** @type {CareRow[]} */ (Object.values(rows("care"))).filter(open).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
  const critical = /** @type {import("../types.d.ts").CriticalRow[]} */ (Object.values(rows("critical"))).filter((one) => !one.cared_for);
  if (!list.length && !critical.length) return null;
  return html`<${Panel} id="aftercare" title="After force" class="aftercare" scroll=${false} count=${list.length}>
    ${critical.length ? html`<ul class="lines">${critical.map((one) => html`<li key=${one.id} class="line-item edge-bad"><div class="line-open duty-grid"><span class="line-text"><strong>Critical event: ${one.kind}</strong>${one.sector ? ` in ${sectorName(one.sector)}` : ""}</span>
      <span class="line-when"><${Age} at=${one.at} /></span><span class="line-sub">The officers concerned are to be looked after.</span>
      ${may("RecordWelfareCheck") ? html`<button type="button" class="button small duty-act" onClick=${() => openDrawer("welfare", one.id)}>Looked after…</button>` : null}</div></li>`)}</ul>` : null}
    <ul class="cards">${(all ? list : list.slice(0, FEW)).map((one) => html`<${CareCard} key=${one.id} one=${one} />`)}</ul>
    ${list.length > FEW ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show all ${list.length}`}</button>` : null}
  <//>`;
}

/** @param {{name: string, s?: number | null, owed: boolean}} props */
function Step({ name, s, owed }) {
  if (s !== null && s !== undefined) return html`<span class="badge badge-ok">✓ ${name} after ${spanText(s)}</span>`;
  return owed ? html`<span class="badge badge-warn">? ${name}</span>` : null;
}

/** @param {{one: CareRow}} props */
function CareCard({ one }) {
  const acts = ACTS.filter(([, cmd]) => may(cmd));
  return html`<li class="card care" data-care=${one.id}>
    <p class="card-line"><strong>${one.what}</strong>${one.sector ? html`<span class="muted"> in </span>${sectorName(one.sector)}` : null} · <${Age} at=${one.at} />${one.seq ? html` · <button type="button" class="linkish inline" onClick=${() => openDrawer("care", one.id)}>#${one.seq}</button>` : null}</p>
    <p class="badges"><${Step} name="aid" s=${one.aid_s} owed=${true} /><${Step} name="medical help" s=${one.medical_s} owed=${true} /><${Step} name="supervisor" s=${one.supervisor_s} owed=${true} />
      ${one.complete === false ? html`<span class="badge badge-warn">report not complete</span>` : null}${one.report_due && one.complete === false ? html` <${Countdown} until=${one.report_due} soon_s=${600} over="overdue" />` : null}</p>
    ${acts.length ? html`<div class="line-acts">${acts.map(([kind, , words]) => html`<button key=${kind} type="button" class="button small" onClick=${() => openDrawer(kind, one.id)} aria-label=${`${words} ${one.what} #${one.seq}`}>${words}</button>`)}</div>` : null}
  </li>`;
}

/** All that is on record after one report. @param {{id: string}} props */
export function CareDetail({ id }) {
  const one = /** @type {CareRow | undefined} */ (rows("care")[id]);
  if (!one) return html`<p class="empty">Nothing is on record under this report.</p>`;
  const duties = (one.owed ?? []).map((duty) => rows("duties")[duty]).filter(Boolean);
  return html`<div class="detail"><p class="in-force-name">${one.what}${one.sector ? ` in ${sectorName(one.sector)}` : ""}</p>
    <p><${Time} at=${one.at} seconds /> · <${Age} at=${one.at} /> ${one.injured ? html`<span class="badge badge-bad">someone is hurt</span>` : null}</p>
    ${one.steps?.length ? html`<h3>What was done</h3><ul class="warned">${one.steps.map((step) => html`<li key=${step.seq} class=${step.counts === false ? "warned-over" : ""}><p><strong>${STEPS[step.what] ?? step.what}</strong> · <${Time} at=${step.at} seconds />${step.who ? html` · <${WhoText} who=${step.who} />` : null}${step.unit ? ` · ${rows("units")[step.unit]?.name ?? step.unit}` : ""} · <button type="button" class="linkish inline" onClick=${() => openDrawer("entry", String(step.seq))}>#${step.seq}</button></p>
      ${step.counts === false ? html`<p class="small warn-text">It ends no duty: ${step.why}</p>` : null}</li>`)}</ul>` : html`<p class="muted">Nothing was recorded yet.</p>`}
    ${one.supervisors?.length ? html`<h3>Who could come</h3><p class="muted small">On duty here, with the rank for it and no part in it; those in the sector first. This list sends nobody.</p><ul class="permits">${one.supervisors.map((who) => html`<li key=${who.person}><${WhoText} who=${who} /></li>`)}</ul>` : null}
    ${one.missing?.length ? html`<h3>What the report does not say yet</h3><ul class="permits">${one.missing.map((what) => html`<li key=${what}>${what}</li>`)}</ul>
      ${may("ReportForce") ? html`<div class="acts"><button type="button" class="button" onClick=${() => openDrawer("again", one.id)}>State the report anew…</button></div>` : null}` : null}
    ${duties.length ? html`<h3>Still owed</h3><ul class="permits">${duties.map((duty) => html`<li key=${duty.id}>${duty.says} <span class="muted">by ${duty.owed_by}</span></li>`)}</ul>` : null}
    <div class="acts">${[...ACTS, ["critical", "DeclareCriticalEvent", "Critical event…"]].filter(([, cmd]) => may(cmd)).map(([kind, , words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind, id)}>${words}</button>`)}</div>
  </div>`;
}
