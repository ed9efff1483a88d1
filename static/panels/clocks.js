/** Clocks of records and of people in custody: what is over, what runs out next, and what runs without a time in the plan. */
import { html, useMemo, useState } from "../lib.js";
import { rows, world } from "../store.js";
import { tick } from "../time.js";
import { Countdown, Panel } from "../parts.js";
import { openPage } from "../url.js";
import { shortNumber } from "../arrests.js";
import { Ago } from "./arrests.js";

/** @typedef {{duty: string, rule: string, says: string, owed_by: string, since: string, due: string, number: string, arrest: string}} Clock */

const FEW = 12;

/** Each duty once, those with a time first and by it. @param {Record<string, any>} arrests @param {Record<string, any>} custody @returns {Clock[]} */
function clocks(arrests, custody) {
  /** @type {Map<string, Clock>} */
  const all = new Map();
  for (const one of [...Object.values(arrests), ...Object.values(custody)]) {
    if (one.released_at) continue;
    for (const clock of one.clocks ?? []) if (!all.has(clock.duty)) all.set(clock.duty, { ...clock, due: clock.due ?? "", number: one.number, arrest: one.arrest || one.id });
  }
  return [...all.values()].sort((a, b) => Number(!a.due) - Number(!b.due) || a.due.localeCompare(b.due) || a.since.localeCompare(b.since));
}

export function Clocks() {
  const [all, setAll] = useState(false);
  const arrests = rows("arrests");
  const custody = rows("custody");
  const list = useMemo(() => clocks(arrests, custody), [arrests, custody]);
  const timed = list.filter((one) => one.due);
  const untimed = list.filter((one) => !one.due);
  void tick.value;
  const now = world.value.clock.now();
  const over = timed.filter((one) => Date.parse(one.due) <= now).length;
  // The plan names no time for these: the oldest of each rule stands for the others.
  const rules = [...new Map(untimed.map((one) => [one.rule, one])).keys()].map((rule) => untimed.filter((one) => one.rule === rule));
  return html`<${Panel} id="clocks" title="Clocks" scroll=${false} count=${over ? html`<span class="badge badge-bad">${over} over</span>` : timed.length}>
    ${timed.length ? html`<ul class="lines">${(all ? timed : timed.slice(0, FEW)).map((one) => html`<${Line} key=${one.duty} one=${one} />`)}</ul>` : html`<p class="empty">No clock with a time in the plan runs.</p>`}
    ${timed.length > FEW ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show all ${timed.length}`}</button>` : null}
    ${rules.length ? html`<h3 class="clock-head">Owed, and the plan names no time</h3><ul class="lines">${rules.map((group) => html`<li key=${group[0].rule} class="line-item"><button type="button" class="line-open duty-grid" onClick=${() => openPage("record", group[0].arrest)}>
      <span class="line-text">${group[0].says}</span><span class="line-when">${group.length > 1 ? html`<b class="num">${group.length}</b>, first ` : null}<${Ago} at=${group[0].since} /></span><span class="line-sub">${shortNumber(group[0].number)} · ${group[0].owed_by} · <span class="code">${group[0].rule}</span></span></button></li>`)}</ul>` : null}<//>`;
}

/** @param {{one: Clock}} props */
function Line({ one }) {
  return html`<li class="line-item" data-duty=${one.duty}><button type="button" class="line-open duty-grid" onClick=${() => openPage("record", one.arrest)}>
    <span class="line-text"><strong>${shortNumber(one.number)}</strong> ${one.says}</span><span class="line-when"><${Countdown} until=${one.due} soon_s=${900} over="over" /></span>
    <span class="line-sub">${one.owed_by} · <span class="code">${one.rule}</span></span></button></li>`;
}
