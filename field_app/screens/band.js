/** A wristband's number and the person who wears it: scanned, or typed as it is printed. */
import { html, useState } from "../../static/lib.js";
import { rows } from "../../static/store.js";
import { shortNumber } from "../../static/arrests.js";
import { readBand } from "../../static/wristband.js";
import { told } from "../codes.js";
import { Scanner } from "./scanner.js";
import { at } from "./parts.js";
import { bandSaid } from "./saved.js";

/** @param {{field: any, value: any, change: (value: any) => void}} props */
export function BandField({ field, value, change }) {
  const [scanning, setScanning] = useState(false);
  if (scanning) return html`<${Scanner} say="Hold the wristband in front of the camera." found=${(/** @type {string} */ text) => { setScanning(false); change(told(text).band); }} close=${() => setScanning(false)} />`;
  const { number } = readBand(value ?? "");
  const twice = bandSaid(number) && !Object.values(rows("arrests")).some((/** @type {any} */ one) => one.wristband === number); // else the card says so
  return html`<div class="field"><label for="f-wristband">${field.label}<span class="optional"> optional</span></label>
    <div class="field-row"><input id="f-wristband" type="text" autocomplete="off" autocapitalize="characters" spellcheck=${false} enterkeyhint="next" value=${value ?? ""} onInput=${(/** @type {any} */ e) => change(e.currentTarget.value)} />
      <button type="button" class="button big" onClick=${() => setScanning(true)}>Scan</button></div>${twice ? html`<p class="small warn-text" role="status">${number} was just recorded on this tablet, for another arrest. One band, one person: look again.</p>` : null}</div>`;
}

/**
 * Whom a form is about, from what was scanned: as the board knows them, else as the card itself says.
 * @param {import("../codes.js").Carried} carried @returns {string} what the form's question about the person holds
 */
function personOf(carried) {
  const band = readBand(carried.band).number;
  const record = /** @type {any[]} */ (Object.values(rows("arrests"))).find((one) => one.id === carried.arrest || (band && one.wristband === band));
  const arrest = record?.id ?? carried.arrest;
  const held = /** @type {any[]} */ (Object.values(rows("custody"))).find((one) => (arrest && one.arrest === arrest) || (carried.subject && one.id === carried.subject));
  return held?.id ?? (arrest || band);
}

/** Whether a number was read as it is printed: of what was typed by hand, or of a code that is torn. @param {{text: string, known: boolean}} props */
export function ReadAs({ text, known }) {
  const { number, state } = readBand(text);
  if (!number) return null;
  if (known) return html`<p class="small ok-text" role="status">✓ ${number} is on this tablet’s board.</p>`;
  if (state === "wrong") return html`<p class="small warn-text" role="status">The last character does not fit the others: look at the band again. It is kept as you typed it.</p>`;
  return html`<p class="small" role="status">${state === "ours" ? "✓ " : ""}${number} is not on this tablet’s board yet.</p>`;
}

/** @type {import("../codes.js").Carried} */
const NOTHING = { band: "", arrest: "", subject: "", since: "", needs: "" };
const TYPED = "~typed"; // no record is called so

/** A number that is typed where no camera reads it. @param {{text: string, set: (text: string) => void, known: boolean}} props */
function Typed({ text, set, known }) {
  return html`<label for="f-about-typed">Number as it is printed</label><input id="f-about-typed" type="text" autocomplete="off" autocapitalize="characters" spellcheck=${false} enterkeyhint="next" value=${text} onInput=${(/** @type {any} */ e) => set(e.currentTarget.value)} /><${ReadAs} text=${text} known=${known} />`;
}

/**
 * Who it is about: scanned or chosen. What a card says is kept beside the answer, for a person whom this tablet's board does
 * not know yet, and for what cannot wait.
 * @param {{field: any, value: any, scanned: any, wrong: boolean, change: (about: string, scanned: any) => void}} props
 */
export function PersonField({ field, value, scanned, wrong, change }) {
  const [scanning, setScanning] = useState(false);
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  if (scanning) {
    return html`<${Scanner} say="Hold the wristband, or the code on the other tablet, in front of the camera." close=${() => setScanning(false)} found=${(/** @type {string} */ text) => {
      const carried = told(text);
      setScanning(false);
      setTyped(null);
      change(personOf(carried), carried);
    }} />`;
  }
  const options = field.options ?? [];
  const known = options.some((/** @type {[string, string]} */ [id]) => id === value);
  const type = (/** @type {string} */ text) => {
    setTyped(text);
    change(personOf({ ...NOTHING, band: text }), undefined);
  };
  return html`<div class=${`field${wrong ? " field-wrong" : ""}`}><label for="f-about">${field.label}</label>
    <button type="button" class="button huge strong wide" onClick=${() => setScanning(true)}>Scan the wristband or the code</button>
    ${options.length || (value && typed === null) ? html`<select id="f-about" aria-required="true" value=${typed !== null ? TYPED : value ?? ""} onChange=${(/** @type {any} */ e) => (e.currentTarget.value === TYPED ? type("") : (setTyped(null), change(e.currentTarget.value, undefined)))}><option value="">Choose…</option>
      <option value=${TYPED}>Type the number…</option>
      ${value && !known && typed === null ? html`<option value=${value}>${scanned?.band || shortNumber(value)} · not on this tablet’s board yet</option>` : null}
      ${options.map((/** @type {[string, string]} */ [id, words]) => html`<option key=${id} value=${id}>${words}</option>`)}</select>`
      : html`<input id="f-about" aria-required="true" type="text" autocomplete="off" autocapitalize="characters" spellcheck=${false} placeholder="or the number as it is printed" value=${typed ?? ""} onInput=${(/** @type {any} */ e) => type(e.currentTarget.value)} /><${ReadAs} text=${typed ?? ""} known=${known} />`}
    ${options.length && typed !== null ? html`<${Typed} text=${typed} set=${type} known=${known} />` : null}
    ${scanned ? html`<p class="told" role="status">Scanned: <strong>${scanned.band || "no wristband"}</strong>${scanned.since ? `, in custody since ${at(scanned.since)}` : ""}.${scanned.needs ? html` <strong>Cannot wait:</strong> ${scanned.needs}` : ""}</p>` : null}</div>`;
}

/**
 * What the card says of a person whom the board did not know goes into the report: the log's own name of the person.
 * @param {any[]} made @param {Record<string, any>} values
 */
export function named(made, values) {
  const carried = values.scanned;
  if (!carried?.subject || values.about !== carried.arrest) return made;
  return made.map((one) => (one.subject === values.about || one.arrest === values.about ? { ...one, arrest: carried.arrest, subject: carried.subject } : one));
}
