/**
 * What cannot wait: somebody of whom nobody is certain where they are, with the last two who had them and the rule; and, as
 * another alarm, a site that is full. They stand on the dashboard and on the processing page, and go when an event clears them.
 */
import { html } from "../lib.js";
import { may, rows } from "../store.js";
import { Panel, Time, secondsLeft } from "../parts.js";
import { openDrawer, openPage } from "../url.js";
import { shortNumber } from "../arrests.js";
import { tick } from "../time.js";

/** @typedef {import("../types.d.ts").NumberRow} NumberRow */

/** An alarm now: said to be one, or a time that has come without an arrival. @param {NumberRow} one */
export const rings = (one) => !!one.alarm || (!!one.alarm_at && secondsLeft(one.alarm_at) <= 0);

/** @param {(one: NumberRow) => boolean} of */
const ringing = (of) => /** @type {NumberRow[]} */ (Object.values(rows("numbers"))).filter((one) => of(one) && rings(one)).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));

export function Lost() {
  void tick.value;
  const lost = ringing((one) => !!one.lost);
  const full = ringing((one) => one.kind === "site");
  return html`<div role="status" class="sr">${lost.length ? `${lost.length} in custody cannot be accounted for` : ""}${full.length ? ` ${full.length} sites are full` : ""}</div>
    ${lost.length ? html`<${Panel} id="lost" title="Lost in custody" scroll=${false} count=${html`<span class="badge badge-bad">${lost.length}</span>`}><ul class="lines">${lost.map((one) => html`<${Missing} key=${one.id} one=${one} />`)}</ul><//>` : null}
    ${full.length ? html`<${Panel} id="full" title="Sites that are full" scroll=${false} count=${full.length}><ul class="lines">${full.map((one) => html`<li key=${one.id} class="line-item edge-warn" data-number=${one.id}><div class="line-open"><span class="line-text">${one.says}</span>${rule(one)}</div></li>`)}</ul><//>` : null}`;
}

/** @param {NumberRow} one */
const rule = (one) => (one.rules?.length ? html` <span class="line-sub code">${one.rules.join(", ")}</span>` : null);

/** @param {{one: NumberRow}} props */
function Missing({ one }) {
  const who = one.number ? shortNumber(one.number) : one.among?.length ? `one or more of ${one.among.map(shortNumber).join(", ")}` : "somebody";
  // A number that is cut at the end of a line is read wrong.
  const told = one.number || !one.among?.length ? html`<span class="whole">${who}</span>` : html`one or more of ${one.among.map((number, n) => html`${n ? ", " : ""}<span class="whole" key=${number}>${shortNumber(number)}</span>`)}`;
  const open = one.arrest ? () => openPage("record", one.arrest ?? "") : one.subject ? () => openDrawer("held", one.subject) : null;
  const had = one.holders?.length ? one.holders : one.holder ? [one.holder] : [];
  return html`<li class="line-item edge-bad" data-number=${one.id}><div class="line-open">
    <span class="line-text"><span class="bad-text" aria-hidden="true">✕ </span>${open ? html`<button type="button" class="linkish plain" onClick=${open}><strong>${told}</strong></button>` : html`<strong>${told}</strong>`}: ${one.kind === "count" ? `${one.found} of ${one.expected} heads counted` : one.says}</span>
    <span class="line-sub">last with ${had.map((holder) => holder.name).join(", before that ") || "nobody"}${one.at ? html` · since <${Time} at=${one.at} />` : null}</span>${rule(one)}
    ${one.subject && may("AnswerForCustody") ? html`<span class="line-acts"><button type="button" class="button small" aria-label=${`Ask who has ${who}`} onClick=${() => openDrawer("answerfor", one.subject)}>Is the person there?…</button><button type="button" class="button small" aria-label=${`Hand over ${who}`} onClick=${() => openDrawer("handover", one.subject)}>Hand over…</button></span>` : null}</div></li>`;
}
