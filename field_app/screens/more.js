/** The rest: claims, other forms, the screen, room, the last resort, and leaving. */
import { html, useEffect, useState } from "../../static/lib.js";
import { sizeText } from "../../static/forms/photo.js";
import { MENU } from "../../static/forms/specs.js";
import { may } from "../../static/store.js";
import { go } from "../address.js";
import { specOf } from "../forms.js";
import { saveExport } from "../exporting.js";
import { here, incidentId, putAway, tablet, workAt, works } from "../state.js";
import { kept } from "../update.js";
import { useClaims } from "./claims.js";
import { Screen } from "./parts.js";
import { ScreenSwitch } from "./screen_switch.js";
import { allow, wanted } from "../position.js";

export function More() {
  const claims = useClaims();
  return html`<${Screen} title="More">
    ${claims.length ? html`<button type="button" class="button huge wide" onClick=${() => go("claims")}>Captured while locked: ${claims.length} to claim</button>` : null}
    <${AllForms} />
    ${(works.value?.length ?? 0) > 1 ? html`<div class="field"><label for="f-work">Incident</label><select id="f-work" value=${incidentId.value} onChange=${(/** @type {any} */ e) => void workAt(e.currentTarget.value)}>${works.value?.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select></div>` : null}
    <${ScreenSwitch} /><${Position} /><${Room} /><${LastResort} />
    <div class="field-acts"><button type="button" class="button huge" onClick=${() => void putAway()}>Lock: somebody else takes this tablet</button><button type="button" class="button big" onClick=${() => void putAway(true)}>Sign out</button></div></${Screen}>`;
}

/** Forms are made when they are asked for: some fetch what they offer. */
function AllForms() {
  const [open, setOpen] = useState(false);
  const forms = (/** @type {readonly string[]} */ names) => names.filter((name) => (name !== "agency" || may("AdmitAgency")) && may(specOf(name)?.command ?? ""));
  return html`<details class="field-card" onToggle=${(/** @type {any} */ e) => setOpen(e.currentTarget.open)}><summary>All forms</summary>${open ? MENU.map((group) => {
    const names = forms(group.forms);
    return names.length ? html`<section key=${group.title}><h2>${group.title}</h2><ul class="tiles tiles-small">${names.map((name) => html`<li key=${name}><button type="button" class="tile" onClick=${() => go("new", name)}>${specOf(name)?.title}</button></li>`)}</ul></section>` : null;
  }) : null}</details>`;
}

function Position() {
  return html`<label class="choice"><input type="checkbox" checked=${wanted.value} onChange=${(/** @type {any} */ e) => allow(e.currentTarget.checked)} /><span>Put the position into what I record, with how far it may be off</span></label>`;
}

function Room() {
  const [room, setRoom] = useState(/** @type {any} */ (null));
  useEffect(() => { void here().room().then(setRoom); }, []);
  return html`<section class="field-card"><h2>This tablet</h2><p>${tablet.value?.device?.label} · <span class="code">${tablet.value?.device?.id}</span></p>
    <p>${kept.value ? "Starts with no network." : html`<span class="warn-text">Does not start with no network yet: leave it open within reach of the server.</span>`}</p>
    ${room ? html`<p>${Number.isFinite(room.free_bytes) ? `Room: ${room.free_bytes > 2e9 ? `${Math.floor(room.free_bytes / 1e9)} GB` : sizeText(room.free_bytes)}` : "How much room is left is not known"}. ${room.room === "full" ? html`<strong class="warn-text">No room for pictures; records go on.</strong>` : room.room === "low" ? html`<strong class="warn-text">Room is running out.</strong>` : ""} ${room.kept ? "The browser has promised to keep it." : "The browser may clear it when it runs out of room: hand in often, and do not clear site data."}</p>` : null}</section>`;
}

/** When nothing else is left: what lies here as a file that only the server opens. */
function LastResort() {
  const [words, setWords] = useState("");
  async function save() {
    setWords("Writing…");
    try {
      const size = await saveExport(here().db, `muster-${here().device?.id ?? "tablet"}.sealed`);
      setWords(size === null ? "" : `A file of ${sizeText(size)} was saved: records, photos and sound. Only the server opens it: muster device import.`);
    } catch (error) {
      setWords(`It could not be written: ${/** @type {Error} */ (error).message}`);
    }
  }
  return html`<details class="field-card"><summary>The last resort</summary><p>If this tablet can never reach the server again: save what lies here as a sealed file and carry it there. Nothing leaves the tablet for it.</p>
    <button type="button" class="button big" onClick=${save}>Save the sealed file</button>${words ? html`<p role="status">${words}</p>` : null}</details>`;
}
