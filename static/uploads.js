/**
 * Files on their way to the record. The command that reports a file holds its digest and goes first; its bytes follow in
 * parts (tus 1.0), go on after a cut where they stopped, and are given up only when the server says that it wants none.
 */
import { signal } from "./lib.js";
import { incidentPath } from "./api.js";

/** @typedef {{attachment: string, state: "waiting" | "sending" | "kept" | "no uploads here" | "not taken", sent_bytes: number, size_bytes: number, words: string}} Upload */

const PART_BYTES = 1 << 20; // a part is repeated whole after a cut: a megabyte is half a minute on a bad line
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

/** @param {Record<string, string>} told */
const metadata = (told) => Object.entries(told).map(([name, value]) => `${name} ${btoa(value)}`).join(",");

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
    const done = await attempt(incident, report, file, place, (where) => { place = where; });
    if (done) {
      if (done.state === "kept") files.delete(report.attachment);
      tell(report.attachment, done);
      return;
    }
    await new Promise((next) => { setTimeout(next, 300 + Math.random() * Math.min(RETRY_MAX_MS, 500 * 2 ** Math.min(tries, 6))); });
  }
}

/**
 * One try from where the last one stopped; null is to be tried again.
 * @param {string} incident @param {{attachment: string, subject: string, kind: string, sha256: string}} report @param {File} file @param {string} place @param {(where: string) => void} at
 * @returns {Promise<Partial<Upload> | null>}
 */
async function attempt(incident, report, file, place, at) {
  try {
    let where = place;
    let offset = 0;
    if (!where) {
      const made = await ask("POST", incidentPath(incident, "uploads"), { "Upload-Length": String(file.size), "Upload-Metadata": metadata({ attachment: report.attachment, subject: report.subject, kind: report.kind, sha256: report.sha256, filename: report.attachment }) });
      if (made.status === 404 || made.status === 405) return { state: "no uploads here", words: "This server takes no files: the digest is on record, keep the file." };
      if (made.status >= 500 || made.status === 429) return null;
      where = made.headers.get("Location") ?? "";
      if (!made.ok || !where) return { state: "not taken", words: await detail(made) };
      at(where);
    } else {
      const stands = await ask("HEAD", where, {});
      if (stands.status >= 500 || stands.status === 429) return null;
      if (!stands.ok) return { state: "not taken", words: `the server answered ${stands.status}` };
      offset = Number(stands.headers.get("Upload-Offset") ?? 0);
    }
    while (offset < file.size) {
      tell(report.attachment, { state: "sending", sent_bytes: offset });
      const part = file.slice(offset, offset + PART_BYTES);
      const answer = await ask("PATCH", where, { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }, part);
      if (answer.status >= 500 || answer.status === 429 || answer.status === 409) return null;
      if (!answer.ok) return { state: "not taken", words: await detail(answer) };
      offset = Number(answer.headers.get("Upload-Offset") ?? offset + part.size);
    }
    return { state: "kept", sent_bytes: file.size, words: "" };
  } catch {
    return null; // no answer: nobody knows how much arrived, so the next try asks
  }
}

/** @param {string} method @param {string} path @param {Record<string, string>} headers @param {Blob} [body] */
function ask(method, path, headers, body) {
  return fetch(path, { method, credentials: "same-origin", cache: "no-store", headers: { "Tus-Resumable": "1.0.0", Accept: "application/json", ...headers }, body: body ?? null });
}

/** @param {Response} answer */
async function detail(answer) {
  try {
    const said = await answer.json();
    return said.detail || said.title || `the server answered ${answer.status}`;
  } catch {
    return `the server answered ${answer.status}`;
  }
}
