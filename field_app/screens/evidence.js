/** Pictures and sound below the questions of a form: kept as they were taken, sealed before the record names them. */
import { html } from "../../static/lib.js";
import { may } from "../../static/store.js";
import { inConfidence, takesFiles } from "../attaching.js";
import { Photo } from "./photo.js";
import { Sound } from "./sound.js";

const MOST = 4; // pictures of one record; whatever is more is a record of its own

/** @type {Record<string, string>} */
const SAY = { ReportWarning: "Record the announcement…" };

/** @param {{command: string, values: Record<string, any>, set: (name: string, value: any) => void}} props */
export function Evidence({ command, values, set }) {
  if (!takesFiles(command) || !may("AddAttachment")) return null;
  if (inConfidence(values)) return html`<p class="told">In confidence there is no picture and no sound: the file would name who brought it. Give it to oversight yourself.</p>`;
  const pictures = values.pictures ?? [];
  /** @param {number} n @param {any} value */
  function put(n, value) {
    const next = [...pictures];
    if (value) next[n] = value;
    else next.splice(n, 1);
    set("pictures", next);
  }
  const places = pictures.length < MOST ? [...pictures, undefined] : pictures;
  const sound = html`<${Sound} value=${values.sound} change=${(/** @type {any} */ value) => set("sound", value)} say=${SAY[command] ?? "Record a note by voice…"} />`;
  return html`<div class="evidence">${command in SAY ? sound : null}${places.map((/** @type {any} */ one, /** @type {number} */ n) => html`<${Photo} key=${one?.attachment ?? "next"} value=${one} change=${(/** @type {any} */ value) => put(n, value)} label=${n ? `Picture ${n + 1}` : "Picture"} id=${`f-picture-${n + 1}`} />`)}${command in SAY ? null : sound}</div>`;
}
