/**
 * What follows force or an injury: aid, medical help, a supervisor who had no part in it, care for the officers. Each is
 * recorded when it happens, under the report that it belongs to; none of it is ever refused.
 */
import { rows } from "../store.js";
import { check, command, idLine, line, newId, note, personOptions, same, sector, select, unitOptions, when, yesNo, tri } from "./options.js";

/** @typedef {import("./options.js").Spec} Spec */

/** The record that it is about: given by the button, else one of those on the board. @param {string} key @returns {import("./form.js").FieldSpec[]} */
function about(key) {
  if (key) return [];
  const known = Object.values(rows("care")).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
  return [known.length ? select("record", "After which report", known.map((one) => [one.id, `${one.what}${one.sector ? `, ${one.sector}` : ""} (#${one.seq})`]), { required: true }) : idLine("record", "After which report", { required: true, hint: "The report’s id." })];
}

/** @param {string} key */
const named = (key) => (rows("care")[key] ? `: ${rows("care")[key].what} (#${rows("care")[key].seq})` : "");

/** Supervisors on duty who had no part in it, those in the sector first; then everybody else. @param {string} key @returns {(readonly [string, string])[]} */
function supervisors(key) {
  const near = /** @type {any[]} */ (rows("care")[key]?.supervisors ?? []);
  const first = new Set(near.map((one) => one.person));
  return [...near.map((one) => /** @type {const} */ ([one.person, `${one.name || one.person} · had no part in it`])), ...personOptions((p) => p.on_scene !== false && !first.has(p.id))];
}

/** @type {Record<string, (key: string) => Spec>} */
export const AFTERCARE = {
  aid: (key) => ({
    title: `First aid${named(key)}`, command: "RecordAid", intro: "Offered or given after force, or to someone who was hurt.",
    fields: [...about(key), select("step", "What", [["given", "Aid was given"], ["offered", "Aid was offered"]], { required: true }), yesNo("accepted", "If offered: accepted"),
      select("by", "By whom", personOptions(), { none: "Not said" }), select("unit", "Which unit", unitOptions(), { none: "Not said" }), note("note", "What was done"), when],
    ways: [{ label: "Record", build: (v) => command("RecordAid", { record: key || v.record, step: v.step, by: v.by, unit: v.unit, accepted: v.step === "offered" ? tri(v.accepted) : undefined, note: v.note }) }],
  }),
  medical: (key) => ({
    title: `Medical help${named(key)}`, command: "RecordMedicalHelp", intro: "Each step when it happens: asked for, arrived, or refused by the person.",
    fields: [...about(key), select("step", "What", [["requested", "It was asked for"], ["arrived", "It has arrived"], ["refused", "The person refused it"]], { required: true }),
      line("service", "Which service", { suggest: ["EMS", "fire department", "event medics"] }), select("unit", "Which unit", unitOptions(), { none: "Not said" }), select("by", "By whom", personOptions(), { none: "Not said" }), note("note", "More"), when],
    ways: [{ label: "Record", build: (v) => command("RecordMedicalHelp", { record: key || v.record, step: v.step, by: v.by, unit: v.unit, service: v.service, note: v.note }) }],
  }),
  injury: (key) => ({
    title: `Injury, or none${named(key)}`, command: "RecordInjury", intro: "What can be seen and what the person complains of. If neither: it is recorded that nobody was found hurt.",
    fields: [check("visible", "An injury can be seen"), check("complaint", "The person complains of pain or injury"), check("asked", "The person was asked"), note("what", "What is seen or said"), ...(key ? [] : [sector(false)]), when],
    ways: [{ label: "Record", build: (v) => command("RecordInjury", { injury: newId(), record: key || undefined, visible: v.visible || undefined, complaint: v.complaint || undefined, asked: v.asked || undefined, what: v.what, sector: v.sector }) }],
  }),
  supervisor: (key) => ({
    title: `Supervisor${named(key)}`, command: "RecordSupervisor", intro: "Someone who neither ordered nor authorized it nor took part. If someone with a part in it reviews, that is recorded too, but the duty stays open.",
    fields: [...about(key), select("step", "What", [["called", "Was called"], ["on scene", "Is at the place"]], { required: true }), select("supervisor", "Who", supervisors(key), { none: "Me, or whoever is free" }), when],
    ways: [{ label: "Record", build: (v) => command("RecordSupervisor", { record: key || v.record, step: v.step, supervisor: v.supervisor }) }],
  }),
  critical: (key) => ({
    title: `Critical event${named(key)}`, command: "DeclareCriticalEvent", intro: "From here on the officers concerned get support. It is never discipline.",
    fields: [select("kind", "What", same(["death", "serious injury", "firearm discharge", "officer in danger"]), { required: true }), ...(key ? [] : [sector(false)]), note("what", "What happened"), when],
    ways: [{ label: "Declare", build: (v) => command("DeclareCriticalEvent", { critical: newId(), kind: v.kind, record: key || undefined, sector: v.sector || rows("care")[key]?.sector || undefined, what: v.what }) }],
  }),
  welfare: (key) => ({
    title: "Officers looked after", command: "RecordWelfareCheck", intro: "Support after a critical event. Who needed what is private and on no board.",
    fields: [...(key ? [] : [select("critical", "After which event", Object.values(rows("critical")).map((one) => [one.id, `${one.kind} (#${one.seq})`]), { required: true })]),
      select("everyone", "Was everyone concerned reached", [["yes", "Yes, everyone"], ["no", "Not everyone yet"]], { required: true }), note("officers", "Whom"), note("offered", "What was offered"), when],
    ways: [{ label: "Record", build: (v) => ({ ...command("RecordWelfareCheck", { critical: key || v.critical, officers: v.officers, offered: v.offered }), everyone: v.everyone === "yes" }) }],
  }),
};
