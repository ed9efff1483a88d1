/**
 * Photos and sound: each as it was taken, encrypted part by part under a key of its own, which lies in the boxes of the record
 * that names it and nowhere else. Bytes follow their record, never the other way round; they go on where they stopped.
 */
import { bring } from "../static/tus.js";
import { uuid7 } from "../static/ids.js";
import { bytesOf, hex, random, sha256, textOf, utf8 } from "./bytes.js";
import { ask, beginning, read, write } from "./db.js";

export const PART_BYTES = 256 * 1024;
const PICTURE_MOST_BYTES = 25 << 20; // as the server says it (docs/design/010-uploads.md)
const SOUND_MOST_BYTES = 50 << 20;
const STAGED_MOST_MS = 7 * 86_400_000; // what no record has named by then belongs to a draft that is gone

/**
 * A file before its record is saved. `key` goes into the record, `sha256` (hex) and `size_bytes` into its AddAttachment.
 * @typedef {{attachment: string, key: string, sha256: string, size_bytes: number, media: string}} Staged
 *
 * A file's row, in the clear. `staged`: no record names it yet. `waiting`: it follows its record.
 * @typedef {{attachment: string, device_seq: number, incident: string, size_bytes: number, parts: number, media: string,
 *   state: "staged" | "waiting" | "not taken", sent_bytes: number, place: string, words: string, staged_ms: number}} FileRow
 */

/** Larger than the server takes: said before anything is written. */
export class TooLarge extends Error {}

/** @param {number} n @returns {Uint8Array<ArrayBuffer>} the part's number: the key is of this file alone, whose parts are written once */
function nonce(n) {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(8, n);
  return iv;
}

/** @param {string} attachment @param {number} n @param {number} parts */
const bound = (attachment, n, parts) => utf8(`muster file 1|${attachment}|${n}|${parts}`);

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
  const row = { attachment, device_seq: 0, incident: "", size_bytes: bytes.length, parts, media: file.type, state: "staged", sent_bytes: 0, place: "", words: "", staged_ms: now_ms };
  await write(db, ["files"], (of) => { of("files").put(row); });
  try {
    for (let n = 0; n < parts; n += 1) {
      const plain = bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES);
      const box = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce(n), additionalData: bound(attachment, n, parts) }, sealing, plain));
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

/** @param {(of: "files" | "parts") => IDBObjectStore} of @param {string} attachment */
export function dropWithin(of, attachment) {
  of("files").delete(attachment);
  of("parts").delete(beginning(attachment));
}

/** Staged files that nobody will come back for. What a page had half taken in when it was killed is among them. @param {IDBDatabase} db @param {number} now_ms */
export async function sweep(db, now_ms) {
  await write(db, ["files", "parts"], async (of) => {
    const staged = await ask(of("files").index("state").getAll("staged"));
    for (const row of staged) if (now_ms - row.staged_ms > STAGED_MOST_MS) dropWithin(of, row.attachment);
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
  const opened = await Promise.all(sealed.map((one) => crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce(one.n), additionalData: bound(row.attachment, one.n, row.parts) }, key, one.box)));
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
 * One try to bring a file whose record is in the log. "later": the line was cut; "signed out": it goes on when its author is back.
 * @param {IDBDatabase} db @param {FileRow} row @param {string} key @param {import("../static/tus.js").Report} report @param {(sent_bytes: number) => void} progress
 * @returns {Promise<"kept" | "not taken" | "signed out" | "later">}
 */
export async function follow(db, row, key, report, progress) {
  const opening = await keyOf(key);
  const done = await bring(row.incident, report, {
    size_bytes: row.size_bytes,
    place: row.place,
    slice: (from, to) => slice(db, row, opening, from, to),
    at: (place) => changeRow(db, row.attachment, { place }),
    progress,
  });
  if (!done) return "later";
  if (done.state === "signed out") return "signed out";
  if (done.state === "kept") {
    await dropFile(db, row.attachment);
    return "kept";
  }
  await changeRow(db, row.attachment, { state: "not taken", words: done.words });
  return "not taken";
}
