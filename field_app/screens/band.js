/** A wristband's number: scanned, or typed as it is printed. The code of a person who is handed over fills in the rest. */
import { html, useState } from "../../static/lib.js";
import { told } from "../codes.js";
import { Scanner } from "./scanner.js";

/** @param {{field: any, value: any, change: (value: any) => void}} props */
export function BandField({ field, value, change }) {
  const [scanning, setScanning] = useState(false);
  const [needs, setNeeds] = useState("");
  /** @param {string} text */
  function found(text) {
    const carried = told(text);
    setScanning(false);
    setNeeds(carried.needs);
    change(carried.band);
  }
  if (scanning) return html`<${Scanner} say="Hold the wristband in front of the camera." found=${found} close=${() => setScanning(false)} />`;
  return html`<div class="field"><label for="f-wristband">${field.label}<span class="optional"> optional</span></label>
    <div class="field-row"><input id="f-wristband" type="text" autocomplete="off" autocapitalize="characters" spellcheck=${false} value=${value ?? ""} onInput=${(/** @type {any} */ e) => change(e.currentTarget.value)} />
      <button type="button" class="button big" onClick=${() => setScanning(true)}>Scan</button></div>
    ${needs ? html`<p class="told" role="status"><strong>Cannot wait:</strong> ${needs}</p>` : null}</div>`;
}
