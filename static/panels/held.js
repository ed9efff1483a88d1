/** Somebody in custody under no record that is on this board: who has them, and what can be done about it at once. */
import { html } from "../lib.js";
import { may, rows } from "../store.js";
import { openDrawer, openPage } from "../url.js";
import { Countdown, Time } from "../parts.js";
import { WhoText } from "../decision.js";
import { shortNumber } from "../arrests.js";
import { Ago } from "./arrests.js";
import { rings } from "./lost.js";

/** @type {[string, string, string][]} */
const ACTS = [["handover", "HandOver", "Hand over…"], ["received", "AnswerForCustody", "Received…"], ["answerfor", "AnswerForCustody", "Is the person there?…"], ["station", "EnterStation", "Station…"], ["caregiven", "RecordCare", "Care…"], ["property", "TakeProperty", "Property…"], ["guardian", "CallGuardian", "Guardian…"], ["free", "ReleasePerson", "Release…"]];

/** @param {{id: string}} props */
export function HeldDetail({ id }) {
  const one = /** @type {import("../types.d.ts").CustodyRow | undefined} */ (rows("custody")[id]);
  if (!one) return html`<p class="empty">Nobody is in custody under this number now.</p>`;
  const numbers = /** @type {import("../types.d.ts").NumberRow[]} */ (Object.values(rows("numbers"))).filter((row) => row.subject === id && rings(row));
  return html`<div class="detail"><p class="in-force-name">${shortNumber(one.number)}</p>
    ${numbers.map((row) => html`<p key=${row.id} class="lapse-note">${row.says}</p>`)}
    ${one.arrest ? null : html`<p class="warn-text">There is no arrest record for this person on the board, and nobody may be held without one.</p>`}
    <dl class="facts"><dt>With</dt><dd>${one.holder ? `${one.holder.name} (${one.holder.kind ?? ""})` : html`<strong class="bad-text">nobody</strong>`} since <${Time} at=${one.since} /></dd>${one.lost ? html`<dt>Not certain</dt><dd class="bad-text">${one.lost}</dd>` : null}
      <dt>Held for</dt><dd><${Ago} at=${one.arrested_at ?? one.since} bare /></dd><dt>Officer</dt><dd><${WhoText} who=${one.officer} none="not said" /></dd><dt>Station</dt><dd>${one.station || "none"}</dd><dt>Bags</dt><dd>${one.bags?.join(", ") || "none"}</dd></dl>
    ${one.clocks?.length ? html`<h3>Clocks</h3><ul class="permits">${one.clocks.map((clock) => html`<li key=${clock.duty}>${clock.says} ${clock.due ? html`<${Countdown} until=${clock.due} soon_s=${900} over="over" />` : html`<${Ago} at=${clock.since} />`} <span class="code">${clock.rule}</span></li>`)}</ul>` : null}
    <div class="acts">${one.arrest ? html`<button type="button" class="button" onClick=${() => openPage("record", one.arrest ?? "")}>The record</button>` : null}${ACTS.filter(([, cmd]) => may(cmd)).map(([kind, , words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind, id)}>${words}</button>`)}</div></div>`;
}
