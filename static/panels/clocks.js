/** Clocks of records and of people in custody: what is over, what runs out next, and what runs without a time in the plan. */
import { html, useMemo, useState } from "../lib.js";
import { rows, world } from "../store.js";
import { tick } from "../time.js";
import { Countdown, Panel } from "../parts.js";
import { openPage } from "../url.js";
import { shortNumber } from "../arrests.js";
import { Ago } from "./arrests.js";

/** @typedef {{duty: string, rule: string, says: string, owed_by: string, since: string, due: string, number: string, arrest: string}} Clock */

const FEW = 4; // of one rule; whoever is over comes first

/** Times of one form need no collation, which costs a hundred times as much. @param {string} a @param {string} b */
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Each duty once, those with a time first and by it. @param {Record<string, any>} arrests @param {Record<string, any>} custody @returns {Clock[]} */
function clocks(arrests, custody) {
  /** @type {Map<string, Clock>} */
  const all = new Map();
  for (const one of [...Object.values(arrests), ...Object.values(custody)]) {
    if (one.released_at) continue;
    for (const clock of one.clocks ?? []) if (!all.has(clock.duty)) all.set(clock.duty, { duty: clock.duty, rule: clock.rule, says: clock.says, owed_by: clock.owed_by, since: clock.since, due: clock.due ?? "", number: one.number, arrest: one.arrest || one.id });
  }
  return [...all.values()].sort((a, b) => Number(!a.due) - Number(!b.due) || order(a.due, b.due) || order(a.since, b.since));
}

/** By rule, in the order of what runs out first. @param {Clock[]} list */
function byRule(list) {
  /** @type {Map<string, Clock[]>} */
  const groups = new Map();
  for (const one of list) {
    const group = groups.get(one.rule);
    if (group) group.push(one);
    else groups.set(one.rule, [one]);
  }
  return [...groups.values()];
}

export function Clocks() {
  const arrests = rows("arrests");
  const custody = rows("custody");
  const groups = useMemo(() => byRule(clocks(arrests, custody)), [arrests, custody]);
  void tick.value;
  const now = world.value.clock.now();
  const over = groups.reduce((n, group) => n + group.filter((one) => one.due && Date.parse(one.due) <= now).length, 0);
  return html`<${Panel} id="clocks" title="Clocks" scroll=${false} count=${over ? html`<span class="badge badge-bad">${over} over</span>` : null}>
    ${groups.length ? groups.map((group) => html`<${Group} key=${group[0].rule} group=${group} now=${now} />`) : html`<p class="empty">No clock of a record runs.</p>`}<//>`;
}

/** One rule and those whom it is owed to. @param {{group: Clock[], now: number}} props */
function Group({ group, now }) {
  const [all, setAll] = useState(false);
  const first = group[0];
  const over = group.filter((one) => one.due && Date.parse(one.due) <= now).length;
  return html`<section class=${`clock-group${over ? " edge-bad" : ""}`} data-rule=${first.rule}><h3>${first.says}</h3>
    <p class="line-sub"><b class="num">${group.length}</b>${over ? html` · <span class="badge badge-bad">${over} over</span>` : null} · ${first.owed_by} · <span class="code">${first.rule}</span>${first.due ? "" : " · the plan names no time"}</p>
    <ul class="clock-list">${(all ? group : group.slice(0, FEW)).map((one) => html`<li key=${one.duty} data-duty=${one.duty}><button type="button" class="clock-open" onClick=${() => openPage("record", one.arrest)}><span>${shortNumber(one.number)}</span>${one.due ? html`<${Countdown} until=${one.due} soon_s=${900} over="over" />` : html`<span class="muted">for <${Ago} at=${one.since} bare /></span>`}</button></li>`)}</ul>
    ${group.length > FEW ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Fewer" : `All ${group.length}`}</button>` : null}</section>`;
}
