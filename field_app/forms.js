/**
 * The forms that a tablet offers: the dashboard's own, so that a record asks the same everywhere, and those that only the street
 * needs. What the plan and the board know fills the choices; with no network what was last seen does.
 */
import { SPECS } from "../static/forms/specs.js";
import { rows } from "../static/store.js";
import { STREET } from "./street.js";

/** @typedef {import("../static/forms/options.js").Spec} Spec */

/** @type {{form: string, words: string, under?: string, first?: boolean}[]} */
export const TILES = [
  { form: "arrest", words: "Arrest", under: "street card", first: true },
  { form: "citation", words: "Citation", under: "cited and free" },
  { form: "force", words: "Force used" },
  { form: "warning", words: "Warning given", under: "with its timer" },
  { form: "aid", words: "Medical aid" },
  { form: "handover", words: "Hand over", under: "a person, by wristband" },
  { form: "observation", words: "Observation" },
  { form: "intervention", words: "Intervention", under: "by a fellow officer" },
  { form: "askforce", words: "Ask for authorization" },
  { form: "caregiven", words: "Care given", under: "water, toilet, loosened" },
  { form: "returned", words: "Munitions returned" },
  { form: "distress", words: "Person in distress" },
  { form: "note", words: "Note" },
];

/** A form by its name and the key of what it is about. @param {string} name `form` or `form~key` @returns {Spec | null} */
export function specOf(name) {
  const cut = name.indexOf("~");
  const [kind, key] = cut < 0 ? [name, ""] : [name.slice(0, cut), name.slice(cut + 1)];
  const make = Object.hasOwn(STREET, kind) ? STREET[kind] : Object.hasOwn(SPECS, kind) ? SPECS[kind] : null;
  return make ? make(key) : null;
}

/** Questions that hang on another answer: not asked before it. @type {Record<string, Record<string, (values: Record<string, any>) => boolean>>} */
const HANGS = {
  force: { officer: (v) => v.who === "~", exigent_reason: (v) => Boolean(v.exigent), grant: () => Object.keys(rows("grants")).length > 0 },
  aid: { accepted: (v) => v.step === "offered" },
};

/** @param {string} name of a form, with its key @param {string} field @param {Record<string, any>} values */
export const isAsked = (name, field, values) => HANGS[name.split("~")[0]]?.[field]?.(values) ?? true;

const OF_ME = new Set(["force", "returned"]); // what an officer reports of their own hands

/**
 * What a form begins with: what is so in nearly every case, in sight and to be changed. Nothing that anybody judges.
 * @param {Spec} spec @param {string} name with its key @param {{me: string, sector: string}} known who writes, and where their unit is at work @returns {Record<string, any>}
 */
export function beginning(spec, name, { me, sector }) {
  const kind = name.split("~")[0];
  const has = (/** @type {string} */ field, /** @type {string} */ value) => spec.fields.some((one) => one.name === field && one.kind === "select" && one.options?.some(([word]) => word === value));
  const language = spec.fields.find((one) => one.name === "language" && one.kind === "select")?.options?.[0]?.[0];
  const mine = OF_ME.has(kind) && rows("people")[me] ? (has("who", me) ? { who: me } : has("holder", me) ? { holder: me } : {}) : {};
  return { ...(has("sector", sector) ? { sector } : {}), ...(language ? { language } : {}), ...mine, ...spec.initial };
}

/**
 * What the street needs of a long form; its other questions are folded, there for whoever has the time, and asked again later.
 * @type {Record<string, ReadonlySet<string>>}
 */
const FIRST = {
  force: new Set(["who", "officer", "tool", "quantity", "sector", "account", "resistance", "warned", "harm", "injury", "aid_given", "ems_called", "exigent", "exigent_reason"]),
  warning: new Set(["sector", "text", "language", "approved", "words", "amplified", "audible", "on_camera", "exits_open", "weapon"]),
};

/** @param {string} name of a form, with its key @param {readonly import("../static/forms/options.js").FieldSpec[]} fields @returns {[import("../static/forms/options.js").FieldSpec[], import("../static/forms/options.js").FieldSpec[]]} those that are asked at once, and the folded */
export function split(name, fields) {
  const first = FIRST[name.split("~")[0]];
  const now = (/** @type {import("../static/forms/options.js").FieldSpec} */ field) => !first || field.required || first.has(field.name);
  return [fields.filter(now), fields.filter((field) => !now(field))];
}
