/** What the forms about arrests and custody share: whom they are about, offences and codes in the plan's words, holders. */
import { rows } from "../store.js";
import { arrestOf, personOf, shortNumber } from "../arrests.js";
import { idLine, newId, personOptions, select, unitOptions } from "./options.js";
import { told, words } from "../plan.js";
import { TONGUES } from "../tongues.js";

/** @typedef {import("./form.js").FieldSpec} FieldSpec */

export const STATIONS = ["intake", "search", "photo", "property", "review", "cite", "transport", "care", "holding", "release"];
export const CARE = ["water", "food", "toilet", "medical", "medicine", "blanket", "telephone", "interpreter", "lawyer"];
export const SITES = ["staging", "vehicle", "processing", "holding", "juvenile", "hospital"];


/** The plan's languages first. @returns {(readonly [string, string])[]} */
export const languages = () => [...new Set([...words("languages").map(([id]) => id), ...Object.keys(TONGUES)])].map((id) => [id, TONGUES[id] ? `${TONGUES[id]} (${id})` : id]);

/** Records on the board, the newest first. @returns {(readonly [string, string])[]} */
export const recordOptions = () => /** @type {import("../types.d.ts").ArrestRow[]} */ (Object.values(rows("arrests"))).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0))
  .map((one) => [one.id, [shortNumber(one.number), one.officer.name || one.officer.person, (one.charges ?? []).join(", ")].filter(Boolean).join(" · ")]);

/** People in custody, the longest held first, and those whose record is there beside them. @returns {(readonly [string, string])[]} */
export const heldOptions = () => /** @type {import("../types.d.ts").CustodyRow[]} */ (Object.values(rows("custody"))).sort((a, b) => Date.parse(a.arrested_at ?? a.since) - Date.parse(b.arrested_at ?? b.since))
  .map((one) => [one.id, [shortNumber(one.number), one.holder?.name, one.station].filter(Boolean).join(" · ")]);

/** The record that a form is about: given by its button, else chosen. @param {string} key @returns {FieldSpec[]} */
export function record(key) {
  if (key) return [];
  const known = recordOptions();
  return [known.length ? select("about", "Which record", known, { required: true }) : idLine("about", "Which record", { required: true, hint: "Its number." })];
}

/** The person that a form is about: given by its button, else chosen. @param {string} key @returns {FieldSpec[]} */
export function person(key) {
  if (key) return [];
  const known = heldOptions();
  return [known.length ? select("about", "Who", known, { required: true }) : idLine("about", "Who", { required: true, hint: "The number on the wristband, or of the record." })];
}

/** The two ids that every report about a person has. @param {string} key @param {Record<string, any>} v */
export function ids(key, v) {
  const name = key || v.about || "";
  const arrest = arrestOf(name);
  const held = personOf(name);
  return { arrest: arrest?.id ?? held?.arrest ?? (held ? undefined : name), subject: arrest?.subject ?? held?.id ?? name };
}

/** @param {string} key */
export const title = (key) => (key ? `: ${shortNumber(arrestOf(key)?.number ?? personOf(key)?.number ?? key)}` : "");

/** @type {Record<string, string>} */
const GUIDES = { declined: "the prosecutor does not take it up", citation: "the prosecutor wants it cited" };
/** @type {Record<string, string>} */
const RESTS = { "order to disperse": "stands on an order to disperse", curfew: "stands on a curfew" };

/** @param {import("../types.d.ts").ChargeWord} one */
export const chargeWords = (one) => `${one.says.replace(/\.$/, "")}${one.statute ? ` (${one.statute})` : ""}${[one.cite === "first" ? "cited first" : "", RESTS[one.rests_on ?? ""] ?? "", GUIDES[one.guide ?? ""] ?? ""].filter(Boolean).map((word) => ` · ${word}`).join("")}`;

/** The plan's offences, those that the prosecutor supports first; the others are there, and say so. @returns {(readonly [string, string])[]} */
export const chargeOptions = () => (told.value?.charges ?? []).map((one) => [one.id, chargeWords(one)]);

/** @param {string} id */
export const chargeOf = (id) => told.value?.charges?.find((one) => one.id === id || (one.statute && one.statute === id));

/** Offences in their words, as rows name them, back to the plan's. @param {readonly string[]} names */
export const chargesNamed = (names) => names.map((name) => told.value?.charges?.find((one) => one.id === name || one.id.replaceAll("-", " ") === name)).filter((one) => one !== undefined);

/** Open sites and vehicles. @param {(site: import("../types.d.ts").SiteRow) => boolean} [keep] */
export const sites = (keep = () => true) => /** @type {import("../types.d.ts").SiteRow[]} */ (Object.values(rows("sites"))).filter((one) => !one.closed_at && keep(one)).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));

/** @param {(site: import("../types.d.ts").SiteRow) => boolean} [keep] @returns {(readonly [string, string])[]} */
export const siteOptions = (keep) => sites(keep).map((one) => [one.id, `${one.name} · ${one.occupancy} of ${one.capacity}${one.full ? " · full" : ""}${one.adults === false ? " · minors only" : one.minors ? " · also minors" : ""}`]);

const KINDS = { vehicle: "vehicle", hospital: "hospital" };

/** Whoever may have a person: `kind~id`. @returns {(readonly [string, string])[]} */
export function holderOptions() {
  return [
    ...sites().map((one) => /** @type {const} */ ([`${/** @type {any} */ (KINDS)[one.kind] ?? "site"}~${one.id}`, `${one.name} · ${one.occupancy} of ${one.capacity}${one.full ? " · full" : ""}`])),
    ...personOptions((p) => p.on_scene !== false).map(([id, name]) => /** @type {const} */ ([`officer~${id}`, name])),
    ...unitOptions().map(([id, name]) => /** @type {const} */ ([`unit~${id}`, `unit ${name}`])),
    ["hospital~hospital", "A hospital"], ["jail~jail", "The jail"], ["court~court", "A court"],
  ];
}

/** @param {string | undefined} value `kind~id` @returns {[string, string]} */
export function holderOf(value) {
  const cut = (value ?? "").indexOf("~");
  return cut < 0 ? ["", ""] : [(value ?? "").slice(0, cut), (value ?? "").slice(cut + 1)];
}

/** @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const holder = (name, label, more = {}) => select(name, label, holderOptions(), more);

/** @param {string} name @param {string} label @returns {FieldSpec} */
export const people = (name, label) => ({ name, label, kind: "checks", options: personOptions() });

/** Everyone on duty, and whoever was named before. @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const oneOf = (name, label, more = {}) => select(name, label, personOptions(), { none: "Not said", ...more });

/** @param {string} name @param {string} label @returns {FieldSpec} */
export const language = (name, label) => select(name, label, languages(), { none: "Not said" });

/** The report of a picture or paper beside what it belongs to. @param {{arrest?: string, subject: string}} who @param {any} photo @param {string} kind */
export const attachment = (who, photo, kind) => ({ type: "AddAttachment", attachment: photo.attachment ?? newId(), record: who.arrest, subject: who.subject, kind, sha256: photo.sha256, size_bytes: photo.size_bytes, media: photo.media });
