/** What does not add up: people whom nobody has or who have no record, numbers that differ, property without an owner. */
import { html, useState } from "../lib.js";
import { may, ownShare, rows, shown } from "../store.js";
import { Panel, Time } from "../parts.js";
import { openDrawer, openPage } from "../url.js";
import { shortNumber } from "../arrests.js";
import { tick } from "../time.js";
import { Ago } from "./arrests.js";
import { rings } from "./lost.js";

/** @typedef {import("../types.d.ts").NumberRow} NumberRow */
/** @typedef {import("../types.d.ts").BagRow} BagRow */

const FEW = 8;
/** @type {Record<string, string>} */
const KINDS = { person: "Person", record: "Record", count: "Head count", issue: "Numbers", site: "Site" };
const ORDER = ["person", "count", "site", "record", "issue"];

export function Alarms() {
  const [all, setAll] = useState(false);
  const list = /** @type {NumberRow[]} */ (Object.values(rows("numbers"))).sort((a, b) => Number(!!b.alarm) - Number(!!a.alarm) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (b.seq ?? 0) - (a.seq ?? 0));
  void tick.value;
  if (!shown("numbers")) return null;
  const alarms = list.filter(rings);
  const quiet = list.filter((one) => !rings(one));
  const bags = /** @type {BagRow[]} */ (Object.values(rows("bags"))).sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
  return html`<${Panel} id="alarms" title="Does not add up" scroll=${false} count=${alarms.length ? html`<span class="badge badge-bad">${alarms.length}</span>` : null}>
    <div role="status" class="sr">${alarms.length ? `${alarms.length} numbers do not add up` : "What is shown here adds up"}</div>
    ${alarms.length ? html`<ul class="lines">${(all ? alarms : alarms.slice(0, FEW)).map((one) => html`<${Line} key=${one.id} one=${one} />`)}</ul>` : html`<p class="empty"><span class="badge badge-ok">✓ adds up</span> ${ownShare() ? "What your agency is shown agrees. The whole is with the lead agency." : "Wristbands, head counts, records and people in custody agree."}</p>`}
    ${alarms.length > FEW ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show all ${alarms.length}`}</button>` : null}
    ${quiet.length ? html`<details class="quiet"><summary>${quiet.length === 1 ? "One that is as it should be" : `${quiet.length} that are as they should be`}</summary><ul class="lines">${quiet.map((one) => html`<${Line} key=${one.id} one=${one} />`)}</ul></details>` : null}<//>
    ${bags.length ? html`<${Panel} id="bags" title="Property astray" scroll=${false} count=${bags.length}><ul class="lines">${bags.map((one) => html`<li key=${one.id} class="line-item edge-warn" data-bag=${one.id}><div class="line-open duty-grid">
      <span class="line-text"><strong>Bag ${one.id}</strong>: ${one.why}</span><span class="line-when"><${Ago} at=${one.since} /></span><span class="line-sub">with ${one.keeper.name}${one.number ? ` · ${shortNumber(one.number)}` : ""}${one.receipt ? ` · receipt ${one.receipt}` : " · no receipt"}${one.items ? ` · ${one.items} things` : ""}${one.evidence ? " · evidence" : ""}${one.lost ? ` · ${one.lost}` : ""}</span>
      ${may("MoveBag") ? html`<button type="button" class="button small duty-act" aria-label=${`Move bag ${one.id}`} onClick=${() => openDrawer("bag", one.id)}>Moved…</button>` : null}</div></li>`)}</ul><//>` : null}`;
}

/** @param {{one: NumberRow}} props */
function Line({ one }) {
  const open = one.arrest ? () => openPage("record", one.arrest ?? "") : one.subject ? () => openDrawer("held", one.subject) : null;
  const inner = html`<span class="line-text">${rings(one) ? html`<span class="bad-text" aria-hidden="true">✕ </span>` : null}<strong>${KINDS[one.kind]}${one.number ? ` ${shortNumber(one.number)}` : one.first ? ` ${one.first} – ${one.last}` : ""}</strong>: ${one.says}</span>
    <span class="line-when">${one.expected !== null && one.expected !== undefined ? html`<span class="num">${one.found} of ${one.expected}</span>` : null}</span><span class="line-sub">${one.holder ? `with ${one.holder.name} · ` : ""}${one.at ? html`<${Time} at=${one.at} />` : null}${one.gaps ? ` · ${one.gaps} skipped` : ""}</span>`;
  return html`<li class=${`line-item${rings(one) ? " edge-bad" : ""}`} data-number=${one.id}>${open ? html`<button type="button" class="line-open duty-grid" onClick=${open}>${inner}</button>` : html`<div class="line-open duty-grid">${inner}</div>`}</li>`;
}
