/**
 * What the tablet keeps, in IndexedDB: sealed, or nobody's secret. A write has happened when its promise resolves, and not
 * before: transactions are `strict`, so that a battery that dies a moment later costs nothing.
 *
 *   device   the device's key (not extractable), its number, clock and sealing key
 *   records  the outbox's rows, in the clear: no kind, no name, no text
 *   boxes    each record sealed to the server, to its author, and its line in the author's list
 *   files    photos and sound: a row each; their sealed bytes lie in `parts`
 *   drafts   what is being written, sealed to its author
 *   cache    what was last seen of the incident, sealed; names for capture while locked, in the clear; the reserve
 */

const VERSION = 1;

/** @typedef {"device" | "records" | "boxes" | "files" | "parts" | "drafts" | "cache"} Store */

/** @param {IDBDatabase} db */
function lay(db) {
  db.createObjectStore("device", { keyPath: "name" });
  const records = db.createObjectStore("records", { keyPath: "device_seq" });
  records.createIndex("cmd", "cmd", { unique: true });
  records.createIndex("state", ["state", "device_seq"]);
  records.createIndex("part", ["part", "device_seq"]);
  db.createObjectStore("boxes", { keyPath: ["device_seq", "kind"] });
  const files = db.createObjectStore("files", { keyPath: "attachment" });
  files.createIndex("record", "device_seq");
  files.createIndex("state", "state");
  db.createObjectStore("parts", { keyPath: ["attachment", "n"] });
  db.createObjectStore("drafts", { keyPath: ["part", "id"] });
  db.createObjectStore("cache", { keyPath: ["part", "name"] });
}

/** Told to the page when the browser has shut what it keeps, or another tab wants it: nothing can be kept until the page starts again. */
export const DB_SHUT = "muster-db-shut";

/** Whether a newer version of the app has kept things here than the one that starts. @param {any} error */
export const isNewer = (error) => error?.name === "VersionError";

/** Told to the page when there was no room for something. */
export const DB_FULL = "muster-db-full";
/** Where the reserve lies: noise, which makes room for what a record needs when the browser gives no more (storage.js). @type {[string, string]} */
export const RESERVE = ["", "reserve"];
const TRIES = 20; // the browser takes a while to count what was let go
const PAUSE_MS = 250;

/** @param {string} [name] @returns {Promise<IDBDatabase>} */
export function openDb(name = "muster-field") {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(name, VERSION);
    asked.onupgradeneeded = () => lay(asked.result);
    asked.onerror = () => fail(asked.error);
    asked.onblocked = () => fail(new Error("another tab keeps an older version open"));
    asked.onsuccess = () => {
      asked.result.onclose = () => dispatchEvent(new Event(DB_SHUT));
      asked.result.onversionchange = () => {
        asked.result.close();
        dispatchEvent(new Event(DB_SHUT));
      };
      done(asked.result);
    };
  });
}

/** The answer to one request. @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function ask(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

/**
 * Read within one transaction. `work` may wait for requests of this transaction and for nothing else.
 * @template T @param {IDBDatabase} db @param {Store[]} stores @param {(of: (name: Store) => IDBObjectStore) => Promise<T> | T} work @returns {Promise<T>}
 */
export function read(db, stores, work) {
  return Promise.resolve(work(within(db.transaction(stores, "readonly"))));
}

/**
 * Write, all of it or none. Resolves when it is on the disk, as far as the browser can say.
 * @template T @param {IDBDatabase} db @param {Store[]} stores @param {(of: (name: Store) => IDBObjectStore) => Promise<T> | T} work @returns {Promise<T>}
 */
export async function write(db, stores, work) {
  try {
    return await writeOnce(db, stores, work);
  } catch (error) {
    if (isFull(error)) dispatchEvent(new Event(DB_FULL));
    throw error;
  }
}

/**
 * As `write`; where there is no room the reserve goes. For records and what signs them alone: a draft, a picture or a note of
 * what was answered must not take the room of the next record. `work` may be done more than once, and all but the last time
 * for nothing.
 * @template T @param {IDBDatabase} db @param {Store[]} stores @param {(of: (name: Store) => IDBObjectStore) => Promise<T> | T} work @returns {Promise<T>}
 */
export async function writeSurely(db, stores, work) {
  try {
    return await write(db, stores, work);
  } catch (error) {
    if (!isFull(error)) throw error;
  }
  await writeOnce(db, ["cache"], (of) => { of("cache").delete(RESERVE); });
  for (let tries = 1; ; tries += 1) {
    try {
      return await writeOnce(db, stores, work);
    } catch (error) {
      if (!isFull(error) || tries === TRIES) throw error;
    }
    await new Promise((next) => { setTimeout(next, PAUSE_MS); });
  }
}

/** @param {unknown} error */
export const isFull = (error) => /** @type {any} */ (error)?.name === "QuotaExceededError";

/** As `write` does it, and tells nobody. @template T @param {IDBDatabase} db @param {Store[]} stores @param {(of: (name: Store) => IDBObjectStore) => Promise<T> | T} work @returns {Promise<T>} */
export async function writeOnce(db, stores, work) {
  const tx = db.transaction(stores, "readwrite", { durability: "strict" });
  const ended = new Promise((done, fail) => {
    tx.oncomplete = () => done(undefined);
    tx.onabort = () => fail(tx.error ?? new Error("the transaction was given up"));
  });
  ended.catch(() => {}); // where `work` throws, that is what is told
  try {
    const made = await work(within(tx));
    await ended;
    return made;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // It had ended by itself.
    }
    throw error;
  }
}

/** @param {IDBTransaction} tx @returns {(name: Store) => IDBObjectStore} */
const within = (tx) => (name) => tx.objectStore(name);

/** All keys that begin with these parts, for keys that are lists. @param {...IDBValidKey} start */
export const beginning = (...start) => IDBKeyRange.bound(start, [...start, []]);
