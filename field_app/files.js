/**
 * Photos and sound: each as it was taken, encrypted part by part under a key of its own, which lies in the boxes of the record
 * that names it and in one to the server. Bytes follow their record, never the other way round: in the open where its author is
 * signed in, else as they lie here, for the server to open. They go on where they stopped.
 */
import { bring } from "../static/tus.js";
import { uuid7 } from "../static/ids.js";
import { incidentPath } from "../static/api.js";
import { bytesOf, hex, random, sha256, textOf, utf8 } from "./bytes.js";
import { ask, beginning, read, write } from "./db.js";

export const PART_BYTES = 256 * 1024;
export const TAG_BYTES = 16; // AES-GCM's, behind each part
const PICTURE_MOST_BYTES = 25 << 20; // as the server says it (docs/design/010-uploads.md)
const SOUND_MOST_BYTES = 50 << 20;
const STAGED_MOST_MS = 7 * 86_400_000; // what neither a record nor a draft has named by then

/**
 * A file before its record is saved. `key` goes into the record, `sha256` (hex) and `size_bytes` into its AddAttachment.
 * @typedef {{attachment: string, key: string, sha256: string, size_bytes: number, media: string}} Staged
 *
 * A file's row, in the clear. `staged`: no record names it yet. `waiting`: it follows its record. `report`: what announces it,
 * a random id, a kind and a digest, so that it can follow with nobody there to open the record.
 * @typedef {{attachment: string, device_seq: number, incident: string, size_bytes: number, parts: number, media: string,
 *   state: "staged" | "waiting" | "not taken", place: string, words: string, staged_ms: number, report: Report | null, left?: boolean}} FileRow
 * `left`: an earlier start took it for one that nobody comes back for.
 *
 * What a file is announced with, from its record. @typedef {import("../static/tus.js").Report} Report
 */

/** Larger than the server takes: said before anything is written. */
export class TooLarge extends Error {}

/**
 * How one part is encrypted: the nonce is its number, for the key is of this file alone and each part is written once.
 * @param {{attachment: string, parts: number}} file @param {number} n
 */
function partOf({ attachment, parts }, n) {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(8, n);
  return { name: "AES-GCM", iv, additionalData: utf8(`muster file 1|${attachment}|${n}|${parts}`) };
}

/** What binds the box of a file's key to its place. @param {string} incident @param {string} device @param {string} attachment */
export const keyPlaceOf = (incident, device, attachment) => `muster file 1|${incident}|${device}|${attachment}`;

/** @param {string} key base64url */
const keyOf = (key) => crypto.subtle.importKey("raw", bytesOf(key), "AES-GCM", false, ["encrypt", "decrypt"]);

/**
 * Take a file in: its digest, and its bytes sealed on the disk. Raises TooLarge.
 * @param {IDBDatabase} db @param {Blob} file @param {number} now_ms @returns {Promise<Staged>}
 */
export async function stage(db, file, now_ms) {
  const most = /^(audio|video)\//.test(file.type) ? SOUND_MOST_BYTES : PICTURE_MOST_BYTES;
  if (!file.size || file.size > most) throw new TooLarge(`expected 1 to ${most} bytes, got ${file.size}`);
  const attachment = uuid7(now_ms);
  const raw = random(32);
  const key = textOf(raw);
  const sealing = await keyOf(key);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts = Math.ceil(bytes.length / PART_BYTES);
  /** @type {FileRow} */
  const row = { attachment, device_seq: 0, incident: "", size_bytes: bytes.length, parts, media: file.type, state: "staged", place: "", words: "", staged_ms: now_ms, report: null };
  await write(db, ["files"], (of) => { of("files").put(row); });
  try {
    for (let n = 0; n < parts; n += 1) {
      const plain = bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES);
      const box = new Uint8Array(await crypto.subtle.encrypt(partOf(row, n), sealing, plain));
      await write(db, ["parts"], (of) => { of("parts").put({ attachment, n, box }); });
    }
  } catch (error) {
    await dropFile(db, attachment); // the disk takes no more
    throw error;
  }
  return { attachment, key, sha256: hex(await sha256(bytes)), size_bytes: bytes.length, media: file.type };
}

/** The row and the bytes of a file are gone. @param {IDBDatabase} db @param {string} attachment */
export function dropFile(db, attachment) {
  return write(db, ["files", "parts"], (of) => dropWithin(of, attachment));
}

/** The same, unless a record names it: what came back keeps its files until it is written anew. @param {IDBDatabase} db @param {string} attachment */
export function dropStaged(db, attachment) {
  return write(db, ["files", "parts"], async (of) => {
    const row = await ask(of("files").get(attachment));
    if (row?.state === "staged") dropWithin(of, attachment);
  });
}

/** @param {(of: "files" | "parts") => IDBObjectStore} of @param {string} attachment */
export function dropWithin(of, attachment) {
  of("files").delete(attachment);
  of("parts").delete(beginning(attachment));
}

/**
 * Staged files that nobody will come back for: what a page had half taken in when it was killed. A draft's stay as long as the
 * draft. By the clock alone nothing leaves, for it may have stepped since by days: it takes two starts to find it left.
 * @param {IDBDatabase} db @param {number} now_ms
 */
export async function sweep(db, now_ms) {
  await write(db, ["files", "parts", "drafts"], async (of) => {
    const [staged, drafts] = await Promise.all([ask(of("files").index("state").getAll("staged")), ask(of("drafts").getAll())]);
    if (drafts.some((/** @type {{files?: string[]}} */ one) => !one.files)) return; // of an older version: it does not say what it names
    const named = new Set(drafts.flatMap((/** @type {{files: string[]}} */ one) => one.files));
    for (const row of staged) {
      if (named.has(row.attachment) || now_ms - row.staged_ms <= STAGED_MOST_MS) continue;
      if (row.left) dropWithin(of, row.attachment);
      else of("files").put({ ...row, left: true });
    }
  });
}

/**
 * A stretch of the original, opened on the way.
 * @param {IDBDatabase} db @param {FileRow} row @param {CryptoKey} key @param {number} from @param {number} to
 */
export async function slice(db, row, key, from, to) {
  const [first, last] = [Math.floor(from / PART_BYTES), Math.floor((to - 1) / PART_BYTES)];
  const range = IDBKeyRange.bound([row.attachment, first], [row.attachment, last]);
  const sealed = await read(db, ["parts"], (of) => ask(of("parts").getAll(range)));
  const opened = await Promise.all(sealed.map((/** @type {{n: number, box: Uint8Array<ArrayBuffer>}} */ one) => crypto.subtle.decrypt(partOf(row, one.n), key, one.box)));
  const start = first * PART_BYTES;
  return new Blob(opened).slice(from - start, to - start, row.media);
}

/** The whole file, to look at. null where it is not here. @param {IDBDatabase} db @param {string} attachment @param {string} key @returns {Promise<Blob | null>} */
export async function original(db, attachment, key) {
  const row = await fileRow(db, attachment);
  return row ? slice(db, row, await keyOf(key), 0, row.size_bytes) : null;
}

/** @param {IDBDatabase} db @param {string} attachment @returns {Promise<FileRow | undefined>} */
export const fileRow = (db, attachment) => read(db, ["files"], (of) => ask(of("files").get(attachment)));

/** @param {IDBDatabase} db @param {number} device_seq @returns {Promise<FileRow[]>} */
export const filesOf = (db, device_seq) => read(db, ["files"], (of) => ask(of("files").index("record").getAll(device_seq)));

/** @param {IDBDatabase} db @param {string} attachment @param {Partial<FileRow>} change */
function changeRow(db, attachment, change) {
  return write(db, ["files"], async (of) => {
    const row = await ask(of("files").get(attachment));
    if (row) of("files").put({ ...row, ...change });
  });
}

/**
 * What came of a try. "later": the line was cut. "stopped": nobody is there for it, it goes on at the next change. "barred": this
 * device was revoked, and nobody has let its record in yet.
 * @typedef {"kept" | "not taken" | "stopped" | "barred" | "later"} Became
 */

/**
 * One try in the session of its author.
 * @param {IDBDatabase} db @param {FileRow} row @param {string} key @param {(sent_bytes: number) => void} progress @returns {Promise<Became>}
 */
export async function follow(db, row, key, progress) {
  const opening = await keyOf(key);
  let damaged = false; // it would fail each time, and hold up what comes behind it
  const done = await bring(row.incident, reportOf(row), {
    size_bytes: row.size_bytes,
    place: row.place,
    slice: (from, to) => slice(db, row, opening, from, to).then((part) => {
      if (part.size !== to - from) throw new RangeError("expected all parts of a file");
      return part;
    }).catch((error) => {
      damaged = error instanceof RangeError || error.name === "OperationError"; // and no tab that is just shut
      throw error;
    }),
    at: (place) => changeRow(db, row.attachment, { place }).catch(() => {}), // with no room to note it a cut costs the way so far
    progress,
  });
  if (damaged) return notTaken(db, row, PART_LOST);
  if (!done) return "later";
  if (done.state === "signed out") return "stopped";
  return done.state === "kept" ? kept(db, row) : notTaken(db, row, done.words);
}

/**
 * One try with nobody there: the device announces the file and hands in its parts as they lie here, with the box of its key.
 * @param {IDBDatabase} db @param {FileRow} row @param {{key: string, box: Uint8Array}} box @param {import("./device.js").Device} device @param {(sent_bytes: number) => void} progress @returns {Promise<Became>}
 */
export async function followSealed(db, row, box, device, progress) {
  const path = incidentPath(row.incident, "files");
  const key = { key: box.key, box: textOf(box.box) };
  let got = await device.request("POST", path, { ...reportOf(row), size_bytes: row.size_bytes });
  while (got.status === 200 && got.data?.state === "under way") {
    const { upload, offset } = got.data;
    progress(offset);
    const part = await read(db, ["parts"], (of) => ask(of("parts").get([row.attachment, offset / PART_BYTES])));
    if (!part) return notTaken(db, row, PART_LOST);
    got = await device.request("POST", `${path}/${upload}`, { key, offset, part: textOf(part.box) });
  }
  if (got.status === 200) return typeof got.data?.state === "string" ? kept(db, row) : "later"; // else it was not the server
  if (got.status >= 500 || [408, 409, 429].includes(got.status)) return "later"; // 409: an answer was lost on the way
  if (got.status === 401) return "stopped"; // the server knows no such device
  if (got.status === 403) return "barred";
  return notTaken(db, row, got.data?.detail ?? `the server answered ${got.status}`);
}

const PART_LOST = "a part of this file is not on the tablet any more";

/** What the server would not take of a record goes again. @param {IDBDatabase} db @param {number} device_seq */
export async function tryAgain(db, device_seq) {
  for (const row of await filesOf(db, device_seq)) if (row.state === "not taken") await changeRow(db, row.attachment, { state: "waiting", place: "", words: "" });
}

/** @param {FileRow} row @returns {Report} */
function reportOf(row) {
  if (!row.report) throw new Error("expected a file that a record names");
  return row.report;
}

/** @param {IDBDatabase} db @param {FileRow} row @returns {Promise<"kept">} */
async function kept(db, row) {
  await dropFile(db, row.attachment);
  return "kept";
}

/** It stays here, and why is said. @param {IDBDatabase} db @param {FileRow} row @param {string} words @returns {Promise<"not taken">} */
async function notTaken(db, row, words) {
  await changeRow(db, row.attachment, { state: "not taken", words });
  return "not taken";
}
