/** What the forms are made of: ids and bounds as the commands want them, and choices as the board knows them. */
import { rows } from "../store.js";
import { serverNow } from "../outbox.js";
import { uuid7 } from "../ids.js";
import { agencyName } from "../decision.js";
import { sectorOrder } from "../parts.js";

/** @typedef {import("./form.js").FieldSpec} FieldSpec */
/** @typedef {import("./form.js").Way} Way */
/** @typedef {{title: string, command: string, menu?: string, intro?: string, fields: FieldSpec[], ways: Way[], validate?: (v: Record<string, any>) => string[],
 *   ready?: boolean, initial?: Record<string, any>, after?: (id: string) => After[]}} Spec `ready` false: what it starts from is on its way; `initial` is what stands now, where a form corrects it */
/** @typedef {{words: string, open?: readonly [string, string], page?: string}} After what somebody often does next */

export const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
export const ID_SHAPE = "letters, digits and . _ : - only, at most 64";
export const LINE = 200;
export const NOTE = 8000;

export const newId = () => uuid7(serverNow());

/** Leave out what was not answered. @param {Record<string, any>} fields */
export function filled(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== "" && value !== null && !(Array.isArray(value) && !value.length)));
}

/** @param {string} type @param {Record<string, any>} fields @returns {any} */
export const command = (type, fields) => ({ type, ...filled(fields) });

/** @param {string | undefined} word */
export const tri = (word) => (word === "yes" ? true : word === "no" ? false : undefined);

/** @returns {(readonly [string, string])[]} */
export const sectorOptions = () => sectorOrder(rows("sectors")).map((s) => [s.id, s.name === s.id ? s.id : `${s.id} · ${s.name}`]);
/** @returns {(readonly [string, string])[]} */
export const unitOptions = () => Object.values(rows("units")).filter((u) => !u.released).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
  .map((u) => [u.id, `${u.name} · ${u.sector || "staging"} · ${agencyName(u.agency)}`]);
/** @param {(p: any) => boolean} [keep] @returns {(readonly [string, string])[]} */
export const personOptions = (keep = () => true) => Object.values(rows("people")).filter(keep).sort((a, b) => a.name.localeCompare(b.name))
  .map((p) => [p.id, `${p.name} · ${p.rank.replaceAll("-", " ")} · ${agencyName(p.agency)}`]);
/** @returns {(readonly [string, string])[]} */
export const agencyOptions = () => Object.values(rows("agencies")).map((a) => [a.id, a.name]);
/** @returns {(readonly [string, string])[]} */
export const indicatorOptions = () => {
  const all = new Map(Object.values(rows("levels")).flatMap((level) => level.indicators ?? []));
  return [...all];
};

/** @type {FieldSpec} */
export const when = { name: "when", label: "When it happened", kind: "time" };
/** @type {FieldSpec} */
export const place = { name: "place", label: "Where", kind: "place" };
/** @param {boolean} required @returns {FieldSpec} */
export const sector = (required) => ({ name: "sector", label: "Sector", kind: "select", options: sectorOptions(), required, none: required ? "Choose…" : "No sector" });

/** A whole number from a box, or nothing. @param {any} text */
export const count = (text) => (text === undefined || text === "" ? undefined : Number(text));

/** Minutes from a box, as seconds. @param {any} text */
export const minutes = (text) => (text === undefined || text === "" ? undefined : Number(text) * 60);

/** Lines of a box. @param {any} text */
export const lines = (text) => String(text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);

/** @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const number = (name, label, more = {}) => ({ name, label, kind: "number", pattern: /^\d{1,5}$/, shape: "a whole number", ...more });
/** @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const note = (name, label, more = {}) => ({ name, label, kind: "note", max: NOTE, ...more });
/** @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const line = (name, label, more = {}) => ({ name, label, kind: "line", max: LINE, ...more });
/** An id that someone types. @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const idLine = (name, label, more = {}) => ({ name, label, kind: "line", pattern: ID, shape: ID_SHAPE, ...more });
/** @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const yesNo = (name, label, more = {}) => ({ name, label, kind: "tri", ...more });
/** @param {string} name @param {string} label @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const check = (name, label, more = {}) => ({ name, label, kind: "check", ...more });
/** @param {string} name @param {string} label @param {readonly (readonly [string, string])[]} options @param {Partial<FieldSpec>} [more] @returns {FieldSpec} */
export const select = (name, label, options, more = {}) => ({ name, label, kind: "select", options, ...more });
/** @param {readonly string[]} words @returns {(readonly [string, string])[]} */
export const same = (words) => words.map((word) => [word, word]);
