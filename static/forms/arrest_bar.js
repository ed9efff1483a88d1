/** The bar for arrest, set, read and told beforehand; a declaration that many arrests are coming; wristbands and forms handed out. */
import { live, rows } from "../store.js";
import { sectorName } from "../parts.js";
import { command, idLine, line, newId, note, number, personOptions, sector, select, when } from "./options.js";
import { chargeOptions, holder, holderOf, languages } from "./arrest_words.js";

/** @typedef {import("./options.js").Spec} Spec */

/** @returns {import("../types.d.ts").BarRow | undefined} */
export const barInForce = () => /** @type {any} */ (Object.values(rows("bar")).find((one) => one.in_force !== false));

/** @param {string} key @returns {import("./form.js").FieldSpec[]} */
const oneBar = (key) => (key || barInForce() ? [] : [idLine("bar", "Which bar", { required: true })]);

/** @param {string} key @param {Record<string, any>} v */
const barOf = (key, v) => key || barInForce()?.id || v.bar;

/** @type {Record<string, (key: string) => Spec>} */
export const BAR = {
  bar: () => ({
    title: "Set the bar for arrest", command: "SetArrestBar", intro: "Decided before the event, read by every officer, told to demonstrators. A new one replaces the old one.",
    fields: [{ name: "cited", label: "Cited only", kind: "ids", options: chargeOptions(), required: true }, { name: "custody", label: "May lead to custody", kind: "ids", options: chargeOptions() }, { name: "declined", label: "The prosecutor does not take up", kind: "ids", options: chargeOptions() }, note("words", "In words that can be read out", { required: true })],
    validate: (v) => {
      const both = (v.cited ?? []).filter((/** @type {string} */ one) => (v.custody ?? []).includes(one));
      return both.length ? [`Each offense belongs under one of the two: ${both.join(", ")}`] : [];
    },
    ways: [{ label: "Set the bar", build: (v) => ({ ...command("SetArrestBar", { bar: newId(), declined: v.declined, words: v.words }), cited: v.cited ?? [], custody: v.custody ?? [] }) }],
  }),
  readbar: (key) => ({
    title: "The bar was read", command: "AcknowledgeArrestBar", intro: rows("bar")[key]?.words || barInForce()?.words || "Officers confirm that they have read it, or somebody confirms it for them.",
    fields: [...oneBar(key), select("person", "Who has read it", personOptions((p) => p.on_scene !== false), { none: "I have" }), when],
    ways: [{ label: "Record", build: (v) => command("AcknowledgeArrestBar", { bar: barOf(key, v), person: v.person || live.me.value?.person }) }],
  }),
  tellbar: (key) => ({
    title: "The bar was announced", command: "AnnounceArrestBar", intro: "To the demonstrators: what leads to a citation, and what to an arrest.",
    fields: [...oneBar(key), line("channel", "How", { required: true, suggest: ["loudspeaker", "in person, by liaison officers", "leaflets", "social media"] }), { name: "languages", label: "In which languages", kind: "checks", options: languages() }, when],
    ways: [{ label: "Record", build: (v) => command("AnnounceArrestBar", { bar: barOf(key, v), channel: v.channel, languages: v.languages }) }],
  }),
  many: () => ({
    title: "Declare many arrests", command: "DeclareHighVolume", intro: "With the reason, and what else was considered. It ends by itself. A written procedure still records each person.",
    fields: [note("reason", "Why", { required: true }), note("alternatives", "What else was considered, and why it will not do", { required: true }), number("hours", "For how many hours", { required: true }), { ...sector(false), none: "Everywhere" },
      note("procedure", "Written procedure in place of the full record", { hint: "Only where it is needed. Who, where, what and which facts stay, for each person." })],
    ways: [{ label: "Declare", build: (v) => command("DeclareHighVolume", { declaration: newId(), reason: v.reason, alternatives: v.alternatives, lasts_s: Number(v.hours) * 3600, sector: v.sector, procedure: v.procedure }) }],
  }),
  manyover: (key) => ({
    title: "End a declaration of many arrests", command: "EndHighVolume", intro: "From now on each record has to hold everything that the plan requires.",
    fields: key ? [] : [select("declaration", "Which", Object.values(rows("high_volume")).filter((one) => !one.ended).map((one) => [one.id, `${one.sector ? sectorName(one.sector) : "everywhere"} (#${one.seq})`]), { required: true })],
    ways: [{ label: "End it", build: (v) => command("EndHighVolume", { declaration: key || v.declaration }) }],
  }),
  wristbands: () => ({
    title: "Wristbands or paper forms handed out", command: "IssueWristbands", intro: "Numbers made beforehand, unique without a network. A number from no known series raises an alarm.",
    fields: [select("what", "What", [["wristbands", "Wristbands"], ["paper forms", "Paper forms"]], { required: true }), holder("holder", "To whom", { required: true }), line("first", "First number", { required: true }), line("last", "Last number", { required: true }), number("quantity", "How many", { required: true }), when],
    ways: [{ label: "Record", build: (v) => command("IssueWristbands", { issue: newId(), holder: holderOf(v.holder)[1], what: v.what, first: v.first.trim(), last: v.last.trim(), quantity: Number(v.quantity) }) }],
  }),
};

