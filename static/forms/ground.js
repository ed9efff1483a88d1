/** Reports from the ground that a rule may rest on, and what was looked at afterwards. None of them is ever refused. */
import { rows } from "../store.js";
import { ID, ID_SHAPE, agencyOptions, check, command, count, idLine, line, lines, newId, note, number, personOptions, place, same, sector, select, sectorOptions, tri, unitOptions, when, yesNo } from "./options.js";
import { unitOf, words, wordFor } from "../plan.js";
import { TARGETED, split, toolField } from "./force.js";

/** @typedef {import("./options.js").Spec} Spec */
/** @typedef {import("./form.js").FieldSpec} FieldSpec */

/** @type {Record<string, (key: string) => Spec>} */
export const GROUND = {
  exits: (key) => ({
    title: `Ways out${key ? ` of ${key}` : ""}`, command: "ReportExits", intro: "As you see them now. If you list no open exit, you say that there is none.",
    fields: [...here(key), note("open", "Open", { hint: "One a line." }), note("closed", "Closed or blocked", { hint: "One a line." }), place, when],
    validate: (v) => (lines(v.open).length + lines(v.closed).length > 0 ? [] : ["Ways out: name at least one, open or closed"]),
    ways: [{ label: "Record", build: (v) => command("ReportExits", { observation: newId(), sector: key || v.sector, open: lines(v.open), closed: lines(v.closed), place: v.place }) }],
  }),
  moved: (key) => ({
    title: `The crowd moved on${key ? ` from ${key}` : ""}`, command: "ReportCrowdMoved", intro: "Warnings from before were given to another place; where the plan says so, they no longer count.",
    fields: [...here(key), select("to", "To", sectorOptions(), { none: "Not known, or no sector" }), note("what", "What was seen"), when],
    ways: [{ label: "Record", build: (v) => command("ReportCrowdMoved", { observation: newId(), sector: key || v.sector, to: v.to, what: v.what }) }],
  }),
  attempt: (key) => ({
    title: "Tried with less", command: "RecordAttempt", intro: "De-escalation, or action against only those who break the law: that it was tried, or why it could not be.",
    fields: [...here(key), select("kind", "What", [["de-escalation", "De-escalation"], ["targeted action", "Action against those alone who do it"]], { required: true }),
      select("tried", "Was it tried", [["yes", "Yes"], ["no", "No"]], { required: true }), { name: "measures", label: "Measures", kind: "ids", choose: (v) => (v.kind === "targeted action" ? TARGETED : words("measures")) },
      select("outcome", "How it went", same(["worked", "worked in part", "did not work", "not known yet"]), { none: "Not said" }), note("account", "What was done"), note("why_not", "If not tried, why not"), when],
    validate: (v) => (v.tried === "no" && !String(v.why_not ?? "").trim() ? ["If not tried: say why not"] : []),
    ways: [{ label: "Record", build: (v) => ({ ...command("RecordAttempt", { attempt: newId(), sector: key || v.sector, kind: v.kind, measures: v.measures, outcome: v.outcome, account: v.account, why_not: v.why_not }), tried: v.tried === "yes" }) }],
  }),
  finding: (key) => ({
    title: "A finding", command: "RecordObservation", intro: "Something that a rule depends on, seen or learned. It is recorded under your name.",
    fields: [...here(key), { name: "findings", label: "What you find", kind: "ids", options: words("findings"), required: true }, note("what", "On what you rest it", { required: true }), check("witnessed", "I saw it with my own eyes"), line("extent", "How many, how much of the crowd"), place, when],
    ways: [{ label: "Record", build: (v) => command("RecordObservation", { observation: newId(), sector: key || v.sector, findings: v.findings, what: v.what, witnessed: v.witnessed || undefined, extent: v.extent, place: v.place }) }],
  }),
  presence: () => ({
    title: "Where I am", command: "ReportPresence", intro: "Some rules require the authorizer to be on the scene.", fields: [{ ...sector(false), none: "In no sector" }, when],
    ways: [{ label: "Record", build: (v) => command("ReportPresence", { sector: v.sector }) }],
  }),
  distress: () => ({
    title: "Someone in a crisis", command: "FlagDistress", intro: "Crisis responders come first. Nothing here says who the person is.",
    fields: [note("what", "What was seen", { required: true }), sector(false), place, when],
    ways: [{ label: "Flag", build: (v) => command("FlagDistress", { distress: newId(), what: v.what, sector: v.sector, place: v.place }) }],
  }),
  helped: (key) => ({
    title: "Who came to someone in a crisis", command: "AnswerDistress",
    fields: [...(key ? [] : [idLine("distress", "Flag", { required: true })]), select("outcome", "How it went", same(["helped there", "taken to care", "diverted from arrest", "declined", "not found", "arrest"]), { required: true }),
      select("unit", "Which unit", unitOptions(), { none: "Not said" }), note("note", "More"), when],
    ways: [{ label: "Record", build: (v) => command("AnswerDistress", { distress: key || v.distress, outcome: v.outcome, unit: v.unit, note: v.note }) }],
  }),
  pursuit: () => ({
    title: "Pursuit", command: "ReportPursuit",
    fields: [select("mode", "How", same(["foot", "vehicle"]), { required: true }), idLine("officer", "Officer", { required: true, hint: "Person id or badge number.", suggest: Object.keys(rows("people")) }),
      select("officer_agency", "Their agency", agencyOptions(), { none: "Not known" }), sector(false), select("supervisor", "Supervisor who was told", personOptions(), { none: "Nobody, or not known" }),
      note("reason", "Why"), select("ended", "How it ended", same(["stopped by the officer", "stopped by a supervisor", "person stopped", "person lost"]), { none: "Still going, or not known" }), when],
    ways: [{ label: "Record", build: (v) => command("ReportPursuit", { pursuit: newId(), mode: v.mode, officer: v.officer, officer_agency: v.officer_agency, sector: v.sector, supervisor: v.supervisor, reason: v.reason, ended: v.ended }) }],
  }),
  intervention: (key) => ({
    title: "Intervention by a fellow officer", command: "ReportIntervention", intro: "An officer stepped in, or tried to. Anyone may report it; who it was against stays private.",
    fields: [note("what", "What happened", { required: true }), aboutForce(), sector(false), note("officer", "Against whom"),
      select("outcome", "How it went", same(["stopped", "changed", "went on"]), { none: "Not said" }), yesNo("aid_given", "Medical aid given"), confidential(), when],
    ways: [{ label: "Record", build: (v) => command("ReportIntervention", { intervention: newId(), about: key || v.report, what: v.what, sector: v.sector, officer: v.officer, outcome: v.outcome, aid_given: tri(v.aid_given), confidential: v.confidential || undefined }) }],
  }),
  colleague: (key) => ({
    title: "What a fellow officer did wrong", command: "ReportExcessiveForce", intro: "Whoever sees it reports it. Only oversight reads whom it is about and what was seen, and watches what is done to you afterwards.",
    fields: [select("kind", "What", same(["excessive force", "no one intervened", "biased conduct", "false report"]), { required: true }), note("what", "What you saw", { required: true }), note("officer", "Against whom"), aboutForce(), sector(false), confidential(), when],
    ways: [{ label: "Report", build: (v) => command("ReportExcessiveForce", { witness: newId(), kind: v.kind, what: v.what, officer: v.officer, about: key || v.report, sector: v.sector, confidential: v.confidential || undefined }) }],
  }),
  issue: (key) => munitions(key, "IssueMunitions", "Munitions issued", "Issue"),
  returned: (key) => munitions(key, "ReturnMunitions", "Munitions returned", "Record the return"),
  counted: (key) => munitions(key, "CountMunitions", "Munitions counted", "Record the count"),
  review: (key) => ({
    title: "Review", command: "FileReview", intro: "By someone who neither ordered, authorized nor took part. Every question needs an answer.",
    fields: [...(key ? [] : [idLine("record", "Record reviewed", { required: true })]), ...questions().map(([name, says]) => note(name, says, { required: true })),
      select("conclusion", "Conclusion", words("conclusions").length ? words("conclusions") : same(["within the plan", "outside the plan", "cannot tell", "further inquiry"]), { required: true })],
    ways: [{ label: "File the review", build: (v) => command("FileReview", { review: newId(), record: key || v.record, conclusion: v.conclusion, ...Object.fromEntries(questions().map(([name]) => [name, v[name]])) }) }],
  }),
};

/** The report of force that a report of a colleague belongs to: one of those on the board, else by its id. @returns {FieldSpec} */
function aboutForce() {
  const known = /** @type {any[]} */ (Object.values(rows("care"))).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0)).slice(0, 50);
  if (!known.length) return idLine("report", "Report of force that it belongs to");
  return select("report", "Report of force that it belongs to", known.map((one) => [one.id, `${one.what}${one.sector ? `, ${one.sector}` : ""} (#${one.seq})`]), { none: "None, or not in this list" });
}

/** The set questions of a review as the server asks them. @returns {(readonly [string, string])[]} */
const questions = () => (words("questions").length ? words("questions").map(([name, says]) => /** @type {const} */ ([name, `${says[0].toUpperCase()}${says.slice(1)}`])) : QUESTIONS);

/** The same, before the server has told them. @type {(readonly [string, string])[]} */
export const QUESTIONS = [
  ["needed", "Was force needed and proportionate, and how is that known"], ["alternatives", "What else was tried, or could have been"],
  ["warning", "Was there a warning and a chance to comply"], ["aid", "When did aid, medical help and an uninvolved supervisor come"],
  ["evidence", "Which accounts and recordings were compared"], ["lessons", "What follows for training and equipment, with the officers involved"],
];

/** @returns {FieldSpec} */
const confidential = () => check("confidential", "Confidential: that it was me is known to oversight alone");

/** @param {string} key @returns {FieldSpec[]} */
const here = (key) => (key ? [] : [sector(true)]);

/**
 * What is handed out by number: of the plan's tools those that it calls munitions, and whatever was issued here by the log.
 * @param {import("../types.d.ts").ToolWord} tool
 */
const issuable = (tool) => !tool.group && (tool.munition || /** @type {any[]} */ (Object.values(rows("munitions"))).some((one) => one.tool === tool.id));

/** @param {string} key "holder~tool" @param {string} name @param {string} title @param {string} label @returns {Spec} */
function munitions(key, name, title, label) {
  const [holder, tool] = split(key);
  const counting = name === "CountMunitions";
  const known = [...personOptions(), ...unitOptions()];
  return {
    title: key ? `${title}: ${wordFor("tools", tool)}, ${holder}` : title, command: name, intro: counting ? "What the holder has now. What cannot be explained is worked out, never stated." : undefined,
    fields: [...(key ? [] : [toolField("tool", "Tool", { required: true }, issuable), known.length ? select("holder", "Person or unit", known, { required: true }) : /** @type {FieldSpec} */ ({ name: "holder", label: "Person or unit", kind: "line", required: true, pattern: ID, shape: ID_SHAPE })]),
      number("quantity", `How many${unitOf(tool)}${counting ? " there are" : ""}`, { required: true }), counting ? note("note", "Remarks") : line("lot", "Lot number on the box"), when],
    ways: [{ label, build: (v) => command(name, { issue: newId(), tool: tool || v.tool, holder: holder || v.holder, quantity: count(v.quantity), ...(counting ? { note: v.note } : { lot: v.lot }) }) }],
  };
}
