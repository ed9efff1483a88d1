/**
 * The plan's own words: tools, approved texts, findings, measures and the like, as the server reads them from the packs
 * that the incident is judged by. Until it has told them a form takes the plan's ids as typed: nothing is ever refused
 * here for want of a list.
 */
import { effect, signal, untracked } from "./lib.js";
import { incident, live, rows } from "./store.js";
import { call, incidentPath } from "./api.js";

/** @typedef {import("./types.d.ts").PlanWords} PlanWords */
/** @typedef {"tools" | "texts" | "grounds" | "zones" | "measures" | "findings" | "postures" | "courses" | "says" | "resistance" | "purposes" | "states" | "ranks" | "offices" | "languages" | "conclusions" | "questions" | "parts" | "levels" | "charges" | "exceptions" | "barred_positions"} WordKind */

/** @type {import("./lib.js").Signal<PlanWords | null>} */
export const told = signal(null);

let asking = false;

/** Ask for the words of the plan, once for each plan. A failure is mended by the next form that opens. */
export async function learn() {
  const log = live.position()?.log ?? "";
  if (asking || !log) return;
  asking = true;
  try {
    told.value = await call("GET", incidentPath(log, "words"));
  } catch {
    // Nothing waits for it: forms take what is typed.
  } finally {
    asking = false;
  }
}

// Another plan, or a change of it, has other words.
effect(() => {
  const packs = /** @type {any} */ (Object.values(live.sections.incident.value)[0])?.packs;
  if (packs) untracked(() => { if (!told.peek() || String(told.peek()?.packs) !== String(packs)) void learn(); });
});

/** @param {string} id */
const readable = (id) => id.replaceAll("-", " ");

/** Ids of a kind with the sentence or name that the plan gives them. @param {WordKind} kind @returns {(readonly [string, string])[]} */
export function words(kind) {
  const plan = told.value;
  /** @type {Map<string, string>} */
  const all = new Map(plan ? listed(plan, kind) : []);
  if (kind === "postures") for (const one of Object.values(rows("posture"))) all.set(one.posture, one.title);
  if (kind === "courses") for (const one of Object.values(rows("people"))) for (const [course] of one.training ?? []) if (!all.has(course)) all.set(course, readable(course));
  if (kind === "findings" && !plan) for (const level of Object.values(rows("levels"))) for (const [id, says] of level.indicators ?? []) all.set(id, says);
  return [...all];
}

/** @param {PlanWords} plan @param {WordKind} kind @returns {(readonly [string, string])[]} */
function listed(plan, kind) {
  if (kind === "tools") return (plan.tools ?? []).map((one) => [one.id, one.name]);
  if (kind === "texts") return approved(plan);
  if (kind === "levels") return (plan.levels ?? []).map((one) => [one.id, one.name]);
  if (kind === "questions") return Object.entries(plan.questions ?? {});
  const found = /** @type {readonly any[]} */ (plan[kind] ?? []);
  return found.map((one) => (typeof one === "string" ? [one, readable(one)] : [one.id, one.says]));
}

/** Approved texts, and the sequences for which the plan holds no text: their own name stands for them. @param {PlanWords} plan @returns {(readonly [string, string])[]} */
function approved(plan) {
  const texts = (plan.texts ?? []).filter((one) => (one.use ?? "spoken") === "spoken");
  const known = new Set(texts.map((one) => one.id));
  const bare = (plan.warnings ?? []).filter((rule) => !(rule.texts ?? []).some((id) => known.has(id)));
  return [...texts.map((one) => /** @type {const} */ ([one.id, one.says])), ...bare.map((one) => /** @type {const} */ ([one.id, `In words of one’s own: ${one.says}`]))];
}

/** What the plan calls an id of a kind; without its word the id itself, readable. @param {WordKind} kind @param {string} id */
export function wordFor(kind, id) {
  return new Map(words(kind)).get(id) || readable(id);
}

/** A short name for an id where a sentence would be too long. @param {string} id */
export const shortFor = (id) => readable(id);

/** Tools and measures, "never authorized" ones told apart. @param {(tool: import("./types.d.ts").ToolWord) => boolean} [keep] @returns {(readonly [string, string])[]} */
export function toolOptions(keep = () => true) {
  return (told.value?.tools ?? []).filter(keep)
    .map((one) => [one.id, `${one.name}${one.group ? " (against a whole group)" : ""}${one.grant === "never" ? " (never authorized)" : one.grant === "not needed" ? " (needs no grant)" : ""}`]);
}

/** What a number of a tool counts, with a space before it: " canisters"; "" where the plan gives no word. @param {string} tool */
export const unitOf = (tool) => {
  const unit = told.value?.tools?.find((one) => one.id === tool)?.unit;
  return unit ? ` ${unit}` : "";
};

/** For what the plan lets someone authorize a tool; all purposes where it says nothing of it. @param {string} tool @returns {readonly string[]} */
export function purposesOf(tool) {
  const found = told.value?.tools?.find((one) => one.id === tool)?.purposes;
  return found?.length ? found : told.value?.purposes ?? [];
}

/** An approved text word for word. @param {string} id */
export const textOf = (id) => told.value?.texts?.find((one) => one.id === id);

/** The sequence that a text belongs to, and what it takes. @param {string} text */
export const sequenceOf = (text) => told.value?.warnings?.find((one) => one.id === text || one.texts?.includes(text));
