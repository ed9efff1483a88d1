/** What several screens show: how the line stands, how old what one sees is, and a screen's frame. */
import { html, useEffect, useState } from "../../static/lib.js";
import { link, live, rows, zone } from "../../static/store.js";
import { sectorName } from "../../static/parts.js";
import { minuteText, roughText, tick, zoneName } from "../../static/time.js";
import { go } from "../address.js";
import { incidentId, putAway, seen_ms, signedOut, tablet } from "../state.js";

/** A time of the incident, with its zone. @param {number | string | null | undefined} time */
export const at = (time) => `${minuteText(time, zone())} ${zoneName(time, zone())}`;

const STEP_MS = 60_000; // of a clock that is set anew

/** How long ago by the server's clock, in words; a clock that was set back cannot tell. @param {number} then_ms */
export function ago(then_ms) {
  void tick.value;
  const passed_ms = (tablet.value?.device?.time().now_ms ?? then_ms) - then_ms;
  return passed_ms < -STEP_MS ? "an unknown time" : roughText(Math.max(0, passed_ms) / 1000);
}

/** Whether what is seen is the present; with its age where it is not. */
export function Line() {
  const state = link.state.value;
  if (signedOut.value) return html`<p class="line line-bad"><strong>Signed out at the server.</strong> News stop; what you write is kept and sent. <button type="button" class="button small" onClick=${() => void putAway()}>Lock, and sign in again</button></p>`;
  if (!incidentId.value) return html`<p class="line">No incident chosen</p>`;
  if (state === "live") return html`<p class="line line-ok"><span class="dot" aria-hidden="true"></span> Live${live.clock.exercise.value ? " · exercise" : ""}</p>`;
  return html`<p class="line line-warn"><strong>No network.</strong> ${seen_ms.value ? `What you see is ${ago(seen_ms.value)} old.` : "Nothing was seen yet."} What you write is kept here.</p>`;
}

const BOUNCE_MS = 700; // of a gloved finger that taps twice

/** The second touch that it takes to lose something; one that comes right behind the first is none. @param {{label: string, yes: string, disabled?: boolean, act: () => void, keep: () => void}} props */
export function Sure({ label, yes, disabled, act, keep }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), BOUNCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return html`<div class="throw-away" role="group" aria-label=${label}><button type="button" class="button big danger" disabled=${disabled || !over} onClick=${act}>${yes}</button>
    <button type="button" class="button big" onClick=${keep}>Keep it</button></div>`;
}

/** A screen with a way back. @param {{title: string, children?: any, back?: string}} props */
export function Screen({ title, children, back = "" }) {
  return html`<main class="field-screen" id="main">
    <header class="field-head"><button type="button" class="button field-back" onClick=${() => go(back)}><span aria-hidden="true">‹</span> Back</button><h1 tabindex="-1">${title}</h1></header>
    ${children}</main>`;
}

const HIDDEN = new Set(["type", "arrest", "record", "subject", "entry", "attachment", "sha256", "transfer", "report", "observation", "warning", "officer_agency"]);
/** @type {Record<string, string>} */
const CALLED = { conduct: "what they did", offences: "offence", injured: "hurt", size_bytes: "size", to_holder: "to", from_holder: "from", media: "kind of file", what: "what was seen" };

/** @param {string} name @param {any} value @returns {string} */
function readable(name, value) {
  if (name === "sector") return sectorName(value);
  if (name === "place") return `${value.lat.toFixed(5)}, ${value.lon.toFixed(5)}${value.accuracy_m ? `, within ${value.accuracy_m} m` : ""}`;
  if (value === "unclaimed") return "not named";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => readable(name, one)).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return /** @type {any} */ (rows("people")[value])?.name ?? (name === "text" || name === "conduct" ? String(value) : String(value).replaceAll("-", " "));
}

/** What a record says, to whoever may read it. @param {{command: Record<string, any>, children?: any}} props */
export function Says({ command, children }) {
  const said = Object.entries(command).filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length));
  return html`<dl class="says">${said.map(([name, value]) => html`<dt key=${`${name} is`}>${CALLED[name] ?? name.replaceAll("_", " ")}</dt><dd key=${name}>${readable(name, value)}</dd>`)}${children}</dl>`;
}

/** What a command is called where it stands for a record. @param {string} type */
export const kindOf = (type) => KINDS[type] ?? type.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** @type {Record<string, string>} */
const KINDS = { RecordArrest: "Arrest", AddAttachment: "Picture or sound", RecordEntry: "Note", RecordObservation: "Observation", ReportForce: "Force used", ReportWarning: "Warning" };
