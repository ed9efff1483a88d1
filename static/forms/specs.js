/**
 * The forms by name: which command, which fields, in which words. A form asks only for what its command must have; nobody
 * ticks a false box to get a report kept.
 */
import { incident, live, rows, zone } from "../store.js";
import { endOfDay } from "../time.js";
import { subjectId } from "../ids.js";
import { positionName } from "../decision.js";
import { registered } from "./register.js";
import { ID, ID_SHAPE, LINE, NOTE, agencyOptions, command, indicatorOptions, newId, personOptions, place, sector, tri, unitOptions, when } from "./options.js";
import { check, count, idLine, line, note, number, same, select, yesNo } from "./options.js";
import { words, wordFor } from "../plan.js";
import { FORCE, purposeField, toolField } from "./force.js";
import { heardSpec, warningSpec } from "./warning.js";
import { AFTERCARE } from "./aftercare.js";
import { forceSpec } from "./report.js";
import { GROUND } from "./ground.js";
import { PLAN } from "./plan.js";
import { ARREST } from "./arrest.js";
import { RECORD } from "./arrest_record.js";
import { CUSTODY } from "./arrest_custody.js";
import { BAR } from "./arrest_bar.js";
import { LEAVING } from "./leaving.js";

/** @typedef {import("./options.js").FieldSpec} FieldSpec */
/** @typedef {import("./options.js").Way} Way */
/** @typedef {import("./options.js").Spec} Spec */

/** The reports and acts that the menu offers, in its order. */
export const MENU = [
  { title: "Report", forms: ["note", "observation", "finding", "liaison", "warning", "exits", "moved", "attempt", "force", "choice"] },
  { title: "After force", forms: ["aid", "medical", "injury", "supervisor", "critical", "welfare"] },
  { title: "Arrest", forms: ["arrest", "offence", "describe", "warned", "role", "restraint", "rights", "sign", "attach", "readback", "disposition", "grounds", "step"] },
  { title: "Custody and processing", forms: ["handover", "received", "answerfor", "station", "heads", "relieve", "caregiven", "guardian", "hold", "property", "bag", "free", "site", "sitecheck", "siteclose", "wristbands"] },
  { title: "Bar and many arrests", forms: ["bar", "readbar", "tellbar", "many", "manyover"] },
  { title: "Ask and oversee", forms: ["askforce", "askposture", "posture", "distress", "intervention", "colleague", "pursuit", "presence", "issue", "returned", "counted", "review", "delegate", "suspend", "changeplan"] },
  { title: "Order and organize", forms: ["order", "transfer", "position", "assign", "unit", "checkin", "checkout", "demobilize", "left", "waive", "agency", "area", "part", "close"] },
];

/** @type {Record<string, (key: string) => Spec>} */
export const SPECS = {
  ...FORCE, ...GROUND, ...AFTERCARE, ...PLAN, ...ARREST, ...RECORD, ...CUSTODY, ...BAR, ...LEAVING,
  note: () => ({
    title: "Log entry", command: "RecordEntry", intro: "As on an ICS 214. An entry stays; a later one can strike it through.",
    fields: [{ name: "text", label: "Entry", kind: "note", required: true, max: NOTE }, sector(false), when],
    ways: [{ label: "Record", build: (v) => command("RecordEntry", { entry: newId(), text: v.text, sector: v.sector }) }],
  }),
  strike: (key) => ({
    title: "Strike an entry through", command: "RecordEntry", intro: "The entry stays readable. Say why it is struck.",
    fields: [{ name: "text", label: "Why it does not stand", kind: "note", required: true, max: NOTE }],
    ways: [{ label: "Strike through", build: (v) => command("RecordEntry", { entry: newId(), text: v.text, strikes: key }) }],
  }),
  observation: () => ({
    title: "Observation", command: "RecordObservation", intro: "What was seen: of crowds and conduct, never of who attends.",
    fields: [{ name: "what", label: "What was seen", kind: "note", required: true, max: NOTE }, sector(false),
      { name: "extent", label: "How many, how much of the crowd", kind: "line", max: LINE },
      { name: "indicators", label: "Signs that the plan names", kind: "checks", options: indicatorOptions() }, place, when],
    ways: [{ label: "Record", build: (v) => command("RecordObservation", { observation: newId(), what: v.what, sector: v.sector, extent: v.extent, indicators: v.indicators, place: v.place }) }],
  }),
  liaison: () => ({
    title: "Liaison contact", command: "RecordLiaison", intro: "Contact with organizers or the community, made or tried. Roles, not names.",
    fields: [{ name: "role", label: "Whom (their role)", kind: "line", required: true, max: LINE, suggest: ["march organizer", "legal observer", "community elder", "venue management"] },
      { name: "channel", label: "How", kind: "line", required: true, max: LINE, suggest: ["in person", "telephone", "radio through a marshal"] },
      { name: "reached", label: "Reached", kind: "tri", hint: "Not known counts as not reached." }, sector(false),
      { name: "agreed", label: "What was said or agreed", kind: "note", max: NOTE }, when],
    ways: [{ label: "Record", build: (v) => ({ ...command("RecordLiaison", { contact: newId(), role: v.role, channel: v.channel, sector: v.sector, agreed: v.agreed }), reached: v.reached === "yes" }) }],
  }),
  warning: warningSpec,
  heard: heardSpec,
  force: (key) => forceSpec(key, ""),
  again: (key) => forceSpec("", key),
  choice: () => ({
    title: "Command decision", command: "RecordDecision", intro: "What was decided, why, and what was considered and not taken.",
    fields: [{ name: "question", label: "The question", kind: "line", required: true, max: LINE }, { name: "chosen", label: "What was chosen", kind: "line", required: true, max: LINE },
      { name: "reasons", label: "Why", kind: "note", required: true, max: NOTE }, { name: "rejected", label: "Options not taken", kind: "rejected" },
      { name: "decided_by", label: "Who decided", kind: "select", options: personOptions(), none: "I did" }, sector(false), when],
    validate: (v) => (v.rejected ?? []).some((/** @type {any} */ one) => !one.option.trim() !== !one.why.trim()) ? ["Options not taken: each needs the option and why it was not taken"] : [],
    ways: [{ label: "Record", build: (v) => command("RecordDecision", { decision: newId(), question: v.question, chosen: v.chosen, reasons: v.reasons, rejected: (v.rejected ?? []).filter((/** @type {any} */ one) => one.option.trim()), decided_by: v.decided_by, sector: v.sector }) }],
  }),
  order: (key) => ({
    title: key ? "Order that supersedes" : "Order to units", command: "GiveOrder", intro: key ? "The earlier order stays readable but is no longer in force." : "Each unit acknowledges; who has not stays in view.",
    fields: [{ name: "text", label: "Order", kind: "note", required: true, max: NOTE }, { name: "to", label: "To", kind: "checks", options: unitOptions(), required: true }],
    ways: [{ label: "Give the order", build: (v) => command("GiveOrder", { order: newId(), text: v.text, to: v.to, supersedes: key }) }],
  }),
  ack: (key) => ({
    title: "Acknowledge an order", command: "AcknowledgeOrder", intro: rows("orders")[key]?.text,
    fields: [{ name: "unit", label: "Unit that has understood it", kind: "select", required: true, options: unitOptions().filter(([id]) => (rows("orders")[key]?.outstanding ?? [id]).includes(id)) }],
    ways: [{ label: "Acknowledge", build: (v) => command("AcknowledgeOrder", { order: key, unit: v.unit }) }],
  }),
  transfer: () => ({
    title: "Transfer of command", command: "TransferCommand",
    intro: `Authority moves in one event, to a member of the lead agency who has read the briefing. Command is with ${incident()?.commander?.name || incident()?.commander?.person || "nobody"}.`,
    fields: [{ name: "incoming", label: "Incoming incident commander", kind: "select", required: true, options: personOptions((p) => p.agency === incident()?.lead_agency && p.on_scene !== false) },
      { name: "briefing", label: "Briefing", kind: "note", required: true, max: NOTE, hint: "Situation, levels in force and until when, requests waiting, orders outstanding, duties owed, hazards (ICS 201)." },
      { name: "read", label: "The incoming commander says: I have read the briefing", kind: "check", required: true }],
    ways: [{ label: "Transfer command", build: (v) => ({ type: "TransferCommand", incoming: v.incoming, briefing: v.briefing, briefing_read: !!v.read }) }],
  }),
  position: (key) => ({
    title: "ICS position", command: "AssignPosition", intro: "Whoever held it before no longer does. Command itself passes only by transfer.",
    fields: [...(key ? [] : [/** @type {FieldSpec} */ ({ name: "position", label: "Position", kind: "select", required: true, options: Object.values(rows("positions")).filter((p) => p.id !== "incident-commander").map((p) => [p.id, p.title]) })]),
      { name: "person", label: "Held by", kind: "select", required: true, options: personOptions() }],
    ways: [{ label: key ? `Make them ${positionName(key)}` : "Assign", build: (v) => command("AssignPosition", { position: key || v.position, person: v.person }) }],
  }),
  vacate: (key) => ({
    title: `Vacate ${positionName(key)}`, command: "VacatePosition", intro: "From then on nobody holds the position.", fields: [],
    ways: [{ label: "Leave it empty", build: () => command("VacatePosition", { position: key }) }],
  }),
  assign: (key) => ({
    title: "Assign a unit", command: "AssignUnit", intro: "To a sector, or to staging.",
    fields: [...(key ? [] : [/** @type {FieldSpec} */ ({ name: "unit", label: "Unit", kind: "select", required: true, options: unitOptions() })]),
      { ...sector(false), none: "Staging (no sector)" }, { name: "assignment", label: "Assignment", kind: "line", max: LINE }, place],
    ways: [{ label: "Assign", build: (v) => ({ ...command("AssignUnit", { unit: key || v.unit, assignment: v.assignment, place: v.place }), sector: v.sector || null }) }],
  }),
  release: (key) => ({
    title: `Release ${rows("units")[key]?.name ?? key}`, command: "ReleaseUnit", intro: "The unit has left the incident.", fields: [],
    ways: [{ label: "Release", build: () => command("ReleaseUnit", { unit: key }) }],
  }),
  unit: () => ({
    title: "Form a unit", command: "FormUnit",
    fields: [{ name: "unit", label: "Call sign", kind: "line", required: true, pattern: ID, shape: ID_SHAPE }, { name: "name", label: "Name", kind: "line", required: true, max: LINE },
      { name: "kind", label: "Kind", kind: "select", required: true, options: UNIT_KINDS.map((kind) => [kind, kind.replaceAll("-", " ")]) },
      { name: "agency", label: "Agency", kind: "select", required: true, options: agencyOptions() }, { name: "leader", label: "Leader", kind: "select", options: personOptions(), none: "Not named" },
      { name: "size", label: "People", kind: "number", pattern: /^\d{1,4}$/, shape: "a whole number" }],
    ways: [{ label: "Form the unit", build: (v) => command("FormUnit", { unit: v.unit, name: v.name, kind: v.kind, agency: v.agency, leader: v.leader, size: v.size ? Number(v.size) : undefined }) }],
  }),
  checkin: (key) => ({
    title: key ? `Confirm ${rows("people")[key]?.name ?? key}` : "Check in", command: "CheckIn", intro: key ? "What you state here counts as yours: state what you know. An earlier check-in stays on record." : "A person is on duty here. Nothing missing refuses it.",
    fields: [...(key ? [] : [idLine("person", "Person id", { required: true })]), { name: "name", label: "Name", kind: "line", required: true, max: LINE },
      { name: "agency", label: "Agency", kind: "select", required: true, options: agencyOptions() }, words("ranks").length ? select("rank", "Rank", words("ranks"), { required: true }) : { name: "rank", label: "Rank", kind: "line", required: true, pattern: ID, shape: ID_SHAPE },
      { name: "badge", label: "Badge", kind: "line", max: LINE }, { name: "helmet", label: "Helmet number", kind: "line", max: LINE }, { name: "camera", label: "Camera", kind: "line", max: LINE }, { name: "camera_absent", label: "Why there is no camera", kind: "line", max: LINE },
      { name: "identification_visible", label: "Name and badge visible", kind: "tri" }, { name: "unit", label: "Unit", kind: "select", options: unitOptions(), none: "None" },
      { name: "training", label: "Training", kind: "training", suggest: words("courses").length ? words("courses").map(([id]) => id) : ["crowd-management", "incident-command"], hint: "It counts once someone who can know it has said so: command staff, by checking the person in again." }],
    ways: [{ label: "Check in", build: (v) => command("CheckIn", { training: courses(v.training), person: key || v.person, name: v.name, agency: v.agency, rank: v.rank, badge: v.badge, helmet: v.helmet, camera: v.camera, camera_absent: v.camera_absent, identification_visible: tri(v.identification_visible), unit: v.unit }) }],
  }),
  checkout: (key) => ({
    title: "Check out", command: "CheckOut", intro: "Open duties and orders stay with the person until handed over.",
    fields: key ? [] : [{ name: "person", label: "Person", kind: "select", required: true, options: personOptions((p) => p.on_scene !== false) }],
    ways: [{ label: "Check out", build: (v) => command("CheckOut", { person: key || v.person }) }],
  }),
  agency: () => ({
    title: "Admit an agency", command: "AdmitAgency", intro: "It takes part under the lead agency’s command and plan. Of one that takes part already this is its next word on the plan: accepted since or, without the mark, taken back. It counts from now on.",
    fields: [...(registered().length ? [select("agency", "Agency", registered().filter((one) => rows("agencies")[one.id]?.kind !== "lead").map((one) => [one.id, `${one.name} (${one.id})${rows("agencies")[one.id] ? " – takes part already" : ""}`]), { required: true })]
      : [idLine("agency", "Agency id", { required: true }), line("name", "Name", { required: true })]),
      { name: "agreement", label: "Agreement", kind: "line", max: LINE, hint: registered().length ? "Empty: the one that the register has." : undefined }, { name: "accepted", label: "It has accepted the lead agency’s plan", kind: "check" }],
    ways: [{ label: "Admit", build: (v) => command("AdmitAgency", { agency: v.agency, name: registered().find((one) => one.id === v.agency)?.name ?? v.name, agreement: v.agreement, accepted_plan: v.accepted ? true : undefined }) }],
  }),
  area: () => ({
    title: "Define a sector", command: "DefineSector", intro: "It starts at the plan’s lowest level.",
    fields: [{ name: "sector", label: "Sector id", kind: "line", required: true, pattern: ID, shape: ID_SHAPE }, { name: "name", label: "Name", kind: "line", required: true, max: LINE }],
    ways: [{ label: "Define", build: (v) => command("DefineSector", { sector: v.sector, name: v.name }) }],
  }),
  part: () => ({
    title: "Supply a part of the plan", command: "SupplyPlanPart", intro: "Something that was missing when the incident opened is now there.",
    fields: [words("parts").length ? select("part", "Part", words("parts"), { required: true }) : { name: "part", label: "Part", kind: "line", required: true, pattern: ID, shape: ID_SHAPE, suggest: Object.values(rows("duties")).filter((d) => !d.done_at).map((d) => d.rule) }, { name: "summary", label: "What it says", kind: "note", required: true, max: NOTE }],
    ways: [{ label: "Record", build: (v) => command("SupplyPlanPart", { part: v.part, summary: v.summary }) }],
  }),
  duty: (key) => ({
    title: "Duty done", command: "DischargeDuty", intro: rows("duties")[key]?.says,
    fields: [{ name: "note", label: "How it was done", kind: "note", max: NOTE }, { name: "by", label: "Record that shows it", kind: "line", pattern: ID, shape: ID_SHAPE }, when],
    ways: [{ label: "Record as done", build: (v) => command("DischargeDuty", { duty: key, note: v.note, by: v.by }) }],
  }),
  grant: (key) => ({
    title: "Grant the request", command: "GrantLevel", intro: "On your own facts: what you know yourself, not what the request says.",
    fields: [{ name: "facts", label: "The facts on which you decide", kind: "note", required: true, max: NOTE }],
    ways: [{ label: "Grant", build: (v) => command("GrantLevel", { ask: key, facts: v.facts }) }, { label: "Deny instead…", open: ["deny", key] }],
  }),
  deny: (key) => ({
    title: "Deny the request", command: "DenyAsk", intro: "Say why; the person who asked will read it.",
    fields: [{ name: "reason", label: "Why", kind: "note", required: true, max: NOTE }],
    ways: [{ label: "Deny", build: (v) => command("DenyAsk", { ask: key, reason: v.reason }) }],
  }),
  withdraw: (key) => ({
    title: "Withdraw the request", command: "WithdrawAsk", intro: "The request no longer waits for a decision.", fields: [],
    ways: [{ label: "Withdraw", build: () => command("WithdrawAsk", { ask: key }) }],
  }),
  renew: (key) => ({
    title: `Renew the level in ${key}`, command: "RenewLevel", intro: "The level was looked at again and still holds.",
    fields: [{ name: "facts", label: "The facts on which it still holds", kind: "note", required: true, max: NOTE }],
    ways: [{ label: "Renew", build: (v) => command("RenewLevel", { sector: key, facts: v.facts }) }],
  }),
  level: levelSpec,
  close: () => ({
    title: "Close the incident", command: "CloseIncident", intro: "Refused while requests wait. Reports are still taken afterwards.",
    fields: [{ name: "reason", label: "Why it is over", kind: "note", required: true, max: NOTE }],
    ways: [{ label: "Close the incident", build: (v) => command("CloseIncident", { reason: v.reason }) }],
  }),
};

/** Courses as the command wants them; a day counts to its end at the place. @param {any} list */
const courses = (list) => (list ?? []).filter((/** @type {any} */ one) => one.course).map((/** @type {any} */ one) => ({ course: one.course, ...(one.expires ? { expires: endOfDay(one.expires, zone()) } : {}) }));

export const UNIT_KINDS = ["patrol", "bicycle", "mounted", "medic", "crisis-responder", "cit", "liaison", "arrest-team", "traffic", "reserve"];

/** Raise, lower or ask: one form, since the person thinks of a level and not of a command. @param {string} key @returns {Spec} */
function levelSpec(key) {
  const here = rows("sectors")[key];
  const rungs = Object.values(rows("levels")).sort((a, b) => a.order - b.order);
  const mine = live.me.value?.may ?? [];
  const order = (/** @type {string} */ id) => rows("levels")[id]?.order ?? 0;
  /** @param {Record<string, any>} v */
  const common = (v) => ({ sector: key, level: v.level, indicators: v.indicators, extent: v.extent, liaison: v.liaison, others_may_continue: v.others, facts: v.facts });
  /** @type {Way[]} */
  const ways = [];
  if (mine.includes("RaiseLevel")) {
    ways.push({ label: "Decide it myself", build: (v) => (order(v.level) < (here?.level_order ?? 0)
      ? command("LowerLevel", { sector: key, level: v.level, facts: v.facts }) : command("RaiseLevel", common(v))) });
  }
  if (mine.includes("AskLevel")) ways.push({ label: "Ask who may decide", build: (v) => command("AskLevel", { ask: newId(), ...common(v) }) });
  return {
    title: `Level in ${key}`, command: mine.includes("RaiseLevel") ? "RaiseLevel" : "AskLevel",
    intro: "Only someone whom the plan allows can raise a level, and they state the facts. Lowering needs facts too.",
    fields: [{ name: "level", label: "Level", kind: "level", required: true, rungs, current: here?.level },
      { name: "facts", label: "The facts on which you act", kind: "note", required: true, max: NOTE, hint: "What is happening, seen by whom. Conduct, not opinions or who attends." },
      { name: "indicators", label: "Signs that the plan names", kind: "checks", options: indicatorOptions() },
      { name: "extent", label: "How many take part in that conduct", kind: "line", max: LINE },
      { name: "liaison", label: "Which contact was tried", kind: "line", max: LINE },
      { name: "others", label: "Whether and how the others may go on", kind: "line", max: LINE }],
    validate: (v) => (v.level === here?.level ? ["That level is in force already: to keep it beyond its time, renew it"] : []),
    ways,
  };
}
