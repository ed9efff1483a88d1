/**
 * Pictures and sound of any record: whose they are, and of which record. The server knows which kind of record it is as well, and
 * shows a file as it shows the record.
 */
import { subjectId } from "../static/ids.js";
import { rows } from "../static/store.js";

/** @typedef {{record: string, belongs_to: string, subject: string}} Whose */

/** Of a command that makes a record: what that is, and the field that is its number. @type {Readonly<Record<string, readonly [string, string]>>} */
const MADE = {
  RecordArrest: ["arrest", "arrest"], ReportForce: ["force report", "report"], ReportWarning: ["warning", "warning"], RecordObservation: ["observation", "observation"],
  ReportIntervention: ["intervention", "intervention"], RecordEntry: ["entry", "entry"], FlagDistress: ["distress", "distress"], RecordInjury: ["injury", "injury"],
};

/** Whether a form of this command takes pictures and sound below its questions. The street card asks for its own. @param {string} command */
export const takesFiles = (command) => command === "RecordAid" || (command in MADE && command !== "RecordArrest");

/** A file of a report in confidence would name who brought it (docs/design/011): there is none. @param {Record<string, any>} values */
export const inConfidence = (values) => Boolean(values.confidential);

/** What aid was given after: an arrest, a report of force, else an injury. @param {string} record @returns {Whose} */
function followed(record) {
  const arrest = rows("arrests")[record];
  if (arrest) return { record, belongs_to: "arrest", subject: arrest.subject || subjectId() };
  const subject = rows("care")[record]?.subject;
  return { record, belongs_to: subject ? "force report" : "injury", subject: subject || subjectId() };
}

/** @param {any} made a command @returns {Whose | null} */
function whose(made) {
  if (made.type === "RecordAid") return followed(made.record);
  const [belongs_to, field] = MADE[made.type] ?? [];
  return field ? { record: made[field], belongs_to, subject: made.subject || subjectId() } : null;
}

/** What one tap makes, and behind it the files that were taken for it. @param {any[]} made @param {Record<string, any>} values @returns {any[]} */
export function withFiles(made, values) {
  const of = inConfidence(values) ? null : made.map(whose).find(Boolean);
  if (!of) return made;
  const taken = [...(values.pictures ?? []).map((/** @type {any} */ one) => [one, "photo"]), ...(values.sound ? [[values.sound, "audio"]] : [])];
  return [...made, ...taken.map(([{ attachment, sha256, size_bytes, media }, kind]) => ({
    type: "AddAttachment", attachment, ...(of.belongs_to === "arrest" ? { record: of.record, subject: of.subject } : of), kind, sha256, size_bytes, media,
  }))];
}
