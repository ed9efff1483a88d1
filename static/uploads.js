/**
 * Files on their way to the record. The command that reports a file holds its digest and goes first; its bytes follow in
 * parts (tus 1.0), go on after a cut where they stopped, and are given up only when the server says that it wants none.
 */
import { signal } from "./lib.js";
import { bring } from "./tus.js";

/** @typedef {{attachment: string, state: "waiting" | "sending" | "kept" | "no uploads here" | "not taken", sent_bytes: number, size_bytes: number, words: string}} Upload */

const RETRY_MAX_MS = 15_000;

/** @type {Map<string, File>} */
const files = new Map();

/** @type {import("./lib.js").Signal<Record<string, Upload>>} */
export const uploads = signal({});

/** @param {string} attachment @param {File} file */
export function holdFile(attachment, file) {
  files.set(attachment, file);
}

/** @param {string} attachment */
export const fileOf = (attachment) => files.get(attachment);

/** @param {string} attachment */
export function drop(attachment) {
  files.delete(attachment);
}

/** @param {string} attachment @param {Partial<Upload>} change */
function tell(attachment, change) {
  const before = uploads.value[attachment] ?? { attachment, state: "waiting", sent_bytes: 0, size_bytes: files.get(attachment)?.size ?? 0, words: "" };
  uploads.value = { ...uploads.value, [attachment]: { ...before, ...change } };
}

/**
 * Bring the bytes of a reported file, for as long as it takes.
 * @param {string} incident @param {{attachment: string, subject: string, kind: string, sha256: string}} report
 */
export async function upload(incident, report) {
  const file = files.get(report.attachment);
  if (!file || uploads.value[report.attachment]) return;
  tell(report.attachment, {});
  let place = "";
  for (let tries = 1; ; tries += 1) {
    const done = await bring(incident, report, {
      size_bytes: file.size, place, slice: (from, to) => file.slice(from, to), at: (where) => { place = where; },
      progress: (sent_bytes) => tell(report.attachment, { state: "sending", sent_bytes }),
    });
    if (done) {
      if (done.state === "kept") files.delete(report.attachment);
      tell(report.attachment, { state: done.state === "signed out" ? "not taken" : done.state, words: done.words });
      return;
    }
    await new Promise((next) => { setTimeout(next, 300 + Math.random() * Math.min(RETRY_MAX_MS, 500 * 2 ** Math.min(tries, 6))); });
  }
}
