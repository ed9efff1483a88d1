/** Records of arrests and people in custody as lists: by public facts only, nothing in a row says who somebody is. */
import { html, useMemo } from "../lib.js";
import { rows, world } from "../store.js";
import { openDrawer, openPage, param, setParams } from "../url.js";
import { Countdown, Time, secondsLeft, sectorOrder, spanText } from "../parts.js";
import { FindingBadge } from "../decision.js";
import { VirtualList } from "../virtual.js";
import { shortNumber } from "../arrests.js";

/** @typedef {import("../types.d.ts").ArrestRow} ArrestRow */
/** @typedef {import("../types.d.ts").CustodyRow} CustodyRow */

/** What has become of somebody whom nobody holds any more. @param {ArrestRow} one */
export const freeWords = (one) => (one.released_how === "died in custody" ? one.released_how : "free");

export const ROW_PX = 56; // three short lines; see .arrest-open in css/arrests.css

/** @type {[string, string][]} */
export const BECAME = [["undecided", "Not decided"], ["cited", "Cited"], ["custody", "Custody"], ["released", "Released"], ["detention only", "Detention only"], ["diverted", "Diverted"], ["transferred", "Transferred"]];

/** What needs someone, as a list's filter. @type {[string, string, (one: ArrestRow) => boolean][]} */
const NEEDS = [
  ["overdue", "Overdue", (one) => [one.due, ...(one.clocks ?? []).map((clock) => clock.due)].some((due) => due && Date.parse(due) <= world.peek().clock.now())],
  ["look", "Finding to look at", (one) => !!one.finding && one.finding.kind !== "authorized"],
  ["unsigned", "Not signed", (one) => !one.signed],
  ["unreviewed", "Not reviewed", (one) => !one.reviewed],
  ["alike", "Accounts alike", (one) => !!one.alike],
  ["protected", "Press, medic, observer", (one) => !!one.protected],
  ["held", "Still held", (one) => !!one.held],
  ["unstated", "Whereabouts not stated in a table", (one) => !!one.unstated],
];

/** @type {Map<string, number>} */
const read = new Map();

/** A time in ms; the same few hundred are asked for at each sort. @param {string} time */
function ms(time) {
  let found = read.get(time);
  if (found === undefined) {
    if (read.size > 20_000) read.clear();
    read.set(time, (found = Date.parse(time)));
  }
  return found;
}

/** Is a word in one of these? A number is found as it is called out too: without its hyphens. @param {readonly (string | undefined)[]} parts @param {string} word */
function fits(parts, word) {
  const text = parts.join("\n").toLowerCase();
  const bare = word.replaceAll("-", "");
  return text.includes(word) || (/\d/.test(bare) && (parts[0] ?? "").toLowerCase().replaceAll("-", "").includes(bare));
}

/**
 * Keys of the search: Enter opens the one that matches, or the one whose number was typed or scanned, whole or its digits;
 * of several it goes to the first, as the arrow down does.
 * @template {{number?: string}} T
 * @param {KeyboardEvent} event @param {readonly T[]} list @param {string} text @param {string} id @param {(one: T) => void} open
 */
function searchKeys(event, list, text, id, open) {
  if (!["Enter", "ArrowDown"].includes(event.key) || !list.length) return;
  event.preventDefault();
  const bare = text.trim().toLowerCase().replaceAll("-", "");
  const meant = list.filter((one) => [...(one.number ?? "").toLowerCase().split("-"), (one.number ?? "").toLowerCase().replaceAll("-", "")].includes(bare));
  const only = !bare ? null : meant.length === 1 ? meant[0] : list.length === 1 ? list[0] : null;
  if (event.key === "Enter" && only) return open(only);
  const box = document.getElementById(id);
  if (!box) return;
  box.scrollTop = 0;
  requestAnimationFrame(() => { const first = box.querySelector('[aria-posinset="1"] button'); if (first instanceof HTMLElement) first.focus(); });
}

/** @param {Record<string, ArrestRow>} all @param {{text: string, sector: string, officer: string, became: string, item: string, need: string}} filter */
export function select(all, filter) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const need = NEEDS.find(([id]) => id === filter.need)?.[2];
  return Object.values(all).filter((one) => (!filter.sector || one.sector === filter.sector)
    && (!filter.officer || one.officer.person === filter.officer)
    && (!filter.became || (one.disposition || "undecided") === filter.became)
    && (!filter.item || one.missing?.some((lack) => lack.item === filter.item))
    && (!need || need(one))
    && (!words.length || words.every((word) => fits([one.number, one.id, one.officer.name, one.officer.person, one.sector, ...(one.charges ?? []), ...(one.statutes ?? [])], word))))
    .sort((a, b) => ms(b.at) - ms(a.at) || (b.seq ?? 0) - (a.seq ?? 0));
}

export function Arrests() {
  const all = rows("arrests");
  const filter = { text: param("aq"), sector: param("as"), officer: param("ao"), became: param("ad"), item: param("ai"), need: param("an") };
  const list = useMemo(() => select(all, filter), [all, ...Object.values(filter)]);
  const total = Object.keys(all).length;
  return html`<${Filters} filter=${filter} all=${all} shown=${list} words=${list.length === total ? `${total} records` : `${list.length} of ${total} records`} />
    <${VirtualList} id="arrest-list" label="Records of arrests, newest first" list=${list} row_px=${ROW_PX} keyOf=${(/** @type {ArrestRow} */ one) => one.id} draw=${(/** @type {ArrestRow} */ one) => html`<${ArrestLine} one=${one} />`} tone=${edge}
      none=${total ? "No record matches." : "No arrest is on record."} />`;
}

/** @param {ArrestRow} one */
const edge = (one) => (one.finding && one.finding.kind !== "authorized" ? (one.finding.kind === "cannot tell" ? "edge-warn" : "edge-bad") : "");

/** @param {{filter: Record<string, string>, all: Record<string, ArrestRow>, shown: readonly ArrestRow[], words: string}} props `shown`: those that match */
function Filters({ filter, all, shown, words }) {
  const list = Object.values(all);
  /** @type {Map<string, string>} */
  const officers = new Map(list.map((one) => [one.officer.person, one.officer.name || one.officer.person]));
  /** @type {Map<string, string>} */
  const items = new Map();
  for (const one of list) for (const lack of one.missing ?? []) if (!items.has(lack.item)) items.set(lack.item, lack.says);
  /** @param {string} name @param {string} label @param {string} none @param {readonly (readonly [string, string])[]} options */
  const box = (name, label, none, options) => html`<select aria-label=${label} value=${param(name)} onChange=${(/** @type {any} */ e) => setParams({ [name]: e.currentTarget.value })}><option value="">${none}</option>${options.map(([id, name_]) => html`<option key=${id} value=${id}>${name_}</option>`)}</select>`;
  return html`<div class="arrest-filters" role="search" aria-label="Filter the records">
    <input id="arrest-search" type="search" aria-label="Number, officer, offence" placeholder="Number, officer, offence  ( / )" autocomplete="off" spellcheck="false" value=${filter.text} onKeyDown=${(/** @type {KeyboardEvent} */ e) => searchKeys(e, shown, filter.text, "arrest-list", (one) => openPage("record", one.id))} onInput=${(/** @type {any} */ e) => setParams({ aq: e.currentTarget.value })} />
    ${box("an", "What it needs", "Any need", NEEDS.map(([id, name]) => [id, name]))}
    ${box("ai", "What is missing", "Any gap", [...items].sort((a, b) => a[1].localeCompare(b[1])))}
    ${box("ad", "What became of it", "Any outcome", BECAME)}
    ${box("as", "Sector of the arrest", "All sectors", sectorOrder(rows("sectors")).map((one) => [one.id, one.name]))}
    ${box("ao", "Arresting officer", "All officers", [...officers].sort((a, b) => a[1].localeCompare(b[1])))}
    <p class="arrest-count" role="status">${words}${filter.text || filter.sector || filter.officer || filter.became || filter.item || filter.need ? html` · <button type="button" class="linkish" onClick=${() => setParams({ aq: "", as: "", ao: "", ad: "", ai: "", an: "" })}>Clear</button>` : null}</p></div>`;
}

/** Marks of a record: each a word, none by colour alone. @param {{one: ArrestRow}} props */
export function Marks({ one }) {
  return html`${one.finding && one.finding.kind !== "authorized" ? html`<${FindingBadge} kind=${one.finding.kind} />` : null}${one.alike ? html`<span class="badge badge-warn">${one.alike} alike</span>` : null}${one.protected ? html`<span class="badge badge-warn">press, medic or observer</span>` : null}${one.injured ? html`<span class="badge badge-bad">hurt</span>` : null}${one.signed ? null : html`<span class="badge badge-warn">not signed</span>`}${one.redacted ? html`<span class="badge badge-warn" data-redacted>private values destroyed</span>` : null}`;
}

/** @param {{one: ArrestRow}} props */
function ArrestLine({ one }) {
  const lacks = one.missing?.length ?? 0;
  const due = earliest(one);
  return html`<button type="button" class="arrest-open" data-arrest=${one.id} onClick=${() => openPage("record", one.id)}>
    <span class="arrest-number">${shortNumber(one.number)}</span>
    <span class="arrest-what"><span class="arrest-charges">${one.charges?.length ? one.charges.join(", ") : "no offence yet"}</span><span class="arrest-sub"><${Time} at=${one.at} zoned=${false} /> · ${one.sector || "place not known"} · ${one.officer.name || one.officer.person}</span></span>
    <span class="arrest-marks"><${Marks} one=${one} /></span>
    <span class="arrest-state"><span>${one.released_at ? freeWords(one) : one.held ? one.disposition || "held" : one.unstated ? "whereabouts not stated" : one.disposition || "not decided"}</span>${lacks ? html`<span class="muted">${lacks} missing</span>` : html`<span class="ok-text">complete</span>`}</span>
    <span class="arrest-due">${due && !one.released_at ? html`<${Countdown} until=${due} soon_s=${900} over="over" />` : null}</span></button>`;
}

/** @param {ArrestRow} one */
const earliest = (one) => [one.due, ...(one.clocks ?? []).map((clock) => clock.due)].filter((due) => !!due).sort()[0];

/** @param {{text: string}} filter @param {Record<string, CustodyRow>} all */
const heldRows = (all, filter) => {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return Object.values(all).filter((one) => !words.length || words.every((word) => fits([one.number, one.id, one.holder?.name, one.station, one.officer?.name, ...(one.charges ?? [])], word)))
    .sort((a, b) => Number(!a.lost) - Number(!b.lost) || ms(a.arrested_at ?? a.since) - ms(b.arrested_at ?? b.since));
};

export function InCustody() {
  const all = rows("custody");
  const text = param("cq");
  const list = useMemo(() => heldRows(all, { text }), [all, text]);
  return html`<div class="arrest-filters" role="search" aria-label="Filter the people in custody"><input id="arrest-search" type="search" aria-label="Number, holder, station" placeholder="Number, holder, station  ( / )" autocomplete="off" spellcheck="false" value=${text} onKeyDown=${(/** @type {KeyboardEvent} */ e) => searchKeys(e, list, text, "custody-list", open)} onInput=${(/** @type {any} */ e) => setParams({ cq: e.currentTarget.value })} /><p class="arrest-count" role="status">${list.length} in custody, the longest first</p></div>
    <${VirtualList} id="custody-list" label="People in custody, the longest held first" list=${list} row_px=${ROW_PX} keyOf=${(/** @type {CustodyRow} */ one) => one.id} draw=${(/** @type {CustodyRow} */ one) => html`<${HeldLine} one=${one} />`} tone=${(/** @type {CustodyRow} */ one) => (one.lost || !one.holder ? "edge-bad" : "")} none="Nobody is in custody." />`;
}

/** @param {CustodyRow} one */
const open = (one) => (one.arrest && rows("arrests")[one.arrest] ? openPage("record", one.arrest) : openDrawer("held", one.id));

/** @param {{one: CustodyRow}} props */
function HeldLine({ one }) {
  return html`<button type="button" class="arrest-open held-open" data-subject=${one.id} onClick=${() => open(one)}>
    <span class="arrest-number">${shortNumber(one.number)}</span>
    <span class="arrest-what"><span class="arrest-charges">${one.holder ? one.holder.name : html`<strong class="bad-text">nobody has them</strong>`}${one.station ? ` · ${one.station}` : ""}</span><span class="arrest-sub">${one.lost || `there for ${spanSince(one.since)}${one.officer ? ` · ${one.officer.name || one.officer.person}` : ""}`}</span></span>
    <span class="arrest-marks">${one.lost ? html`<span class="badge badge-bad">✕ does not fit</span>` : null}${one.received === "awaited" ? html`<span class="badge badge-warn">? not yet confirmed by the receiver</span>` : null}${one.apart ? html`<span class="badge badge-warn">keep apart: minor</span>` : null}${(one.restraints ?? []).map((item) => html`<span class="badge" key=${item.id} title=${`restraints on${item.position ? `, ${item.position}` : ""}; last looked at that long ago`}>${item.kind || "restraints"} · <${Ago} at=${item.checked_at} bare /></span>`)}</span>
    <span class="arrest-state"><span>held <${Ago} at=${one.arrested_at ?? one.since} bare /></span><span class="muted">${one.bags?.length ? `${one.bags.length} ${one.bags.length === 1 ? "bag" : "bags"}` : "no property"}</span></span>
    <span class="arrest-due">${one.due ? html`<${Countdown} until=${one.due} soon_s=${900} over="over" />` : null}</span></button>`;
}

/** @param {{at: string, bare?: boolean}} props */
export function Ago({ at, bare }) {
  return html`<span class="num">${spanText(Math.max(0, -secondsLeft(at)))}${bare ? "" : " ago"}</span>`;
}

/** @param {string} at */
const spanSince = (at) => spanText(Math.max(0, -secondsLeft(at)));

