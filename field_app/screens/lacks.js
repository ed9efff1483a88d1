/** What a card still lacks, from the plan's own list. A list and a clock: nothing that is missing keeps it from being saved. */
import { html } from "../../static/lib.js";
import { told } from "../../static/plan.js";
import { itemsOf, missing } from "../complete.js";

/** @param {{name: string, spec: any, values: Record<string, any>}} props */
export function Lacks({ name, spec, values }) {
  const needs = /** @type {any} */ (told.value)?.record_needs;
  if (!["arrest", "citation"].includes(name.split("~")[0]) || !needs?.length) return null;
  let made;
  try {
    made = [spec.ways[0].build(values)].flat();
  } catch {
    return null; // half typed
  }
  const arrest = made.find((one) => one.type === "RecordArrest");
  const lacking = arrest ? missing(needs, itemsOf(arrest, made), "transport") : [];
  return html`<details class="field-card lacks"><summary>${lacking.length ? `Still asked for before transport: ${lacking.length}` : "Nothing more is asked for before transport"}</summary>
    <ul>${lacking.map((need) => html`<li key=${need.item}>${need.says} <span class="muted">${need.rule}</span></li>`)}</ul>
    <p class="muted small">Nothing of this keeps the card from being kept, or anyone from care or release.</p></details>`;
}
