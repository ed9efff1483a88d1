/**
 * A report of force: one officer, one person. It is kept whatever the plan says of it and however little it says; what it
 * lacks is listed with its clock, and the same report may be stated anew. Nobody has to answer falsely to get it kept.
 */
import { rows } from "../store.js";
import { subjectId } from "../ids.js";
import { ID, ID_SHAPE, LINE, agencyOptions, check, command, count, idLine, newId, note, number, personOptions, place, sector, select, tri, when, yesNo } from "./options.js";
import { words } from "../plan.js";
import { purposeField, toolField } from "./force.js";

/** @typedef {import("./options.js").Spec} Spec */

const OTHER = "~"; // no id of a person looks like this

/** How badly the person was hurt, as far as is known. @type {(readonly [string, string])[]} */
const HARM = [["none", "Nobody was hurt"], ["complaint", "A complaint of pain"], ["visible", "An injury that can be seen"], ["serious", "A serious injury"], ["death", "Death"]];

/** @param {string} name @param {string} label @returns {import("./form.js").FieldSpec} */
const short = (name, label) => ({ name, label, kind: "line", max: LINE });

/** Grants in force, by tool and sector. @returns {(readonly [string, string])[]} */
const grants = () => Object.values(rows("grants")).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0)).slice(0, 50).map((one) => [one.id, `${one.tool.replaceAll("-", " ")}, ${one.purpose} in ${one.sector} (#${one.seq})`]);

/** @param {string} grant that it rests on, or nothing @param {string} report that is stated anew, or nothing @returns {Spec} */
export function forceSpec(grant, report) {
  const people = personOptions();
  /** The same person as in the grant, or as in the earlier version: an id that says nothing of them. @param {string} named */
  const subject = (named) => rows("care")[report]?.subject || rows("grants")[grant || named]?.subject || subjectId();
  return {
    title: report ? "State the report of force anew" : "Force used", command: "ReportForce",
    intro: report ? "Everything that is to stand is stated again; the earlier version stays readable." : "One officer, one person, one report. It is kept whatever the plan says of it, and however much is still missing.",
    fields: [select("who", "Officer who used it", [...people, [OTHER, "None of these: badge number below"]], { required: true }),
      { name: "officer", label: "Badge number, where it is none of these", kind: "line", pattern: ID, shape: ID_SHAPE },
      { name: "officer_agency", label: "Their agency", kind: "select", options: agencyOptions(), none: "Not known" },
      toolField("tool", "With what", { none: "Not known", hint: "As the plan names it. Empty: not known." }, (one) => !one.group),
      purposeField({ none: "Not said" }), number("quantity", "How many rounds or devices"),
      ...(grant ? [] : [grants().length ? select("grant", "Grant that it rests on", grants(), { none: "None named: it is looked for" }) : idLine("grant", "Grant that it rests on", { hint: "Empty: looked for." })]),
      sector(false), place, when, note("account", "What happened, in the officer’s own words"), note("objective", "Objective"),
      { name: "resistance_met", label: "Resistance met", kind: "ids", options: words("resistance") }, note("resistance", "What the person did"),
      { name: "grounds", label: "Why, in the plan’s words", kind: "ids", options: words("grounds") }, { name: "zones", label: "Where on the body it struck", kind: "ids", options: words("zones") }, number("distance_m", "From how far, in metres"),
      select("indiscriminate", "Whom it reached", [["no", "The person alone"], ["yes", "A crowd, at nobody in particular"]], { none: "Not said" }),
      { name: "alternatives", label: "What else was tried", kind: "ids", options: words("measures") }, note("alternatives_why_not", "If nothing, why not"), yesNo("warned", "The person was warned"), note("warning_why_not", "If not warned, why not"),
      select("harm", "Was the person hurt", HARM, { none: "Not known yet" }), note("injury", "Injury or complaint of pain"), yesNo("aid_given", "Medical aid given"), note("aided", "Which aid, by whom, when"), yesNo("ems_called", "Medical service called"),
      select("supervisor", "Supervisor who came", people, { none: "Nobody yet, or not known" }),
      short("subject_race_perceived", "Race of the person, as the officer perceived it"), short("race_why_unknown", "If unknown, why"), short("subject_race_stated", "Race of the person, as they stated it"),
      short("subject_ethnicity_perceived", "Ethnicity, as the officer perceived it"), short("ethnicity_why_unknown", "If unknown, why that"), short("subject_ethnicity_stated", "Ethnicity, as they stated it"),
      check("exigent", "It met an immediate threat to life and could not wait"), note("exigent_reason", "Which threat")],
    validate: (v) => (v.who === OTHER && !v.officer ? ["Badge number: needed where the officer is none of those listed"] : []),
    ways: [{ label: "Record", build: (v) => command("ReportForce", {
      report: report || newId(), subject: subject(v.grant), officer: v.who === OTHER ? v.officer : v.who, officer_agency: v.officer_agency || rows("people")[v.who]?.agency, tool: v.tool, purpose: v.purpose, quantity: count(v.quantity), grant: grant || v.grant, sector: v.sector, place: v.place,
      account: v.account, objective: v.objective, resistance_met: v.resistance_met, resistance: v.resistance, grounds: v.grounds, zones: v.zones, distance_m: count(v.distance_m), indiscriminate: tri(v.indiscriminate), alternatives: v.alternatives, alternatives_why_not: v.alternatives_why_not, warned: tri(v.warned), warning_why_not: v.warning_why_not,
      harm: v.harm, injury: v.injury, aid_given: tri(v.aid_given), aided: v.aided, ems_called: tri(v.ems_called), supervisor: v.supervisor, subject_race_perceived: v.subject_race_perceived, race_why_unknown: v.race_why_unknown, subject_race_stated: v.subject_race_stated, subject_ethnicity_perceived: v.subject_ethnicity_perceived, ethnicity_why_unknown: v.ethnicity_why_unknown, subject_ethnicity_stated: v.subject_ethnicity_stated,
      exigent: v.exigent ? true : undefined, exigent_reason: v.exigent_reason }) }],
  };
}
