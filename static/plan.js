/**
 * The plan's own words, by kind: tools, warning texts, conduct and the like, as the server tells them. Until it has told
 * them a form takes the plan's ids as typed: nothing is ever refused here for want of a list.
 */
import { signal } from "./lib.js";
import { rows } from "./store.js";

/** @typedef {"tools" | "texts" | "grounds" | "zones" | "measures" | "findings" | "postures" | "courses" | "says"} WordKind */

/** @type {import("./lib.js").Signal<Record<string, readonly (readonly [string, string])[]>>} */
export const told = signal({});

/** Ids of a kind with the sentence or name that the plan gives them. @param {WordKind} kind @returns {(readonly [string, string])[]} */
export function words(kind) {
  /** @type {Map<string, string>} */
  const all = new Map(told.value[kind] ?? []);
  if (kind === "postures") for (const one of Object.values(rows("posture"))) all.set(one.posture, one.title);
  if (kind === "courses") for (const one of Object.values(rows("people"))) for (const [course] of one.training ?? []) all.set(course, course.replaceAll("-", " "));
  if (kind === "texts") for (const one of Object.values(rows("warnings"))) for (const said of one.given ?? []) all.set(said.text, said.text.replaceAll("-", " "));
  if (kind === "findings") for (const level of Object.values(rows("levels"))) for (const [id, says] of level.indicators ?? []) all.set(id, says);
  return [...all];
}

/** What the plan calls an id of a kind; without its word the id itself, readable. @param {WordKind} kind @param {string} id */
export function wordFor(kind, id) {
  return new Map(words(kind)).get(id) || id.replaceAll("-", " ");
}
