/** What is owed by me, ordered to my unit, and answered to me. */
import { html } from "../../static/lib.js";
import { may, rows } from "../../static/store.js";
import { Age, Countdown, Time, secondsLeft } from "../../static/parts.js";
import { go } from "../address.js";
import { who } from "../state.js";
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

export function Mine() {
  const [orders, duties, asks] = [myOrders(), myDuties(), myAsks()];
  return html`<${Screen} title="Mine">
    <section class="field-card"><h2>Orders to acknowledge</h2>${orders.length ? html`<ul class="plain">${orders.map((order) => html`<li key=${order.id} class="edge-warn mine-item"><p>${order.text}</p><p class="muted small"><${Age} at=${order.at ?? order.given_at} /></p>
      ${may("AcknowledgeOrder") ? html`<button type="button" class="button big wide" onClick=${() => go("new", `ack~${order.id}`)}>Acknowledge…</button>` : null}</li>`)}</ul>` : html`<p class="muted">None for ${myUnit()?.name ?? "you"}.</p>`}</section>
    <section class="field-card"><h2>Owed by you</h2>${duties.length ? html`<ul class="plain">${duties.map((duty) => html`<li key=${duty.id} class=${`mine-item ${duty.due && secondsLeft(duty.due) <= 0 ? "edge-bad" : "edge-none"}`}><p>${duty.says}</p>
      <p class="small">${duty.due ? html`<${Countdown} until=${duty.due} soon_s=${600} over="overdue" /> · by <${Time} at=${duty.due} />` : "no time set"}</p>
      ${may("DischargeDuty") ? html`<button type="button" class="button big" onClick=${() => go("new", `duty~${duty.id}`)}>Done…</button>` : null}</li>`)}</ul>` : html`<p class="muted">Nothing.</p>`}</section>
    <section class="field-card"><h2>What you asked</h2>${asks.length ? html`<ul class="plain">${asks.map((ask) => html`<li key=${ask.id} class="mine-item edge-none"><p>${ask.says ?? ask.what ?? ask.kind}</p><p class="muted small">waits since <${Age} at=${ask.at ?? ask.asked_at} /></p></li>`)}</ul>` : html`<p class="muted">Nothing waits. Answers are in the log of the command post and here while they wait.</p>`}</section></${Screen}>`;
}
