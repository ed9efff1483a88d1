/**
 * Where not to arrest before calling a number: plain clothes, for command alone. Nothing of it is on the socket, the map or
 * any other screen, and nothing says who it is. It is fetched when somebody opens it: each look is on the trail.
 */
import { html, useEffect, useState } from "../lib.js";
import { live, replaying, zone } from "../store.js";
import { Problem, call, incidentPath } from "../api.js";
import { Panel, Time } from "../parts.js";
import { Field } from "../forms/fields.js";

/** @typedef {import("../types.d.ts").NoticeRow} NoticeRow */

const EMPTY = { plain_place: null, plain_call: "", plain_radius_m: "50", plain_hours: "12" };

const FIELDS = /** @type {import("../forms/form.js").FieldSpec[]} */ ([
  { name: "plain_place", label: "Where", kind: "place", required: true, hint: "Nothing is marked there on anybody's map." },
  { name: "plain_call", label: "The number to call first", kind: "line", required: true, hint: "A duty phone. No name, no call sign: nothing here may say who it is." },
  { name: "plain_radius_m", label: "How far around it, in metres", kind: "number", required: true },
  { name: "plain_hours", label: "For how many hours", kind: "number", required: true, hint: "24 at most; it is deleted when it is over." },
]);

export function Deconfliction() {
  const [open, setOpen] = useState(false);
  if (live.me.value?.role !== "commander" || replaying.value) return null;
  return html`<${Panel} id="deconfliction" title="Plain clothes" scroll=${false} tools=${html`<button type="button" class="button small" aria-expanded=${open} aria-controls="deconfliction-body" onClick=${() => setOpen(!open)}>${open ? "Hide" : "Show"}</button>`}>
    <div id="deconfliction-body">${open ? html`<${Register} />` : html`<p class="line-sub panel-words">Places where officers call a number before they arrest anyone. Each look is on the audit trail.</p>`}</div><//>`;
}

function Register() {
  const [list, setList] = useState(/** @type {NoticeRow[] | null} */ (null));
  const [words, setWords] = useState("Fetching…");
  const [said, setSaid] = useState(/** @type {Record<string, any>} */ ({ ...EMPTY }));
  const [busy, setBusy] = useState(false);
  const path = incidentPath(live.at.value?.log ?? "", "deconfliction");

  /** @param {() => Promise<unknown>} act @param {string} done */
  async function doing(act, done) {
    if (busy) return;
    setBusy(true);
    try {
      await act();
      setList((await call("GET", path)).notices);
      setWords(done);
    } catch (error) {
      setWords(error instanceof Problem && error.status === 400 ? `Not taken: ${error.message}` : /** @type {Error} */ (error).message);
    } finally {
      setBusy(false);
    }
  }
  useEffect(() => { void doing(async () => undefined, ""); }, []);

  /** @param {Event} event */
  function keep(event) {
    event.preventDefault();
    const number = String(said.plain_call ?? "").trim(), radius_m = Number(said.plain_radius_m), hours = Number(said.plain_hours);
    if (!said.plain_place || !number) return setWords("Expected a place and a number to call.");
    if (!(radius_m >= 1 && radius_m <= 2000) || !(hours >= 1 && hours <= 24)) return setWords("Expected 1 to 2,000 metres and 1 to 24 hours.");
    return void doing(async () => {
      await call("POST", path, { place: said.plain_place, call: number, radius_m: Math.round(radius_m), hours: Math.round(hours) });
      setSaid({ ...EMPTY });
    }, "Kept, for command alone.");
  }
  return html`<ul class="lines">${(list ?? []).map((one) => html`<li key=${one.id} class="line-item edge-warn" data-notice=${one.id}><div class="line-open">
      <span class="line-text"><strong>${one.says}</strong> <span class="num">${one.call}</span></span>
      <span class="line-sub">within ${one.radius_m} m of <span class="num">${one.place.lat.toFixed(5)}, ${one.place.lon.toFixed(5)}</span> · until <${Time} at=${one.until} /></span>
      <span class="line-acts"><button type="button" class="button small" disabled=${busy} aria-label=${`It is over: ${one.call}`} onClick=${() => doing(() => call("DELETE", `${path}/${encodeURIComponent(one.id)}`), "Ended, and deleted.")}>It is over</button></span></div></li>`)}</ul>
    ${list && !list.length ? html`<p class="empty">No place is registered.</p>` : null}
    <form class="form form-fields panel-words" aria-label="Register a place" onSubmit=${keep}>
      ${FIELDS.map((field) => html`<${Field} key=${field.name} field=${field} wrong=${false} zone=${zone()} value=${said[field.name]} change=${(/** @type {any} */ value) => setSaid((before) => ({ ...before, [field.name]: value }))} />`)}
      <p><button type="submit" class="button" disabled=${busy}>Keep it</button> <span class="small" role="status">${words}</span></p></form>`;
}
