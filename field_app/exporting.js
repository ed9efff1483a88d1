/**
 * The last resort: what lies on this tablet and was not answered for, as one file that only the server opens (`muster device
 * import`, command/devices/carried.py): records in their boxes, and photos and sound part by part as they lie here, each with
 * the box of its key. A shift's pictures are some hundred megabytes, so it is written piece by piece and never held as a whole.
 * Nothing leaves the outbox for it.
 */
import { textOf, utf8 } from "./bytes.js";
import { ask, beginning, read } from "./db.js";
import { PART_BYTES, TAG_BYTES } from "./files.js";

const FORMAT = "muster tablet 1";
const BATCH = 50; // records in one look at the disk
const DOWNLOAD_MS = 60_000; // by then a browser has begun to read it

/** @param {unknown} said */
const line = (said) => utf8(`${JSON.stringify(said)}\n`);

/** Every piece of the file, in order. @param {IDBDatabase} db @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>} */
export async function* pieces(db) {
  const device = await read(db, ["device"], (of) => ask(of("device").get("device")));
  yield line({ format: FORMAT, device: device?.id ?? "" });
  let records = 0;
  for (let after = 0; ; ) {
    const { last, found, receipts } = await boxed(db, after);
    records += found.length;
    const said = [...found.map((/** @type {{}} */ record) => ({ record })), ...receipts.map((/** @type {{}} */ receipt) => ({ receipt }))];
    if (said.length) yield utf8(said.map((one) => `${JSON.stringify(one)}\n`).join(""));
    if (last === null) break;
    after = last;
  }
  let files = 0;
  for (const row of await read(db, ["files"], (of) => ask(of("files").getAll()))) {
    if (!row.report) continue; // of a draft: no record names it
    files += 1;
    yield* fileOf(db, row);
  }
  yield line({ end: { records, files } });
}

/** Records after a number whose box is still here; and of those that the log has, where it said so. @param {IDBDatabase} db @param {number} after */
function boxed(db, after) {
  return read(db, ["records", "boxes"], async (of) => {
    /** @type {import("./outbox_rows.js").Row[]} */
    const rows = await ask(of("records").getAll(IDBKeyRange.lowerBound(after, true), BATCH));
    const boxes = await Promise.all(rows.map((row) => ask(of("boxes").get([row.device_seq, "server"]))));
    const found = rows.flatMap((row, n) => (boxes[n] ? [{ incident: row.incident, cmd: row.cmd, device_seq: row.device_seq, sealed: { key: boxes[n].key, box: textOf(boxes[n].box) } }] : []));
    const receipts = rows.flatMap(({ incident, log_seq, leaf }) => (log_seq && leaf ? [{ incident, seq: log_seq, leaf }] : []));
    return { last: rows.length === BATCH ? rows[BATCH - 1].device_seq : null, found, receipts };
  });
}

/** @param {IDBDatabase} db @param {import("./files.js").FileRow} row */
async function* fileOf(db, row) {
  const { attachment, incident, size_bytes, parts } = row;
  const [key, there] = await read(db, ["boxes", "parts"], (of) => Promise.all([
    ask(of("boxes").get([row.device_seq, `file ${attachment}`])), ask(of("parts").count(beginning(attachment))),
  ]));
  const sealed_bytes = there === parts ? size_bytes + parts * TAG_BYTES : 0; // 0: an eviction took some of it
  yield line({ file: { ...row.report, incident, size_bytes, key: key ? { key: key.key, box: textOf(key.box) } : null, sealed_bytes } });
  for (let n = 0; sealed_bytes && n < parts; n += 1) {
    const part = await read(db, ["parts"], (of) => ask(of("parts").get([attachment, n])));
    // It arrived at the server meanwhile and is gone from here: zeros in its place, so that what comes behind is found.
    yield part?.box ?? new Uint8Array(Math.min(PART_BYTES, size_bytes - n * PART_BYTES) + TAG_BYTES);
  }
  yield utf8("\n");
}

/** As one blob: each piece is the browser's as soon as it is made, and need not stay in this page's memory. @param {IDBDatabase} db @returns {Promise<Blob>} */
export async function exported(db) {
  const made = [];
  for await (const piece of pieces(db)) made.push(new Blob([piece]));
  return new Blob(made, { type: "application/octet-stream" });
}

/** Into a file that somebody picked, piece by piece. @param {IDBDatabase} db @param {WritableStream<Uint8Array<ArrayBuffer>>} into @returns {Promise<number>} its size in bytes */
export async function exportInto(db, into) {
  const writer = into.getWriter();
  let size_bytes = 0;
  try {
    for await (const piece of pieces(db)) {
      await writer.write(piece);
      size_bytes += piece.length;
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
  return size_bytes;
}

/**
 * Save it: where the browser lets a page write into a file, straight to the disk, else as a download. Called from a tap. null
 * where the person changed their mind. @param {IDBDatabase} db @param {string} name @returns {Promise<number | null>} its size in bytes
 */
export async function saveExport(db, name) {
  const pick = /** @type {any} */ (globalThis).showSaveFilePicker;
  if (pick) {
    try {
      const handle = await pick.call(globalThis, { suggestedName: name });
      return await exportInto(db, await handle.createWritable());
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") return null;
      if (/** @type {Error} */ (error).name !== "SecurityError") throw error; // a policy forbids it: the other way
    }
  }
  const blob = await exported(db);
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_MS);
  return blob.size;
}
