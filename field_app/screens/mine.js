/** What is owed by me, ordered to my unit, and answered to me. */
import { html, useEffect, useState } from "../../static/lib.js";
import { keepSeen, lastSeen } from "../cache.js";
import { here, incidentId, now_ms, occurredNow, who } from "../state.js";
import { live, may, rows } from "../../static/store.js";
import { Age, Countdown, Time, levelTitle, sectorName, secondsLeft } from "../../static/parts.js";
import { go } from "../address.js";
import { Screen } from "./parts.js";
import { myUnit } from "./work.js";

const me = () => who.value?.person ?? "";

/** Duties of this person, by name or by the position they hold. */
function myDuties() {
  const held = new Set(Object.values(rows("positions")).filter((one) => one.person?.person === me() || one.person === me()).map((one) => one.id));
  return Object.values(rows("duties")).filter((duty) => !duty.done_at && (duty.owed_by === me() || held.has(duty.owed_by))).sort((a, b) => Date.parse(a.due ?? "9999-01-01") - Date.parse(b.due ?? "9999-01-01"));
}

/** Orders to my unit that it has not acknowledged. */
const myOrders = () => Object.values(rows("orders")).filter((order) => (order.outstanding ?? []).includes(myUnit()?.id) && !order.superseded_by);

/** Asks of mine that wait. */
const myAsks = () => Object.values(rows("asks")).filter((ask) => (ask.by?.person ?? ask.by) === me());

export const mineCount = () => myDuties().length + myOrders().length;

/** Understood: one tap, signed and kept like any record. @param {{order: any}} props */
function Acknowledge({ order }) {
  const [said, setSaid] = useState("");
  async function acknowledge() {
    setSaid("…");
    const unit = myUnit();
    const occurred_ms = occurredNow();
    try {
      const command = { type: "AcknowledgeOrder", order: order.id, unit: unit.id };
      await here().outbox.save([{ incident: incidentId.peek(), title: "Order acknowledged", command, basis_seq: live.at.peek()?.seq ?? null, ...(occurred_ms === undefined ? {} : { occurred_ms }) }], { name: `ack~${order.id}`, fields: { unit: unit.id }, tap: [{ seq: null, command }] });
      setSaid("✓ Acknowledged: kept here, and sent as soon as there is a line.");
    } catch (error) {
      setSaid(`Not kept: ${/** @type {Error} */ (error).message}`);
    }
  }
  return said ? html`<p role="status" class="ok-text">${said}</p>` : html`<button type="button" class="button huge strong wide" onClick=${acknowledge}>Understood: acknowledge for ${myUnit()?.name}</button>`;
}

const ANSWERS_MOST = 10;

/**
 * The answers to what this person asked, the newest first, and what waits. They stay for when the ask is off the board and the
 * network is away.
 */
function useAsks() {
  const waiting = myAsks();
  const [known, setKnown] = useState(/** @type {any[]} */ ([]));
  const shelf = `asks:${incidentId.value}`;
  useEffect(() => { void lastSeen(here().db, here().keys, shelf).then((seen) => { if (seen) setKnown(seen.value); }); }, []);
  const grants = /** @type {any[]} */ (Object.values(rows("grants")));
  const stamp = `${JSON.stringify(waiting.map((one) => one.id))}|${JSON.stringify(grants.map((one) => [one.id, one.until, one.ended]))}|${live.at.value?.seq}`;
  useEffect(() => {
    const next = new Map(known.map((one) => [one.id, one]));
    for (const one of waiting) next.set(one.id, { id: one.id, what: words(one), sector: one.sector, at: one.at, state: "waits", expires: one.expires });
    for (const one of [...next.values()]) {
      if (waiting.some((ask) => ask.id === one.id)) continue;
      const grant = grants.find((each) => each.ask === one.id || each.id === one.id);
      const entry = live.feed.all().findLast((each) => each.record === one.id || each.fields?.ask === one.id);
      if (grant) next.set(one.id, { ...one, state: grant.ended ? "over" : "granted", until: grant.until ?? null, line: entry?.line ?? "" });
      else if (entry && entry.occurred_at !== one.at) next.set(one.id, { ...one, state: /Denied/.test(entry.type) ? "denied" : "answered", line: entry.line });
      else if (one.state === "waits") next.set(one.id, { ...one, state: Date.parse(one.expires) < now_ms() ? "lapsed" : "answered" });
    }
    const list = [...next.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, ANSWERS_MOST);
    if (JSON.stringify(list) === JSON.stringify(known)) return;
    setKnown(list);
    void keepSeen(here().db, here().keys, shelf, list, now_ms());
  }, [stamp]);
  return known;
}

export function Mine() {
  const [orders, duties, asks] = [myOrders(), myDuties(), useAsks()];
  return html`<${Screen} title="Mine">
    <section class="field-card"><h2>Orders to acknowledge</h2>${orders.length ? html`<ul class="plain">${orders.map((order) => html`<li key=${order.id} class="edge-warn mine-item"><p>${order.text}</p><p class="muted small"><${Age} at=${order.at ?? order.given_at} /></p>
      ${may("AcknowledgeOrder") ? html`<${Acknowledge} order=${order} />` : null}</li>`)}</ul>` : html`<p class="muted">None for ${myUnit()?.name ?? "you"}.</p>`}</section>
    <section class="field-card"><h2>Owed by you</h2>${duties.length ? html`<ul class="plain">${duties.map((duty) => html`<li key=${duty.id} class=${`mine-item ${duty.due && secondsLeft(duty.due) <= 0 ? "edge-bad" : "edge-none"}`}><p>${duty.says}</p>
      <p class="small">${duty.due ? html`<${Countdown} until=${duty.due} soon_s=${600} over="overdue" /> · by <${Time} at=${duty.due} />` : "no time set"}</p>
      ${may("DischargeDuty") ? html`<button type="button" class="button big" onClick=${() => go("new", `duty~${duty.id}`)}>Done…</button>` : null}</li>`)}</ul>` : html`<p class="muted">Nothing.</p>`}</section>
    <section class="field-card"><h2>What you asked</h2>${asks.length ? html`<ul class="plain">${asks.map((ask) => html`<li key=${ask.id} class=${`mine-item edge-${ANSWER[ask.state]?.[1] ?? "none"}`}><p><strong>${ANSWER[ask.state]?.[0] ?? ask.state}</strong>: ${ask.what}${ask.sector ? ` in ${sectorName(ask.sector)}` : ""}</p>
      ${ask.line ? html`<p class="small">${ask.line}</p>` : null}${ask.state === "granted" && ask.until ? html`<p class="small"><${Countdown} until=${ask.until} over="over" /></p>` : null}<p class="muted small">asked <${Age} at=${ask.at} /></p></li>`)}</ul>` : html`<p class="muted">Nothing. Answers to what you ask come here.</p>`}</section></${Screen}>`;
}

/** @type {Record<string, [string, string]>} words and tone */
const ANSWER = { waits: ["Waits for an answer", "warn"], granted: ["Granted", "ok"], denied: ["Denied", "bad"], lapsed: ["Nobody answered in time", "bad"], over: ["Granted, and over", "none"], answered: ["Answered", "none"] };

/** @param {any} ask */
const words = (ask) => [(ask.tool || ask.posture || (ask.level && `level ${levelTitle(ask.level)}`) || ask.what || ask.kind || "").replaceAll("-", " "), ask.purpose].filter(Boolean).join(", ");
