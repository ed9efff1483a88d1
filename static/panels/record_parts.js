/** Parts of a record's page: events as they were told, values that are withheld, the chains of the person and of each bag. */
import { html } from "../lib.js";
import { openDrawer } from "../url.js";
import { Time, spanText } from "../parts.js";
import { FindingBadge, Rules, WhoText } from "../decision.js";
import { Ago } from "./arrests.js";
import { Part } from "./record.js";

/** @typedef {import("../types.d.ts").RecordView} RecordView */
/** @typedef {import("../types.d.ts").Told} Told */

/** @param {string} name */
export const sayName = (name) => name.replaceAll("_", " ");

/** A value that is not there: withheld from this lens, destroyed, or never written. @param {{one?: Told, name: string, none: string}} props */
export function Sealed({ one, name, none }) {
  if (one?.withheld?.includes(name)) return html`<span class="withheld"><span aria-hidden="true">▒ </span>not shown to your role</span>`;
  if (one?.redacted) return html`<span class="withheld">destroyed on someone’s authority</span>`;
  return html`<span class="warn-text">${none}</span>`;
}

/** @param {unknown} value */
const readable = (value) => (Array.isArray(value) ? value.map((one) => (typeof one === "string" ? one.replaceAll("-", " ") : String(one))).join(", ") : typeof value === "boolean" ? (value ? "yes" : "no") : typeof value === "object" && value ? Object.values(value).join(", ") : String(value));

const PLAIN = new Set(["arrest", "subject", "conduct_written", "why_not_written", "facts_written", "evidence_written", "transfer", "release", "review", "explanation", "restraint", "flag", "bag", "duty", "place"]);

/** What an event says; its public facts too where nothing else on the page tells them. @param {{one: Told, full?: boolean}} props */
export function Said({ one, full }) {
  const said = Object.entries(one.said ?? {}).filter(([, value]) => value);
  const more = full ? Object.entries(one.public ?? {}).filter(([name]) => !PLAIN.has(name)) : [];
  if (!said.length && !more.length && !one.withheld?.length) return null;
  return html`<dl class="facts small">${said.map(([name, value]) => html`<dt key=${`t${name}`}>${sayName(name)}</dt><dd key=${`d${name}`}><span class="pre">${value}</span></dd>`)}${more.map(([name, value]) => html`<dt key=${`p${name}`}>${sayName(name)}</dt><dd key=${`q${name}`}>${readable(value)}</dd>`)}
    ${one.withheld?.length ? html`<dt>Not shown</dt><dd><span class="withheld">▒ ${one.withheld.map(sayName).join(", ")}</span></dd>` : null}</dl>`;
}

/** Events one under the other: when, what, by whom, how it stands and by which rule. @param {{list: readonly Told[]}} props */
export function Events({ list }) {
  if (!list.length) return null;
  return html`<ol class="rec-told">${list.map((one) => html`<${Event} key=${one.event} one=${one} />`)}</ol>`;
}

/** @param {{one: Told}} props */
export function Event({ one }) {
  const tone = one.finding && one.finding.kind !== "authorized" ? (one.finding.kind === "cannot tell" ? "warn" : "bad") : "";
  return html`<li class=${`told-item${tone ? ` told-${tone}` : ""}${one.stands === false ? " told-over" : ""}`} data-type=${one.type} data-seq=${one.seq}>
    <span class="told-at"><${Time} at=${one.at} seconds zoned=${false} /></span>
    <div class="told-what"><p>${one.line}${one.stands === false ? html` <span class="badge">replaced</span>` : null}</p><p class="small muted"><${WhoText} who=${one.by} /> · <button type="button" class="linkish inline" onClick=${() => openDrawer("entry", String(one.seq))}>#${one.seq}</button></p>
      <${Said} one=${one} />
      ${one.finding && one.finding.kind !== "authorized" ? html`<div class="told-finding"><p><${FindingBadge} kind=${one.finding.kind} /> ${(one.finding.reasons ?? []).join("; ")}</p><${Rules} rules=${one.finding.rules} /></div>` : null}
      ${one.decision && one.decision.effect !== "not barred" ? html`<div class="told-finding"><p class="warn-text">${[...(one.decision.reasons ?? []), ...(one.decision.missing ?? [])].join("; ")}</p><${Rules} rules=${one.decision.rules} /></div>` : null}</div></li>`;
}

/** @type {Record<string, string>} */
const RECEIVED = { told: "confirmed, not by the receiver’s own hand", awaited: "? not yet confirmed by the receiver" };

/** Whether the receiver signed for the person; and whom the card had named before it was corrected. @param {{one: import("../types.d.ts").SpanView}} props */
function Received({ one }) {
  const [before, relieved] = [one.before, one.relieved].map((list) => (list ?? []).map((who) => who.name || who.person).join(", "));
  return html`${one.received === "signed" ? html`<span class="sub" data-received="signed">✓ signed for by ${one.received_by?.name || one.received_by?.person || "the receiver"} <${Time} at=${one.received_at} zoned=${false} /></span>` : one.received ? html`<span class=${`badge${one.received === "awaited" ? " badge-warn" : ""}`} data-received=${one.received}>${RECEIVED[one.received]}</span>` : null}
    ${relieved ? html`<span class="sub" data-relieved>${relieved} answered for them there until relieved</span>` : null}
    ${before ? html`<span class="sub" data-before>the card named ${before} until it was corrected (#${one.corrected})</span>` : null}`;
}

/** Where the person was and with whom, hand by hand; and each bag likewise. @param {{data: RecordView}} props */
export function Held({ data }) {
  const events = [data.transfers, data.stations, data.restraint_events, data.care, data.guardian, data.holds, data.releases].flatMap((one) => one ?? []).sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.seq - b.seq);
  const on = (data.restraints ?? []).filter((one) => !one.off);
  return html`<${Part} title="In custody: from hand to hand" id="rec-custody">
    ${data.custody?.length ? html`<ol class="chain" aria-label="Who had the person">${data.custody.map((one, i) => html`<li key=${one.seq} class=${one.holder ? (one.until ? "" : "chain-now") : "chain-free"}><strong>${one.holder ? one.holder.name : one.how || "free"}</strong>${one.officer && one.officer.person !== one.holder?.id ? html`<span class="sub">${one.officer.name || one.officer.person}</span>` : null}
      <span class="sub"><${Time} at=${one.since} zoned=${false} /> ${one.until ? `for ${spanText((Date.parse(one.until) - Date.parse(one.since)) / 1000)}` : one.holder ? html`· for <${Ago} at=${one.since} bare />` : ""}</span>${i < (data.custody?.length ?? 0) - 1 ? html`<span class="chain-arrow" aria-hidden="true">→</span>` : null}<${Received} one=${one} /></li>`)}</ol>` : html`<p class="muted">Nobody is on record as having had the person.</p>`}
    ${on.map((one) => html`<p key=${one.restraint} class="restraint-on"><span class="badge badge-warn">restraints on</span> ${one.kind || "restraints"}${one.position ? `, ${one.position}` : ""}: on for <${Ago} at=${one.on} bare />, looked at <${Ago} at=${one.looks?.length ? one.looks[one.looks.length - 1] : one.on} /></p>`)}
    <${Events} list=${events} />
    <h4>Property</h4>${data.property?.length ? data.property.map((bag) => html`<div class="bag" key=${bag.bag} data-bag=${bag.bag}><p><strong>Bag ${bag.bag}</strong> with ${bag.keeper.name}, ${bag.keeper.kind} · ${bag.receipt ? `receipt ${bag.receipt}` : html`<span class="warn-text">no receipt</span>`}${bag.items ? ` · ${bag.items} things` : ""}${bag.evidence ? " · evidence" : ""}${bag.lost ? html` <span class="badge badge-bad">✕ ${bag.lost}</span>` : null}</p><${Events} list=${bag.chain ?? []} /></div>`) : html`<p class="muted">No property is on record.</p>`}<//>`;
}
