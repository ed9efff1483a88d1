/** Forms that the street alone needs. */
import { ARREST } from "../static/forms/arrest.js";
import { command, line, note } from "../static/forms/options.js";

/** @typedef {import("../static/forms/options.js").Spec} Spec */

/** The street card of somebody who is cited and goes: one record like any other, and what became of it. @returns {Spec} */
function citation() {
  const card = ARREST.arrest("");
  const [way] = card.ways;
  return {
    ...card, title: "Citation", command: "RecordArrest", intro: "The person is cited and free to go. Each on their own facts, as every record.",
    fields: [...card.fields.filter((field) => field.name !== "officer"), line("citation", "Number of the citation"), note("reason", "Anything that the court should know", { rows: 2 })],
    ways: [{ label: "Record the citation and sign", build: (v) => {
      const made = /** @type {any} */ (way.build)?.(v);
      const [arrest, ...rest] = Array.isArray(made) ? made : [made];
      const ids = { arrest: arrest.arrest, subject: arrest.subject };
      return [{ ...arrest, category: "S" }, ...rest, command("DecideDisposition", { ...ids, disposition: "cited", citation: v.citation, reason: v.reason })];
    } }],
  };
}

/** @type {Record<string, (key: string) => Spec>} */
export const STREET = { citation };
