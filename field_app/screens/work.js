/** The tablet in somebody's hands: one screen, four doors below it, and how the line stands above. */
import { html, useEffect } from "../../static/lib.js";
import { live, rows } from "../../static/store.js";
import { address, go } from "../address.js";
import { incidentId, putAway, tablet, who, workAt, works } from "../state.js";
import { letIn, waiting as newVersion } from "../update.js";
import { Claims, useClaims, useLearnClaims } from "./claims.js";
import { FormScreen } from "./form.js";
import { Home } from "./home.js";
import { Mine, mineCount } from "./mine.js";
import { More } from "./more.js";
import { PlanCard } from "./plan_card.js";
import { Said, Unkept } from "./said.js";
import { Sent, useCounts } from "./sent.js";
import { Line, Screen } from "./parts.js";

/** @type {Record<string, (key: string) => any>} */
const SCREENS = {
  "": () => html`<${Home} />`,
  new: (key) => html`<${FormScreen} key=${key} name=${key} />`,
  sent: (key) => html`<${Sent} of=${key} />`,
  mine: () => html`<${Mine} />`,
  plan: (key) => html`<${PlanCard} sector=${key} />`,
  claims: () => html`<${Claims} />`,
  more: () => html`<${More} />`,
};

export function Work() {
  const [screen, ...rest] = address.value;
  const key = rest.join("~");
  useEffect(() => { document.querySelector("h1")?.focus(); scrollTo(0, 0); }, [screen, key]);
  const show = SCREENS[screen] ?? SCREENS[""];
  return html`<a class="skip" href="#main" onClick=${(/** @type {Event} */ e) => { e.preventDefault(); document.querySelector("h1")?.focus(); }}>To the screen</a>
    <${Top} />${incidentId.value ? (live.ready.value ? show(key) : html`<main class="field-screen" id="main"><h1 tabindex="-1">${workName()}</h1><p role="status">Fetching the picture…</p><p class="muted">With no network nothing of this incident can be shown until it was seen once on this tablet. Captured records are kept all the same.</p></main>`) : html`<${Choose} />`}
    <${Doors} screen=${screen} />`;
}

const workName = () => works.value?.find((one) => one.id === incidentId.value)?.name ?? "";

function Top() {
  return html`<header class="field-top"><${Line} />
    <div class="field-who"><span>${who.value?.name || who.value?.person}</span><button type="button" class="button" onClick=${() => void putAway()}>Lock</button></div>
    ${newVersion.value ? html`<p class="line line-warn">A new version is here. <button type="button" class="button small" onClick=${letIn}>Start it</button></p>` : null}<${Said} /><${Unkept} /></header>`;
}

/** Which incident to work at. */
function Choose() {
  const list = works.value;
  return html`<main class="field-screen" id="main"><h1 tabindex="-1">Where do you work?</h1>
    ${list === null ? html`<p role="status">Looking for the server…</p>` : list.length ? html`<ul class="tiles">${list.map((one) => html`<li key=${one.id}><button type="button" class="tile" onClick=${() => void workAt(one.id)}><strong>${one.name}</strong><span>${one.role}</span></button></li>`)}</ul>`
      : html`<p>You have no role at any incident yet. Whoever runs it invites you.</p>`}</main>`;
}

/** @param {{screen: string}} props */
function Doors({ screen }) {
  const counts = useCounts();
  useLearnClaims();
  const claims = useClaims();
  const owed = mineCount();
  /** @type {[string, string, any][]} */
  const doors = [
    ["", "Home", null],
    ["mine", "Mine", owed || null],
    ["plan", "Plan", null],
    ["sent", "Sent", counts ? (counts.trouble ? "!" : counts.waiting || null) : null],
    ["more", "More", claims.length || null],
  ];
  return html`<nav class="field-doors" aria-label="Screens">${doors.map(([name, words, count]) => html`<button type="button" key=${name} class="field-door" aria-current=${screen === name ? "page" : undefined} onClick=${() => go(name)}>
    ${words}${count ? html` <span class=${`badge${count === "!" ? " badge-bad" : ""}`}>${count === "!" ? html`<span aria-hidden="true">!</span><span class="sr">something came back</span>` : count}</span>` : null}</button>`)}</nav>`;
}

/** The unit of who is signed in, where the board knows it. */
export function myUnit() {
  const me = tablet.value?.keys.held?.person ?? "";
  return /** @type {any} */ (rows("units")[rows("people")[me]?.unit]);
}
