/**
 * Records of arrests as this screen holds them beside the board: one whole record at a time, fetched through the lens, and
 * fetched again when something happens that it can rest on. Nothing of it is kept once another is opened.
 */
import { signal, useEffect, useRef } from "./lib.js";
import { live, past, replaying, rows } from "./store.js";
import { call, incidentPath } from "./api.js";
import { groupOf } from "./feed_data.js";

/** @typedef {import("./types.d.ts").RecordView} RecordView */
/** @typedef {import("./types.d.ts").Told} Told */

/** `at`: the event after which it is shown, in a replay; 0 as it stands. @type {import("./lib.js").Signal<{id: string, at: number, data: RecordView | null, trouble: string} | null>} */
export const held = signal(null);

const GATHER_MS = 400; // a burst of events is one question: each look at a record is on the trail

let wanted = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} rest */
export const arrestsPath = (rest) => incidentPath(live.position()?.log ?? "", rest);

/** Fetch a record; an answer to an older question is dropped. @param {string} id @param {number} [at] as it stood after this event */
export async function fetchRecord(id, at = 0) {
  clearTimeout(timer);
  timer = undefined;
  const mine = (wanted += 1);
  const before = held.peek()?.id === id ? held.peek()?.data ?? null : null;
  if (held.peek()?.id !== id) held.value = { id, at, data: null, trouble: "" };
  try {
    const data = await call("GET", arrestsPath(`arrests/${encodeURIComponent(id)}${at ? `?at=${at}` : ""}`));
    if (mine === wanted) held.value = { id, at, data, trouble: "" };
  } catch (error) {
    // Another moment's record is not what the banner says: none is shown rather than that one.
    if (mine === wanted) held.value = { id, at, data: held.peek()?.at === at ? before : null, trouble: /** @type {Error} */ (error).message };
  }
}

/** Something happened to the record that is held: look again, soon. */
function again() {
  const id = held.peek()?.id;
  if (id && timer === undefined) timer = setTimeout(() => void fetchRecord(id), GATHER_MS);
}

live.listeners.push((entries) => {
  const now = held.peek();
  if (!now || replaying.peek()) return;
  const number = now.data?.record.number;
  const named = number ? `arrest ${number.toLowerCase()}` : "";
  if (entries.some((entry) => entry.record === now.id || (groupOf(entry.type) === "arrests" && named && entry.line.toLowerCase().includes(named)))) again();
});

/** Hold a record for as long as the caller is on screen: as it stands, in a replay as it stood at that moment. @param {string} id */
export function useRecord(id) {
  const row = /** @type {any} */ (live.sections.arrests.value[id]);
  const person = /** @type {any} */ (live.sections.custody.value[row?.subject ?? ""]);
  const at = replaying.value ? past.at.value?.seq ?? 0 : 0;
  const seen = useRef(/** @type {any[]} */ ([]));
  useEffect(() => {
    const [was, of, whom, then] = seen.current;
    seen.current = [id, row, person, at];
    if (was !== id || then !== at) void fetchRecord(id, at);
    else if (!at && (of !== row || whom !== person)) again();
  }, [id, row, person, at]);
  return held.value?.id === id ? held.value : { id, at, data: null, trouble: "" };
}

/** The record that a form is about, fetched where it is not held; null while it is on its way. @param {string} id */
export function recordFor(id) {
  const now = held.value;
  if (now?.id !== id || now.at) {
    queueMicrotask(() => { if (held.peek()?.id !== id || held.peek()?.at) void fetchRecord(id); });
    return null;
  }
  return now.data ?? (now.trouble ? undefined : null);
}

/** The arrest of a key that is an arrest's or a person's id. @param {string} key @returns {import("./types.d.ts").ArrestRow | undefined} */
export function arrestOf(key) {
  const own = /** @type {any} */ (rows("arrests")[key]);
  if (own || !key) return own;
  const person = /** @type {any} */ (rows("custody")[key]);
  return person?.arrest ? /** @type {any} */ (rows("arrests")[person.arrest]) : undefined;
}

/** The one in custody of a key that is an arrest's or a person's id. @param {string} key @returns {import("./types.d.ts").CustodyRow | undefined} */
export function personOf(key) {
  const own = /** @type {any} */ (rows("custody")[key]);
  if (own || !key) return own;
  const subject = /** @type {any} */ (rows("arrests")[key])?.subject;
  return subject ? /** @type {any} */ (rows("custody")[subject]) : undefined;
}

/** What people at the tables call someone. @param {string} key */
export const numberOf = (key) => arrestOf(key)?.number || personOf(key)?.number || key;

/** A number that is an id is too long to read out: its end is enough to tell them apart. @param {string} number */
export const shortNumber = (number) => (/^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(number) ? `…${number.slice(-6)}` : number);

/** The version that stands. @param {readonly Told[] | undefined} versions */
export const standing = (versions) => versions?.find((one) => one.stands !== false) ?? versions?.[versions.length - 1];
