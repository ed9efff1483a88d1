/**
 * What is asked at processing: each offence on its own facts, who the person is (perceived and stated apart), warning,
 * restraint, rights, protected roles, signatures, review, disposition, steps, papers. Each of these is a report of its own.
 */
import { html } from "../lib.js";
import { live, rows } from "../store.js";
import { arrestOf, recordFor, standing } from "../arrests.js";
import { Rules } from "../decision.js";
import { words } from "../plan.js";
import { check, command, idLine, line, newId, note, place, same, sectorOptions, select, tri, when, yesNo } from "./options.js";
import { attachment, chargeOf, chargeOptions, chargesNamed, ids, language, oneOf, people, record, title } from "./arrest_words.js";
import { WARNED } from "./arrest.js";
import { split } from "./force.js";

/** @typedef {import("./options.js").Spec} Spec */
/** @typedef {import("./form.js").FieldSpec} FieldSpec */

/** @type {(readonly [string, string])[]} */
const ANSWERED = [["name", "Name"], ["address", "Address"], ["age", "Age"], ["sex", "Sex"], ["race", "Race"], ["ethnicity", "Ethnicity"], ["resident", "Resident of the town"], ["language", "Language"], ["interpreter", "Interpreter"], ["disability", "Disability"], ["medical", "Medical needs"], ["guardian", "Guardian"], ["armed", "Armed"]];

/** Shown where all offences of a record are cited first: what custody then takes. @param {{charges: readonly string[], disposition?: string}} props */
function CitedFirst({ charges, disposition }) {
  const known = chargesNamed(charges);
  const first = known.length > 0 && known.length === charges.length && known.every((one) => one.cite === "first" || one.guide === "citation");
  const declined = known.filter((one) => one.guide === "declined");
  return html`<div class="approved">${charges.length ? html`<p class="small">For: <strong>${charges.join(", ")}</strong></p>` : html`<p class="warn-text">No offence is on the record yet.</p>`}
    ${declined.length ? html`<p class="warn-text">The prosecutor does not take up: ${declined.map((one) => one.id.replaceAll("-", " ")).join(", ")}.</p>` : null}
    ${first ? html`<p class=${disposition === "custody" || disposition === "transferred" ? "bad-text" : ""}>Each of these is cited first. Custody needs one of the plan’s coded reasons.</p>` : null}</div>`;
}

/** @param {string} key an arrest, or an arrest and one of its offences @returns {Spec} */
function offence(key) {
  const [arrest, which] = split(key);
  const view = which ? recordFor(arrest) : undefined;
  const now = which ? view?.offences?.find((one) => one.offence === which) : undefined;
  const last = standing(now?.versions);
  const said = /** @type {Record<string, any>} */ (last?.public ?? {});
  return {
    title: which ? "Offence, corrected" : `Offence${title(arrest)}`, command: "RecordOffence", ready: view !== null,
    intro: "One offence of one person, with its own facts and evidence. If forty people did the same, forty records say what each of them did.",
    initial: which ? { charge: said.charge, sector: said.sector, observed_by: said.observed_by, elements: last?.said?.elements, facts: last?.said?.facts, evidence: last?.said?.evidence, withdrawn: said.withdrawn } : undefined,
    fields: [...record(arrest), chargeOptions().length ? select("charge", "Offence", [...chargeOptions(), ["other", "None of these: by its statute"]], { required: true }) : idLine("charge", "Offence", { required: true }),
      idLine("statute", "Statute, where it is none of these"), { name: "about_charge", label: "", kind: "shown", show: (v) => About({ id: v.charge ?? "" }) },
      note("elements", "Each element of the offence, and what bears it out"), note("facts", "Facts: what this person did", { hint: "In your own words, of this person alone." }), note("evidence", "Evidence of it"), people("observed_by", "Who saw it"),
      { name: "sector", label: "Sector", kind: "select", options: sectorOptions(), none: "As on the card" }, place, when, ...(which ? [check("withdrawn", "This offence is withdrawn")] : [])],
    validate: (v) => (v.charge === "other" && !v.statute ? ["Statute: needed where the offence is none of those listed"] : []),
    ways: [{ label: "Record", build: (v) => command("RecordOffence", { ...ids(arrest, v), offence: which || newId(), charge: v.charge === "other" ? v.statute : v.charge, statute: chargeOf(v.charge)?.statute || v.statute, ucr: chargeOf(v.charge)?.ucr, sector: v.sector || arrestOf(arrest || v.about)?.sector, place: v.place, observed_by: v.observed_by, elements: v.elements, facts: v.facts, evidence: v.evidence, withdrawn: v.withdrawn || undefined }) }],
  };
}

/** What the plan and the prosecutor say of an offence. @param {{id: string}} props */
function About({ id }) {
  const one = chargeOf(id);
  if (!one) return null;
  return html`<div class="approved"><p class="small">${one.says} ${one.statute ? html`<span class="code">${one.statute}</span>` : ""}</p>
    ${one.rests_on === "order to disperse" ? html`<p class="warn-text">It depends on a complete order to disperse, its waiting time being over, and an exit open to this person.</p>` : one.rests_on === "curfew" ? html`<p class="warn-text">It depends on the notice of the curfew and an open way home.</p>` : null}
    ${one.guide === "declined" ? html`<p class="bad-text">The prosecutor does not take it up.</p>` : null}
    <p class="small muted">${one.source}</p></div>`;
}

/** @type {Record<string, (key: string) => Spec>} */
export const RECORD = {
  offence,
  describe: (key) => ({
    title: `Who the person is${title(key)}`, command: "DescribePerson", intro: "What you perceived and what the person stated are kept separate. No answer is required, but record that you asked.",
    fields: [...record(key), note("name", "Name, as stated or shown", { rows: 1 }), check("unidentified", "Not identified: by the wristband’s number alone"), line("born", "Date of birth", { pattern: /^\d{4}-\d\d-\d\d$/, shape: "a whole date, like 1998-04-30" }), line("age", "Age, or as it appears"),
      yesNo("apart", "Under 18, or may be", { hint: "Yes: kept apart from adults, a guardian is called, and their own deadlines run." }), line("minor", "How that is known"), line("guardian", "Guardian, and how to reach them"), note("address", "Address", { rows: 2 }),
      line("sex_perceived", "Sex, as perceived"), line("sex_stated", "Sex, as stated"), line("race_perceived", "Race, as perceived"), line("race_stated", "Race, as stated"), line("ethnicity_perceived", "Ethnicity, as perceived"), line("ethnicity_stated", "Ethnicity, as stated"),
      line("resident", "Resident of the town"), line("language", "Language", { suggest: ["English", "Spanish", "American Sign Language"] }), line("interpreter", "Interpreter: needed, called, there"), line("disability", "Disability, and what it takes"), note("medical", "Medical needs", { rows: 2 }), line("armed", "Armed with"),
      { name: "answered", label: "Asked, and not answered", kind: "checks", options: ANSWERED }],
    ways: [{ label: "Record", build: (v) => command("DescribePerson", { ...ids(key, v), answered: v.answered, unidentified: v.unidentified || undefined, name: v.name, address: v.address, born: v.born, age: v.age, minor: v.minor, apart: tri(v.apart), guardian: v.guardian, sex_perceived: v.sex_perceived, sex_stated: v.sex_stated, race_perceived: v.race_perceived, race_stated: v.race_stated, ethnicity_perceived: v.ethnicity_perceived, ethnicity_stated: v.ethnicity_stated, resident: v.resident, language: v.language, interpreter: v.interpreter, armed: v.armed, disability: v.disability, medical: v.medical }) }],
  }),
  role: (key) => ({
    title: `Press, medic, legal observer${title(key)}`, command: "FlagProtectedRole", intro: "The person says, or it can be seen, that they are at work in such a role. A supervisor comes.",
    fields: [...record(key), select("outcome", "What is done", [["supervisor called", "A supervisor is called"], ["arrest upheld", "The supervisor upholds the arrest"], ["released", "The person is let go"]], { none: "A supervisor is called" }),
      line("role", "Which role, and how it is known", { suggest: ["press", "medic", "legal observer"] }), oneOf("supervisor", "Supervisor", { none: "Whoever is nearest" }), note("reason", "Why"), when],
    ways: [{ label: "Record", build: (v) => command("FlagProtectedRole", { ...ids(key, v), flag: newId(), outcome: v.outcome, role: v.role, supervisor: v.supervisor, reason: v.reason }) }],
  }),
  warned: (key) => ({
    title: `Warning to this person${title(key)}`, command: "RecordIndividualWarning", intro: "This particular person was warned and could comply, or why not.",
    fields: [...record(key), select("warned", "Warned", WARNED, { required: true }), note("words", "In which words"), note("not_warned_because", "If not, why not"), when],
    ways: [{ label: "Record", build: (v) => command("RecordIndividualWarning", { ...ids(key, v), warned: v.warned, words: v.words, not_warned_because: v.not_warned_because }) }],
  }),
  restraint: (key) => {
    const on = /** @type {any} */ (rows("custody")[arrestOf(key)?.subject ?? key])?.restraints ?? [];
    const barred = new Set(words("barred_positions").map(([id]) => id));
    const positions = ["front", "behind", "seated", "wrist to ankle", "to a fixed object", "other"];
    return {
      title: `Restraints${title(key)}`, command: "RecordRestraint", intro: "On, checked, loosened, off. Loosening and taking off need no permission.",
      fields: [...record(key), ...(on.length ? [select("restraint", "Which", [...on.map((/** @type {any} */ one) => [one.id, `${one.kind || "restraints"}${one.position ? `, ${one.position}` : ""}`]), ["new", "Others"]], { none: "Those that are on" })] : []),
        select("act", "What", [["applied", "Put on"], ["checked", "Looked at: circulation, position, need"], ["loosened", "Loosened"], ["removed", "Taken off"]], { required: true }), line("kind", "Kind", { suggest: ["metal cuffs", "flexible cuffs"] }),
        select("position", "Position", positions.map((one) => [one, barred.has(one) ? `${one} · nobody may be held so` : one]), { none: "Not said" }), note("reason", "Why", { rows: 2 }), note("complaint", "Complaint of pain or numbness", { rows: 2 }), when],
      ways: [{ label: "Record", build: (v) => command("RecordRestraint", { ...ids(key, v), restraint: v.restraint && v.restraint !== "new" ? v.restraint : v.restraint !== "new" && v.act !== "applied" && on[0] ? on[0].id : newId(), act: v.act, kind: v.kind, position: v.position, reason: v.reason, complaint: v.complaint }) }],
    };
  },
  rights: (key) => ({
    title: `Rights and papers given${title(key)}`, command: "RecordRights", intro: "In the person’s own language.",
    fields: [...record(key), select("what", "What", same(["rights before questions", "notice of options", "charges", "property receipt", "release papers"]), { required: true }), language("language", "Language"), yesNo("understood", "Understood"), when],
    ways: [{ label: "Record", build: (v) => command("RecordRights", { ...ids(key, v), what: v.what, language: v.language, understood: tri(v.understood) }) }],
  }),
  sign: (key) => {
    const row = arrestOf(key);
    const mine = row?.officer.person === live.me.value?.person ? "arresting" : "";
    return {
      title: `Sign${title(key)}`, command: "SignArrest", intro: html`For your own part alone, with your own sign-in. ${row ? html`The record names <strong>${row.officer.name || row.officer.person}</strong> as the arresting officer.${mine ? "" : " Signing as that officer is kept, and found contrary to the plan."}` : ""}`,
      fields: [...record(key), select("signing", "Your part", [["arresting", "I made this arrest"], ["observing", "I saw what the person did"], ["assisting", "I helped with the arrest"]], { required: true })],
      ways: [{ label: "Sign", build: (v) => ({ ...command("SignArrest", { ...ids(key, v), signing: v.signing }), of: (arrestOf(key || v.about)?.seq || 1) }) }],
    };
  },
  readback: (key) => ({
    title: `From paper${title(key)}`, command: "ReadBackArrest", intro: "A paper form that was filled in when nothing else worked has been entered here and read back to whoever wrote it.",
    fields: [...record(key), idLine("form", "Number of the form", { required: true }), oneOf("read_to", "Read back to"), when],
    ways: [{ label: "Record", build: (v) => command("ReadBackArrest", { ...ids(key, v), form: v.form, read_to: v.read_to }) }],
  }),
  grounds: (key) => {
    const view = key ? recordFor(key) : undefined;
    const known = (view?.offences ?? []).filter((one) => !one.withdrawn);
    return {
      title: `Review of probable cause${title(key)}`, command: "ReviewGrounds", ready: view !== null, intro: "By a supervisor who had no part in the arrest, on this person’s own facts. If they do not hold up, the person goes free.",
      fields: [...record(key), ...(view ? [/** @type {FieldSpec} */ ({ name: "facts", label: "", kind: "shown", show: () => Grounds({ view }) })] : []),
        ...(known.length > 1 ? [/** @type {FieldSpec} */ ({ name: "offences", label: "Which offences (none: all)", kind: "checks", options: known.map((one) => [one.offence, one.charge]) })] : []),
        select("conclusion", "Conclusion", [["supported", "The facts bear it out"], ["not supported", "They do not: the person goes free"], ["more is needed", "More is needed first"]], { required: true }), note("reasons", "On which facts", { required: true })],
      ways: [{ label: "File the review", build: (v) => command("ReviewGrounds", { ...ids(key, v), review: newId(), conclusion: v.conclusion, reasons: v.reasons, offences: v.offences }) }],
    };
  },
  disposition: (key) => ({
    title: `What becomes of it${title(key)}`, command: "DecideDisposition", intro: "Citation comes first.",
    fields: [...record(key), { name: "first", label: "", kind: "shown", show: (v) => CitedFirst({ charges: arrestOf(key || v.about)?.charges ?? [], disposition: v.disposition }) },
      select("disposition", "Disposition", [["cited", "Cited, and free to go"], ["released", "Released without charge"], ["detention only", "Detention only: no arrest on the record"], ["diverted", "Diverted to help"], ["custody", "Custody"], ["transferred", "Transferred"]], { required: true }),
      words("exceptions").length ? select("exception", "Reason for custody, by the plan’s code", words("exceptions").map(([id, says]) => [id, `${id.replaceAll("-", " ")}: ${says}`]), { none: "None" }) : idLine("exception", "Reason for custody, by the plan’s code"),
      line("citation", "Number of the citation"), note("reason", "Why"), when],
    ways: [{ label: "Record", build: (v) => command("DecideDisposition", { ...ids(key, v), disposition: v.disposition, exception: v.exception, citation: v.citation, reason: v.reason }) }],
  }),
  step: (key) => {
    const [arrest, which] = split(key);
    const view = arrest ? recordFor(arrest) : undefined;
    const vans = Object.values(rows("sites")).filter((one) => !one.closed_at).map((one) => /** @type {const} */ ([one.id, one.name]));
    return {
      title: `${which ? { transport: "Transport", booking: "Booking", closing: "Close the record" }[which] ?? "Next step" : "Next step"}${title(arrest)}`, command: "AskArrestStep", intro: "Transport, booking and closing need a record with everything that the plan requires by then. Release, care and loosening restraints need no permission.",
      fields: [...record(arrest), ...(view ? [/** @type {FieldSpec} */ ({ name: "steps", label: "", kind: "shown", show: (v) => Step({ view, step: which || v.step }) })] : []),
        ...(which ? [] : [select("step", "Step", [["transport", "Transport"], ["booking", "Booking"], ["closing", "Close the record"]], { required: true })]), select("to", "Where to", vans, { none: "Not said" })],
      ways: [{ label: "Ask", build: (v) => command("AskArrestStep", { ...ids(arrest, v), step: which || v.step, to: v.to }) }],
    };
  },
  attach: (key) => ({
    title: `Photo or paper${title(key)}`, command: "AddAttachment", intro: "Its fingerprint is recorded at once; the file follows.",
    fields: [...record(key), { name: "photo", label: "File", kind: "photo", required: true }, select("kind", "What it is", [["photo with officer", "Photo of the person with the officer"], ["photo", "Photo"], ["property photo", "Photo of property"], ["document", "Document"], ["video", "Video"], ["audio", "Sound"]], { required: true }), note("note", "Note", { rows: 2 }), when],
    ways: [{ label: "Record", build: (v) => command("AddAttachment", { ...attachment(/** @type {any} */ (ids(key, v)), v.photo, v.kind), note: v.note }) }],
  }),
};

/** What a reviewer reads before deciding. @param {{view: import("../types.d.ts").RecordView}} props */
function Grounds({ view }) {
  const card = standing(view.versions);
  return html`<div class="approved"><p class="part-title">What is on record</p>
    ${card?.said?.conduct ? html`<blockquote>${card.said.conduct}</blockquote>` : html`<p class="warn-text">${card?.withheld?.includes("conduct") ? "What the person did is not shown to your role." : "Nothing says what this person did."}</p>`}
    ${(view.offences ?? []).filter((one) => !one.withdrawn).map((one) => html`<p class="small" key=${one.offence}><strong>${one.charge}</strong>: ${standing(one.versions)?.said?.facts || html`<span class="warn-text">no facts written</span>`}</p>`)}
    ${view.record.finding ? html`<p class="small">${(view.record.finding.reasons ?? []).join("; ")}</p><${Rules} rules=${view.record.finding.rules} />` : null}</div>`;
}

/** @param {{view: import("../types.d.ts").RecordView, step?: string}} props */
function Step({ view, step }) {
  const found = view.steps?.find((one) => one.step === step)?.decision;
  if (!found) return null;
  if (found.effect === "not barred") return html`<p class="badge badge-ok">✓ the record holds what the plan asks for by then</p>`;
  return html`<div class="approved"><p class="part-title">Still missing</p><ul class="permits">${(found.missing ?? []).map((one) => html`<li key=${one}>${one}</li>`)}</ul></div>`;
}

