/** Custody against citation, by charge and group, for command and oversight alone. No group stands first, no person is a group. */
import { html } from "../lib.js";
import { rows } from "../store.js";
import { param, setParams } from "../url.js";
import { Panel } from "../parts.js";
import { agencyName } from "../decision.js";

/** @typedef {import("../types.d.ts").PanelRow} PanelRow */

/** @type {[PanelRow["by"], string][]} */
const BY = [["all", "All"], ["agency", "Agency"], ["sector", "Sector"], ["unit", "Unit"]];

export function CitationPanel() {
  const all = /** @type {PanelRow[]} */ (Object.values(rows("panel")));
  if (!all.length) return null;
  const by = BY.some(([id]) => id === param("pb")) ? param("pb") : "all";
  const list = all.filter((one) => one.by === by).sort((a, b) => a.charge.localeCompare(b.charge) || a.group.localeCompare(b.group));
  const few = list.some((one) => one.few);
  const cell = (/** @type {number | null | undefined} */ n) => (n === null || n === undefined ? html`<span class="muted" title="too few to be told">few</span>` : n);
  return html`<${Panel} id="panel" title="Custody against citation" scroll=${false} tools=${html`<div class="segmented" role="group" aria-label="By what">${BY.map(([id, words]) => html`<button key=${id} type="button" aria-pressed=${id === by} onClick=${() => setParams({ pb: id })}>${words}</button>`)}</div>`}>
    <table class="table citation"><thead><tr><th scope="col">Offence${by === "all" ? "" : `, ${by}`}</th><th scope="col" class="right">Custody</th><th scope="col" class="right">Cited</th><th scope="col" class="right">Let go</th><th scope="col" class="right">Open</th></tr></thead>
      <tbody>${list.map((one) => html`<tr key=${one.id}><th scope="row">${one.charge}${by === "all" ? null : html`<span class="sub">${by === "agency" ? agencyName(one.group) : one.group}</span>`}</th><td class="right num">${cell(one.custody)}</td><td class="right num">${cell(one.cited)}</td><td class="right num">${cell(one.released)}</td><td class="right num">${cell(one.undecided)}</td></tr>`)}</tbody></table>
    ${few ? html`<p class="small muted panel-pad">Small numbers are left out, because they could identify somebody.</p>` : null}<//>`;
}
