/**
 * What was last seen of the incident, for when there is no network: the board, what the plan bars, its words. Sealed to who
 * saw it, for another may not. In the clear is only what a locked tablet needs to capture: the incident's name, its sectors,
 * the plan's charges, the names to pick an author from.
 */
import { utf8, utf8Text } from "./bytes.js";
import { ask, read, write } from "./db.js";

/** @template T @typedef {{value: T, seen_ms: number}} Seen `seen_ms`: when, by the server's time as well as it was known */

/** @param {string} part @param {string} name */
const bound = (part, name) => `muster cache 1|${part}|${name}`;

/**
 * Keep what was seen under a name such as `board:<incident>`. Nothing happens while locked.
 * @param {IDBDatabase} db @param {import("./keys.js").Keys} keys @param {string} name @param {unknown} value @param {number} seen_ms
 */
export async function keepSeen(db, keys, name, value, seen_ms) {
  const part = keys.part;
  if (!part) return;
  const box = await keys.seal(utf8(JSON.stringify({ value, seen_ms })), bound(part, name));
  await write(db, ["cache"], (of) => { of("cache").put({ part, name, box }); });
}

/** What was last seen; null where there is nothing, or the tablet is locked. @param {IDBDatabase} db @param {import("./keys.js").Keys} keys @param {string} name @returns {Promise<Seen<any> | null>} */
export async function lastSeen(db, keys, name) {
  const part = keys.part;
  const row = part && (await read(db, ["cache"], (of) => ask(of("cache").get([part, name]))));
  if (!row) return null;
  return keys.unseal(row.box, bound(part, name)).then((plain) => JSON.parse(utf8Text(plain))).catch(() => null);
}

const STEP_MS = 1_000; // a clock that is set anew by the server's word may step back a little

/**
 * Whether what was seen is too old to go by: asking again needs the server. How old it is nobody can tell where the clock
 * shows less than it did then, or may be off by more than the limit: that is too old.
 * @param {Seen<unknown>} seen @param {{now_ms: number, error_ms: number}} time @param {number} limit_s the pack's
 */
export function isStale(seen, { now_ms, error_ms }, limit_s) {
  const age_ms = now_ms - seen.seen_ms;
  return age_ms > limit_s * 1000 || age_ms < -STEP_MS || error_ms > limit_s * 1000;
}

/** Nobody's secret, for capture while locked. @param {IDBDatabase} db @param {string} name @param {unknown} value @param {number} seen_ms */
export async function keepPlain(db, name, value, seen_ms) {
  await write(db, ["cache"], (of) => { of("cache").put({ part: "", name, value, seen_ms }); });
}

/** @param {IDBDatabase} db @param {string} name @returns {Promise<Seen<any> | null>} */
export async function lastPlain(db, name) {
  return (await read(db, ["cache"], (of) => ask(of("cache").get(["", name])))) ?? null;
}
