/**
 * Whether there is room, and whether something was taken away. The browser may evict what it keeps for us without a word; so a
 * mark is left in each of two places.
 */
import { RESERVE, ask, read, write, writeOnce } from "./db.js";

const ENDED = { name: "ended" };
const TURN = "muster-end"; // one tab looks how the last one ended
const ROLL = "muster-roll";
const ROLL_PIECES = 80; // together past the 4 MiB after which the browser begins its journal anew, each small enough to stand in it
const ROLL_PIECE_BYTES = 60_000;

const LOW_BYTES = 50 << 20; // two pictures of the largest kind
const FULL_BYTES = 10 << 20; // some thousand records: files are refused, records go on
const MARK = "muster.field.enrolled";

/** Ask to be kept. Never waited for: one engine asks the person, who may be in a crowd. */
export function askToStay() {
  navigator.storage?.persist?.().catch(() => {});
}

const RESERVE_BYTES = 4 << 20; // some hundred records
const NOISE_BYTES = 1 << 16; // as much as a browser makes at a time
const STATED_BYTES = 10 * 2 ** 30; // Chromium names this, whatever there is: no site is to tell tablets apart by their disks

/**
 * Keep a reserve on the disk: noise, which no disk makes smaller. What the browser says of its room may be no word on it; whether
 * this fits is one. False where it does not.
 * @param {IDBDatabase} db
 */
export async function reserve(db) {
  if (await read(db, ["cache"], (of) => ask(of("cache").getKey(RESERVE)))) return true;
  const noise = new Uint8Array(RESERVE_BYTES);
  for (let at = 0; at < RESERVE_BYTES; at += NOISE_BYTES) crypto.getRandomValues(noise.subarray(at, at + NOISE_BYTES));
  const [part, name] = RESERVE;
  return writeOnce(db, ["cache"], (of) => { of("cache").put({ part, name, value: noise }); }).then(() => true, () => false);
}

/** @param {number} free_bytes @returns {import("./outbox_core.js").Room} */
export const roomOf = (free_bytes) => (free_bytes < FULL_BYTES ? "full" : free_bytes < LOW_BYTES ? "low" : "ok");

/** How much room is left, as far as the browser says, Infinity where it does not; `kept`: whether it has promised not to evict. */
export async function room() {
  try {
    const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
    const kept = (await navigator.storage.persisted?.()) ?? false;
    const free_bytes = quota - usage === STATED_BYTES ? Infinity : quota - usage;
    return { room: roomOf(free_bytes), free_bytes, kept };
  } catch {
    return { room: /** @type {const} */ ("ok"), free_bytes: Infinity, kept: false };
  }
}

/**
 * A battery that dies in the middle of a write, or a browser that is killed there, leaves half an entry at the end of
 * Chromium's journal (LevelDB's log). The next start passes over it, and goes on writing behind it; the one after that takes all of
 * it for damaged and clears everything that lies here, the device's key with it. So where the last one did not end in good
 * order the journal is filled up with noise, until the browser begins another: what was in the old one is by then in its tables.
 * @param {IDBDatabase} db
 */
export function watchEnd(db) {
  void navigator.locks?.request(TURN, async () => {
    const orderly = await write(db, ["device"], async (of) => {
      const mark = await ask(of("device").get(ENDED.name));
      of("device").delete(ENDED.name);
      return Boolean(mark);
    });
    addEventListener("pagehide", () => { writeOnce(db, ["device"], (of) => { of("device").put(ENDED); }).catch(() => {}); });
    if (!orderly && "userAgentData" in navigator) await newJournal();
    await new Promise(() => {}); // for as long as this page lives
  }).catch(() => {}); // shut, or no room: as it was before
}

/** In a store of its own, so that nobody waits for it: one journal has all that this browser keeps for us. */
async function newJournal() {
  const noise = await new Promise((done, fail) => {
    const asked = indexedDB.open(ROLL, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(ROLL);
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => done(asked.result);
  });
  await new Promise((done, fail) => {
    const tx = noise.transaction([ROLL], "readwrite");
    for (let n = 0; n < ROLL_PIECES; n += 1) tx.objectStore(ROLL).put(crypto.getRandomValues(new Uint8Array(ROLL_PIECE_BYTES)), n);
    tx.oncomplete = done;
    tx.onabort = () => fail(tx.error);
  }).finally(() => {
    noise.close();
    indexedDB.deleteDatabase(ROLL);
  });
}

/** Leave the marks by which an eviction is noticed. Called once the device is enrolled. @param {IDBDatabase} db @param {string} device */
export async function mark(db, device) {
  localStorage.setItem(MARK, device);
  await write(db, ["device"], (of) => { of("device").put({ name: "canary", device }); });
}

/**
 * What an eviction took, in words of ours: "all" (this browser was enrolled and knows nothing of it), "some" (the device is
 * there, its mark is not), "" for nothing that can be told here. What a server misses of a device says the rest.
 * @param {IDBDatabase} db @returns {Promise<"" | "all" | "some">}
 */
export async function evicted(db) {
  const [device, canary] = await read(db, ["device"], (of) => Promise.all([ask(of("device").get("device")), ask(of("device").get("canary"))]));
  if (!device) return localStorage.getItem(MARK) ? "all" : "";
  return canary?.device === device.id ? "" : "some";
}
