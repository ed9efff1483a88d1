/** Leaving the incident over what is still open: asked for, waived by who may, or told as it happened. Health and safety are never held up. */
import { rows } from "../store.js";
import { command, idLine, note, personOptions, same, select, unitOptions, when } from "./options.js";

/** @typedef {import("./options.js").Spec} Spec */

const because = () => select("because", "Because of", same(["end of shift", "end of task", "health", "safety"]), { none: "Not said" });

/** @type {Record<string, (key: string) => Spec>} */
export const LEAVING = {
  demobilize: (key) => ({
    title: `Demobilize ${rows("people")[key]?.name ?? (key || "a person")}`, command: "Demobilize", intro: "Refused while reports of force, munitions or grants are open, as the plan says; for health or safety never.",
    fields: [...(key ? [] : [select("person", "Who", personOptions((p) => p.on_scene !== false), { required: true })]), because()],
    ways: [{ label: "Release from the incident", build: (v) => command("Demobilize", { person: key || v.person, because: v.because }) }],
  }),
  left: (key) => ({
    title: `${rows("units")[key]?.name ?? (key || "A unit")} has left`, command: "ReportUnitLeft", intro: "It is recorded in any case, with what the unit left open.",
    fields: [...(key ? [] : [select("unit", "Unit", unitOptions(), { required: true })]), because(), when],
    ways: [{ label: "Record", build: (v) => command("ReportUnitLeft", { unit: key || v.unit, because: v.because }) }],
  }),
  waive: (key) => ({
    title: "Let go over what is open", command: "WaiveOpenItems", intro: "For one person, one unit, or the incident. You are responsible for it; what is still open stays on the board.",
    fields: [...(key ? [] : [select("of", "Whom", [...personOptions(), ...unitOptions().map(([id, name]) => /** @type {const} */ ([id, `unit ${name}`]))], { none: "Choose…" }), idLine("other", "Or by id")]), note("reason", "Why", { required: true })],
    validate: (v) => (key || v.of || v.other ? [] : ["Whom: needed"]),
    ways: [{ label: "Waive", build: (v) => command("WaiveOpenItems", { of: key || v.of || v.other, reason: v.reason }) }],
  }),
};
