/** Where a record was written: taken as it is saved, shown with how far it may be off, left out where its author says so. */
import { html, useEffect } from "../../static/lib.js";
import { found, lookOut, spotNow, trouble, wanted } from "../position.js";

/** Reports of what happened where its author stands. An assignment's place is another matter. */
const PLACED = new Set(["RecordArrest", "RecordObservation", "ReportWarning", "ReportForce", "HandOver", "FlagDistress", "ReportAudibility"]);

/** @param {string} command a command's name */
export const takesPlace = (command) => PLACED.has(command);

/**
 * The first of what one tap makes, with the place where it is: unless one was given, it was left out, or it happened earlier.
 * @param {any[]} made @param {Record<string, any>} values
 */
export function placed(made, values) {
  const [first, ...rest] = made;
  if (!first || !takesPlace(first.type) || first.place || values.place === null || values.when) return made;
  const place = spotNow();
  return place ? [{ ...first, place }, ...rest] : made;
}

/** What came back is where it was when it was first written. @param {any[]} made @param {import("../mending.js").Mending} mending @param {Record<string, any>} values */
export function placedAs(made, mending, values) {
  const [first, ...rest] = made;
  const place = mending.tap.find((one) => one.command.type === first?.type)?.command.place;
  return first && takesPlace(first.type) && place && values.place !== null && !first.place ? [{ ...first, place }, ...rest] : made;
}

/** @param {{value: any, change: (value: any) => void}} props */
export function Whereabouts({ value, change }) {
  useEffect(() => (wanted.value ? lookOut() : undefined), [wanted.value]);
  if (!wanted.value) return html`<p class="small muted">Position is switched off on this tablet (under More).</p>`;
  const out = value === null;
  const spot = found.value;
  return html`<div class="whereabouts"><p role="status">${out ? "Position left out of this record." : spot ? html`Position: within <strong>${spot.accuracy_m} m</strong>, taken as you save.` : trouble.value || "Looking for the position; saving does not wait for it."}</p>
    ${out || spot ? html`<button type="button" class="button big" onClick=${() => change(out ? undefined : null)}>${out ? "Put it in" : "Leave it out"}</button>` : null}</div>`;
}
