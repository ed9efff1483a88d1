/**
 * Quick capture: a few large inputs, for when nobody is signed in. It is sealed to the server at once; command hears of it as
 * soon as it arrives, and its author takes it as theirs later. Nothing here is read back: what was captured is not shown again.
 */
import { html, useState } from "../../static/lib.js";
import { subjectId, uuid7 } from "../../static/ids.js";
import { readBand } from "../../static/wristband.js";
import { told } from "../codes.js";
import { ground, here } from "../state.js";
import { Photo } from "./photo.js";
import { Scanner } from "./scanner.js";

const UNCLAIMED = "unclaimed";

/** @type {[string, string][]} */
const HURT = [["no", "Not hurt"], ["yes", "Hurt, or says so"], ["", "Not known"]];

/** @param {{close: () => void}} props */
export function Capture({ close }) {
  const [values, setValues] = useState(/** @type {Record<string, any>} */ ({ hurt: "" }));
  const [words, setWords] = useState("");
  const [saved, setSaved] = useState("");
  const [scanning, setScanning] = useState(false);
  const [busy, setBusy] = useState(false);
  const place = ground.value;
  const set = (/** @type {string} */ name, /** @type {any} */ value) => setValues((old) => ({ ...old, [name]: value }));
  if (!place) return html`<main class="field-screen" id="main"><h1>Capture</h1><p class="told">This tablet has not seen an incident yet, so it does not know where a record would belong. Sign in once with a network; until then write on paper.</p>
    <button type="button" class="button big wide" onClick=${close}>Back</button></main>`;

  /** @param {"arrest" | "note"} kind */
  const save = async (kind) => {
    setBusy(true); // a finger that taps twice means once
    const one = here();
    const now = one.device?.time().now_ms ?? 0;
    const author = values.author || UNCLAIMED;
    const ids = { arrest: uuid7(now), subject: subjectId() };
    /** @type {import("../outbox.js").Wish[]} */
    const wishes = kind === "note"
      ? [{ incident: place.id, title: "Note", author, command: { type: "RecordEntry", entry: uuid7(now), text: values.conduct ?? "", ...(values.sector ? { sector: values.sector } : {}) } }]
      : [{ incident: place.id, title: "Arrest", author, command: {
        type: "RecordArrest", ...ids, officer: author, ...(values.sector ? { sector: values.sector } : {}), ...(values.wristband ? { wristband: readBand(values.wristband).number } : {}),
        ...(values.hurt ? { injured: values.hurt === "yes" } : {}), ...(values.conduct ? { conduct: values.conduct } : {}),
      } }];
    if (kind === "arrest" && values.photo) {
      const { attachment, key, sha256, size_bytes, media } = values.photo;
      wishes.push({ incident: place.id, title: "Photo", author, files: { [attachment]: key }, command: { type: "AddAttachment", attachment, record: ids.arrest, subject: ids.subject, kind: "photo with officer", sha256, size_bytes, media } });
    }
    try {
      await one.outbox.save(wishes);
      setValues({ hurt: "", author: values.author, sector: values.sector });
      setWords("");
      setSaved(kind === "arrest" ? "The arrest is kept, sealed." : "The note is kept, sealed.");
    } catch (error) {
      setWords(`Not kept: ${/** @type {Error} */ (error).message}. What you wrote is still here.`);
    }
    setBusy(false);
  };

  const empty = !values.conduct && !values.wristband && !values.photo;
  return html`<main class="field-screen" id="main"><header class="field-head"><button type="button" class="button field-back" onClick=${close}><span aria-hidden="true">‹</span> Back</button><h1>Quick capture</h1></header>
    <p class="muted">${place.name}. Nobody is signed in: sealed as it is saved, and claimed by its author later.</p>
    ${saved ? html`<p class="done-words" role="status">✓ ${saved}</p>` : null}${words ? html`<p class="trouble" role="alert">${words}</p>` : null}
    <div class="field"><label for="f-author">Who are you?</label><select id="f-author" autocomplete="off" value=${values.author ?? ""} onChange=${(/** @type {any} */ e) => set("author", e.currentTarget.value)}>
      <option value="">Not in this list: I claim it later</option>${place.people.map(([id, name]) => html`<option key=${id} value=${id}>${name || id}</option>`)}</select></div>
    <div class="field"><label for="f-sector">Where</label><select id="f-sector" autocomplete="off" value=${values.sector ?? ""} onChange=${(/** @type {any} */ e) => set("sector", e.currentTarget.value)}><option value="">Not known</option>${place.sectors.map(([id, name]) => html`<option key=${id} value=${id}>${id === name ? id : `${id} · ${name}`}</option>`)}</select></div>
    ${scanning ? html`<${Scanner} say="Hold the wristband in front of the camera." found=${(/** @type {string} */ text) => { setScanning(false); set("wristband", told(text).band); }} close=${() => setScanning(false)} />`
      : html`<div class="field"><label for="f-wristband">Wristband</label><div class="field-row"><input id="f-wristband" type="text" autocomplete="off" enterkeyhint="next" autocapitalize="characters" value=${values.wristband ?? ""} onInput=${(/** @type {any} */ e) => set("wristband", e.currentTarget.value)} /><button type="button" class="button big" onClick=${() => setScanning(true)}>Scan</button></div>${readBand(values.wristband ?? "").state === "wrong" ? html`<p class="small warn-text" role="status">The last character does not fit the others: look at the band again.</p>` : null}</div>`}
    <${Photo} value=${values.photo} change=${(/** @type {any} */ photo) => set("photo", photo)} label="Photo of the person with the officer" />
    <div class="field"><label for="f-conduct">What this person did, in a sentence; or the note</label><textarea id="f-conduct" rows="3" autocomplete="off" autocapitalize="sentences" spellcheck="true" value=${values.conduct ?? ""} onInput=${(/** @type {any} */ e) => set("conduct", e.currentTarget.value)}></textarea></div>
    <fieldset class="field"><legend>Injury</legend><div class="choices choices-two">${HURT.map(([word, say]) => html`<label class="choice" key=${word}><input type="radio" name="hurt" checked=${values.hurt === word} onChange=${() => set("hurt", word)} /><span>${say}</span></label>`)}</div></fieldset>
    <div class="field-acts"><button type="button" class="button strong huge" disabled=${empty || busy} onClick=${() => save("arrest")}>Keep the arrest</button><button type="button" class="button huge" disabled=${!values.conduct || busy} onClick=${() => save("note")}>Keep as a note</button></div></main>`;
}
