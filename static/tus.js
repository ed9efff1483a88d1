/**
 * Bringing one file by tus 1.0: what is on its way, told apart from where its bytes come from. Used by the dashboard
 * (uploads.js) and by the tablet, whose bytes lie sealed (../field_app/files.js).
 */
import { incidentPath } from "./api.js";

/** What the record says of a file, which its upload must say as well. @typedef {{attachment: string, subject: string, kind: string, sha256: string}} Report */

/** @typedef {{state: "kept" | "no uploads here" | "not taken" | "signed out", words: string}} Outcome */

/**
 * Where bytes come from, and what is told of them.
 * @typedef {object} Source
 * @property {number} size_bytes
 * @property {(from: number, to: number) => Blob | Promise<Blob>} slice
 * @property {string} place where the upload lies on the server, "" before it was announced
 * @property {(place: string) => void | Promise<void>} at
 * @property {(sent_bytes: number) => void} progress
 */

const PART_BYTES = 1 << 20; // a part is repeated whole after a cut: a megabyte is half a minute on a bad line
const LINE_MS = 120_000; // a part that takes longer goes over a line that is dead

/** @param {Record<string, string>} told */
const metadata = (told) => Object.entries(told).map(([name, value]) => `${name} ${btoa(value)}`).join(",");

/**
 * One try, from where the last one stopped; null is to be tried again.
 * @param {string} incident @param {Report} report @param {Source} source @returns {Promise<Outcome | null>}
 */
export async function bring(incident, report, source) {
  try {
    const begun = (source.place && (await look(source.place))) || (await announce(incident, report, source));
    if (begun === "later") return null;
    if ("state" in begun) return begun;
    for (let offset = begun.offset; offset < source.size_bytes;) {
      source.progress(offset);
      const part = await source.slice(offset, Math.min(source.size_bytes, offset + PART_BYTES));
      const answer = await ask("PATCH", begun.place, { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }, part);
      const over = answer.status === 409 ? null : await failed(answer);
      if (over !== undefined) return over;
      const stands = Number(answer.headers.get("Upload-Offset") ?? NaN);
      if (!(stands > offset)) return null; // whoever answered did not take it: the next try asks
      offset = stands;
    }
    source.progress(source.size_bytes);
    return { state: "kept", words: "" };
  } catch {
    return null; // no answer: nobody knows how much arrived, so the next try asks
  }
}

/** @param {string} incident @param {Report} report @param {Source} source @returns {Promise<{place: string, offset: number} | Outcome | "later">} */
async function announce(incident, report, source) {
  const told = { attachment: report.attachment, subject: report.subject, kind: report.kind, sha256: report.sha256, filename: report.attachment };
  const made = await ask("POST", incidentPath(incident, "uploads"), { "Upload-Length": String(source.size_bytes), "Upload-Metadata": metadata(told) });
  if (made.status === 404 || made.status === 405) return { state: "no uploads here", words: "This server takes no files: the digest is on record, keep the file." };
  const over = await failed(made);
  if (over !== undefined) return over ?? "later";
  const place = made.headers.get("Location") ?? "";
  if (!place) return { state: "not taken", words: "the server did not say where the file goes" };
  await source.at(place);
  return { place, offset: 0 };
}

/** How far it has come; null where it lay there too long and is gone. @param {string} place @returns {Promise<{place: string, offset: number} | Outcome | "later" | null>} */
async function look(place) {
  const stands = await ask("HEAD", place, {});
  if (stands.status === 404 || stands.status === 410) return null;
  const over = await failed(stands);
  return over !== undefined ? over ?? "later" : { place, offset: Number(stands.headers.get("Upload-Offset") ?? 0) };
}

/** What ends a try, null where it is only for now; undefined where the answer is good. @param {Response} answer @returns {Promise<Outcome | null | undefined>} */
async function failed(answer) {
  if (answer.ok) return undefined;
  if (answer.status >= 500 || answer.status === 429) return null;
  if (answer.status === 401) return { state: "signed out", words: "sign in, and it goes on" };
  return { state: "not taken", words: await detail(answer) };
}

/**
 * One request. Raises where no answer of our server came: a proxy's page or a portal's says neither that a file was taken nor
 * that it never will be.
 * @param {string} method @param {string} path @param {Record<string, string>} headers @param {Blob} [body]
 */
async function ask(method, path, headers, body) {
  const answer = await fetch(path, { method, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(LINE_MS), headers: { "Tus-Resumable": "1.0.0", Accept: "application/json", ...headers }, body: body ?? null });
  const ours = answer.headers.has("Tus-Resumable") || (answer.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
  if (!ours) throw new Error(`something else answered ${answer.status}`);
  return answer;
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
