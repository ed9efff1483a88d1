/**
 * The street card. Six inputs, any of which may be left out: what is missing becomes a list with its clock, and never keeps
 * a card from being kept. A second card may take the circumstances of another, and never what anyone did.
 */
import { html } from "../lib.js";
import { live, rows } from "../store.js";
import { subjectId } from "../ids.js";
import { sectorName } from "../parts.js";
import { readBand } from "../wristband.js";
import { arrestOf, held, recordFor, shortNumber, standing } from "../arrests.js";
import { check, command, lines, newId, note, personOptions, place, sectorOptions, select, when } from "./options.js";
import { attachment, chargeOptions, people, oneOf } from "./arrest_words.js";

/** @typedef {import("./options.js").Spec} Spec */
/** @typedef {import("./form.js").FieldSpec} FieldSpec */

/** One answer for the two questions that cannot wait. @type {(readonly [string, string])[]} */
const HURT = [["no", "Not hurt, no force"], ["hurt", "Hurt, or says so"], ["force", "Force was used, not hurt"], ["both", "Force was used, and hurt"]];

/** @type {(readonly [string, string])[]} */
const BASIS = [["own conduct", "What this person did"], ["warrant", "A warrant"], ["presence in a group", "Presence in a group: no basis for an arrest, and found so"]];
/** @type {(readonly [string, string])[]} */
const CATEGORY = [["O", "Arrested on view"], ["S", "Summoned or cited, not taken away"], ["T", "Taken into custody"]];
/** @type {(readonly [string, string])[]} */
const EXITS = [["open", "A way out was open to this person"], ["closed", "The way out was closed"]];
/** @type {(readonly [string, string])[]} */
export const WARNED = [["warned, with a chance to comply", "Warned, with a chance to comply"], ["not warned", "Not warned"]];

const me = () => live.me.value?.person ?? "";

/** Where the one who writes is at work: the sector of their unit. */
const here = () => /** @type {string} */ (rows("units")[rows("people")[me()]?.unit]?.sector ?? "");

/** Whether the number was read as it is printed; that it was used before. @type {FieldSpec} */
const bandField = { name: "band", label: "", kind: "shown", show: (v) => {
  const { number, state } = readBand(v.wristband ?? "");
  const taken = number ? Object.values(rows("arrests")).find((one) => one.wristband === number) : undefined;
  if (taken) return html`<p class="small warn-text" role="status">${number} is on a record already, of ${taken.officer.name || taken.officer.person}.</p>`;
  if (state === "ours") return html`<p class="small ok-text" role="status">✓ ${number}</p>`;
  return state === "wrong" ? html`<p class="small warn-text" role="status">The last character does not fit the others: look at the band again.</p>` : null;
} };

/** What may be taken over from another card: where and when it was, under which warning; nothing that says what anybody did. @param {string} from */
function circumstances(from) {
  const row = arrestOf(from);
  if (!row) return {};
  const view = held.value?.id === row.id ? held.value.data : null;
  const said = /** @type {Record<string, any>} */ (standing(view?.versions)?.public ?? {});
  return {
    sector: row.sector, place: row.place, observed_by: (row.observers ?? []).map((one) => one.person), assisting: (row.assisting ?? []).map((one) => one.person),
    warning: said.warning, exits: said.exits, curfew: said.curfew, contained: said.contained, bystanders: said.bystanders, declaration: said.declaration, authorized_by: said.authorized_by, cameras: said.cameras,
  };
}

/** @param {string} from @returns {FieldSpec} */
const whereField = (from) => ({ name: "sector", label: "Where", kind: "shown", show: (v, set) => Where({ from, chosen: v.sector, set }) });

/** The place is known from where the unit is at work; whoever is elsewhere says so. @param {{from: string, chosen?: string, set?: (value: any) => void}} props */
function Where({ from, chosen, set }) {
  const copied = circumstances(from);
  const sector = chosen || copied.sector || here();
  return html`<div class="card-where"><p>${sector ? html`In <strong>${sectorName(sector)}</strong>, now.` : html`<span class="warn-text">Where is not known: your unit has no sector.</span>`}
    ${from ? html` The circumstances of ${shortNumber(arrestOf(from)?.number ?? "")} are taken over: place, warning, ways out, who saw it, cameras. What this person did is theirs alone.` : null}</p>
    <details><summary>Elsewhere</summary><label>Sector<select value=${chosen ?? ""} onChange=${(/** @type {any} */ e) => set?.(e.currentTarget.value)}><option value="">${sector ? sectorName(sector) : "Not known"}</option>${sectorOptions().map(([id, words]) => html`<option key=${id} value=${id}>${words}</option>`)}</select></label></details></div>`;
}

/** @param {string} key nothing, or the record whose circumstances are taken over @returns {Spec} */
function card(key) {
  const from = arrestOf(key) ? key : "";
  /** @param {Record<string, any>} v @param {string} officer */
  function build(v, officer) {
    const near = circumstances(from);
    const sector = v.sector || near.sector || here();
    const ids = { arrest: newId(), subject: subjectId() };
    const made = command("RecordArrest", {
      ...near, ...ids, officer, officer_agency: rows("people")[officer]?.agency, sector, wristband: readBand(v.wristband ?? "").number, offences: v.offence ? [v.offence] : [], injured: v.hurt ? v.hurt === "hurt" || v.hurt === "both" : undefined, conduct: v.conduct,
    });
    return v.photo ? [made, attachment(ids, v.photo, "photo with officer")] : made;
  }
  return {
    title: "Street card", command: "RecordArrest", intro: "One person. Say what you know now; processing will ask for the rest. The card is saved whatever is missing.",
    fields: [whereField(from), { name: "wristband", label: "Wristband", kind: "line", max: 200, hint: "Scan it, or type its number." }, bandField,
      { name: "photo", label: "Photo of the person with the officer", kind: "photo" },
      chargeOptions().length ? select("offence", "Offence", chargeOptions(), { none: "None of these, or not clear yet" }) : { name: "offence", label: "Offence", kind: "line", max: 64 },
      note("conduct", "What this person did, in a sentence", { hint: "This particular person: what you or the observer saw. Not what the group did.", rows: 3 }),
      select("hurt", "Injury or force", HURT, { none: "Not known" }),
      select("officer", "Signed by", personOptions((p) => p.on_scene !== false && p.id !== me()), { none: "Me: I made this arrest", hint: "Only who made the arrest signs for it. Another officer signs later, with their own sign-in." })],
    ways: [{ label: (v) => (v.officer ? "Record; they sign for it themselves" : "Record and sign"), build: (v) => build(v, v.officer || me()) }],
    after: (id) => [{ words: "Next person, same circumstances…", open: ["arrest", id] }, { words: "Open the record", page: id }],
  };
}

/** The whole card, to correct or complete it. What stood stays readable. @param {string} key @returns {Spec} */
function whole(key) {
  const view = recordFor(key);
  const now = standing(view?.versions);
  const said = /** @type {Record<string, any>} */ (now?.public ?? {});
  const unread = (now?.withheld ?? []).filter((name) => ["conduct", "not_warned_because", "injury", "needs"].includes(name));
  return {
    title: `Card, corrected${key ? `: ${shortNumber(arrestOf(key)?.number ?? key)}` : ""}`, command: "RecordArrest", ready: view !== null,
    intro: html`Everything that is to stand, stated again; the earlier version stays readable beside it. ${unread.length ? html`<strong class="warn-text">Your role does not read everything on this card (${unread.map((name) => name.replaceAll("_", " ")).join(", ")}). What you leave empty there is empty in this version.</strong>` : null}`,
    initial: {
      officer: said.officer, wristband: said.wristband, sector: said.sector, place: said.place, offences: said.offences, basis: said.basis, category: said.category, conduct: now?.said?.conduct, warned: said.warned, not_warned_because: now?.said?.not_warned_because,
      warning: said.warning, exits: said.exits === "not known" ? "" : said.exits, bystanders: said.bystanders === "not known" ? "" : said.bystanders, contained: said.contained, curfew: said.curfew, declaration: said.declaration, observed_by: said.observed_by, assisting: said.assisting, authorized_by: said.authorized_by,
      injured: said.injured === true ? "yes" : said.injured === false ? "no" : "", injury: now?.said?.injury, needs: now?.said?.needs, force: said.force, cameras: (said.cameras ?? []).join("\n"),
    },
    fields: [select("officer", "Arresting officer", personOptions(), { required: true, none: "Choose…" }), { name: "wristband", label: "Wristband", kind: "line", max: 200 }, bandField,
      { name: "offences", label: "Offences", kind: "ids", options: chargeOptions() }, note("conduct", "What this person did"),
      select("basis", "It rests on", BASIS, { none: "What this person did" }), select("category", "How", CATEGORY, { none: "Arrested on view" }),
      people("observed_by", "Who saw it"), people("assisting", "Who helped"), oneOf("authorized_by", "Who authorized it", { none: "Nobody, or not said" }),
      { name: "sector", label: "Sector", kind: "select", options: sectorOptions(), none: "Not known" }, place, when,
      select("warned", "Warned beforehand", WARNED, { none: "Not said" }), note("not_warned_because", "If not warned, why not"),
      select("warning", "Order to disperse that it rests on", warningOptions(), { none: "None named: what was given there is looked up" }), select("exits", "The way out", EXITS, { none: "Not known" }),
      check("contained", "Inside a police line"), select("bystanders", "Those who took no part", [["open", "Could leave the line"], ["closed", "Could not leave the line"]], { none: "Not known, or no line" }),
      check("curfew", "For breach of a curfew alone"), select("declaration", "Declaration of many arrests", Object.values(rows("high_volume")).map((one) => [one.id, `${one.by.name || one.by.person}, ${one.sector || "everywhere"} (#${one.seq})`]), { none: "None" }),
      { name: "injured", label: "Hurt, or says so", kind: "tri" }, note("injury", "Injury or complaint"), note("needs", "What cannot wait: medicine, breathing, pregnancy, a child left behind"),
      { name: "force", label: "Reports of force", kind: "ids", options: Object.values(rows("care")).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0)).slice(0, 50).map((one) => [one.id, `${one.what} (#${one.seq})`]) },
      note("cameras", "Cameras that recorded it", { hint: "One a line; “none” where none did." })],
    ways: [{ label: "Record this version", build: (v) => command("RecordArrest", {
      arrest: key, subject: arrestOf(key)?.subject, officer: v.officer, officer_agency: rows("people")[v.officer]?.agency, wristband: readBand(v.wristband ?? "").number, sector: v.sector, place: v.place, offences: v.offences, observed_by: v.observed_by, assisting: v.assisting, authorized_by: v.authorized_by,
      basis: v.basis, category: v.category, warning: v.warning, exits: v.exits, warned: v.warned, force: v.force, injured: v.injured === "yes" ? true : v.injured === "no" ? false : undefined, cameras: lines(v.cameras), curfew: v.curfew || undefined, contained: v.contained || undefined, bystanders: v.bystanders, declaration: v.declaration,
      conduct: v.conduct, not_warned_because: v.not_warned_because, injury: v.injury, needs: v.needs }) }],
  };
}

/** Warnings as they were given, by sector. @returns {(readonly [string, string])[]} */
const warningOptions = () => /** @type {import("../types.d.ts").WarningRow[]} */ (Object.values(rows("warnings"))).flatMap((one) => (one.given ?? []).map((said) => /** @type {const} */ ([said.id, `${one.sector}: ${said.text.replaceAll("-", " ")} (#${said.seq})`])));

/** @type {Record<string, (key: string) => Spec>} */
export const ARREST = { arrest: card, card: whole };
