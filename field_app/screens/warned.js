/**
 * The clock of a warning: when the next one of its sequence can count, from the interval that the plan names. A clock, not a
 * judgement: whether one counted is the server's word. It runs with no network, from what was written here.
 */
import { html, signal, useEffect } from "../../static/lib.js";
import { may, rows } from "../../static/store.js";
import { sectorName } from "../../static/parts.js";
import { sequenceOf, shortFor } from "../../static/plan.js";
import { countText, tick } from "../../static/time.js";
import { address, go } from "../address.js";
import { keepSeen, lastSeen } from "../cache.js";
import { here, incidentId, now_ms } from "../state.js";
import { at } from "./parts.js";

/** `told_ms`: when it was said here, after the warning, whether it was heard. @typedef {{id: string, sector: string, text: string, at_ms: number, audible: boolean | null, told_ms?: number}} Warned */

const MOST = 20;
const SHOWN_MS = 30 * 60_000; // a sequence that nobody went on with by then is over
const UNITS = /** @type {Record<string, number>} */ ({ s: 1000, sec: 1000, min: 60_000, h: 3_600_000 });

/** Those written here, which the board may not have yet. @type {import("../../static/lib.js").Signal<Warned[]>} */
const written = signal([]);

const shelf = () => `warned:${incidentId.peek()}`;

/** @param {any} command a ReportWarning @param {number} occurred_ms */
export async function rememberWarning(command, occurred_ms) {
  written.value = [{ id: command.warning, sector: command.sector, text: command.text, at_ms: occurred_ms, audible: command.audible ?? null }, ...written.peek()].slice(0, MOST);
  await keepSeen(here().db, here().keys, shelf(), written.peek(), occurred_ms);
}

/** What was said here of whether one was heard, until the board says it. @param {any} command a ReportAudibility @param {number} occurred_ms */
export async function rememberHeard(command, occurred_ms) {
  const known = latest().find((one) => one.id === command.warning) ?? written.peek().find((one) => one.id === command.warning);
  if (!known) return;
  const { id, sector, text, at_ms } = known;
  written.value = [{ id, sector, text, at_ms, audible: command.heard, told_ms: occurred_ms }, ...written.peek().filter((one) => one.id !== id)].slice(0, MOST);
  await keepSeen(here().db, here().keys, shelf(), written.peek(), occurred_ms);
}

/** The interval in ms; null where the plan says none, or not as a span of time. @param {string | undefined} text */
export function spanOf(text) {
  const found = /^(\d+(?:\.\d+)?)\s*(s|sec|min|h)$/.exec((text ?? "").trim());
  return found ? Number(found[1]) * UNITS[found[2]] : null;
}

/** The latest warning of each sector, with how many were given since the crowd last moved on. @returns {(Warned & {given: number})[]} */
function latest() {
  /** @type {Map<string, Warned>} */
  const all = new Map(written.value.map((one) => [one.id, one]));
  for (const row of /** @type {any[]} */ (Object.values(rows("warnings")))) {
    for (const one of row.given ?? []) {
      const said = all.get(one.id);
      const newer = said?.told_ms !== undefined && said.told_ms > (Date.parse(one.heard_at ?? "") || 0);
      all.set(one.id, { id: one.id, sector: row.sector, text: one.text, at_ms: Date.parse(one.at), audible: newer ? said.audible : (one.audible ?? null) });
    }
  }
  const moved = (/** @type {string} */ sector) => Date.parse(/** @type {any} */ (rows("warnings")[sector])?.moved_at ?? "") || -Infinity;
  const standing = [...all.values()].filter((one) => one.at_ms > moved(one.sector)).sort((a, b) => b.at_ms - a.at_ms);
  const sectors = [...new Set(standing.map((one) => one.sector))];
  return sectors.map((sector) => {
    const here_ = standing.filter((one) => one.sector === sector);
    const [last] = here_;
    const sequence = sequenceOf(last.text)?.id;
    return { ...last, given: here_.filter((one) => one.text === last.text || (sequence && sequenceOf(one.text)?.id === sequence)).length };
  });
}

/** @param {{sector?: string, counted?: boolean, again?: () => void}} props `counted`: only those to which another one counts; `again`: an empty form, on the page of one that was just kept */
export function WarningClocks({ sector, counted = false, again }) {
  void tick.value;
  useEffect(() => { void lastSeen(here().db, here().keys, shelf()).then((seen) => { if (seen && !written.peek().length) written.value = seen.value; }); }, []);
  const now = now_ms();
  const list = latest().filter((one) => (!sector || one.sector === sector) && now - one.at_ms < SHOWN_MS && (!counted || spanOf(sequenceOf(one.text)?.interval) !== null));
  return list.map((one) => html`<${WarningClock} key=${one.id} one=${one} now=${now} again=${again} />`);
}

/** @param {{one: Warned & {given: number}, now: number, again?: () => void}} props */
function WarningClock({ one, now, again }) {
  const rule = sequenceOf(one.text);
  const span = spanOf(rule?.interval);
  const next_ms = span === null ? null : one.at_ms + span;
  const left_s = next_ms === null ? 0 : Math.ceil((next_ms - now) / 1000);
  const enough = Number(rule?.count) > 0 && one.given >= Number(rule?.count);
  return html`<section class="field-card warning-clock" aria-label=${`Warning in ${sectorName(one.sector)}`}>
    <p><strong>${sectorName(one.sector)}</strong>: ${shortFor(one.text)}, given at ${at(one.at_ms)}. ${rule?.count ? `${one.given} given; the plan asks for ${rule.count}.` : ""}</p>
    ${enough ? html`<p>As many as the plan asks for were given${rule?.wait ? `; then ${rule.wait} to leave` : ""}.</p>`
      : next_ms === null ? html`<p class="muted">The plan names no interval to the next one.</p>`
        : left_s > 0 ? html`<p class="clock-big" role="timer"><span class="num">${countText(left_s)}</span> <span>until the next one can count</span></p><p class="muted small">From ${at(next_ms)}, by the plan’s ${rule?.interval} between two.</p>`
          : html`<p class="clock-big"><span>The next one counts from now on.</span></p>`}
    <${Heard} one=${one} again=${again} /></section>`;
}

/** Whether it was heard, and the way to say so: a card of its own, which the sequence is judged by. @param {{one: Warned, again?: () => void}} props */
function Heard({ one, again }) {
  const form = `heard~${one.sector}~${one.id}`;
  const open = may("ReportAudibility") ? () => (again && address.peek().join("~") === `new~${form}` ? again() : go("new", form)) : null;
  if (one.audible === null) {
    return html`<p class="warn-text">Not known whether it was heard at the far side.</p>
      ${open ? html`<button type="button" class="button huge" onClick=${open}>Say whether it was heard</button>` : null}`;
  }
  return html`<p class=${one.audible ? "ok-text" : "bad-text"}>${one.audible ? "✓ Heard at the far side." : "✕ Not heard at the far side: it does not count."}</p>
    ${open ? html`<button type="button" class="button big" onClick=${open}>Say otherwise…</button>` : null}`;
}
