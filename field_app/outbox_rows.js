/** The outbox's rows as they lie on the disk, and as the machine (outbox_core.js) has them. */
import { bytesOf, joined, sha256, textOf, utf8Text } from "./bytes.js";

/**
 * A row, in the clear: no kind, no name, no text. `saved_ms` is the device's word, `saved_server_ms` the server's as well as it
 * was known, off by `clock_error_ms`; `recorded_at` is the server's own, when it has answered.
 * @typedef {object} Row
 * @property {number} device_seq
 * @property {string} cmd
 * @property {string} incident
 * @property {string} statement_sha256
 * @property {number} size_bytes
 * @property {string} part the author's partition, "" where nobody was signed in
 * @property {import("./outbox_core.js").ItemState | "mended"} state `mended`: it had come back, and was written anew
 * @property {number} tries
 * @property {import("./outbox_core.js").Trouble} trouble
 * @property {boolean} author whether the author's box is there
 * @property {boolean} server whether the server's is
 * @property {number} files that are still to follow
 * @property {boolean} told
 * @property {boolean} done nothing is left to do: a line in its author's list
 * @property {number | null} log_seq
 * @property {number} saved_ms
 * @property {number} saved_server_ms
 * @property {number} clock_error_ms
 * @property {string} recorded_at
 * @property {number} epoch of the log when it answered: a later one comes of a backup that was restored
 * @property {string} code the server's word for why, of what was not taken
 * @property {number} done_ms by the server's clock: since when nothing is left to do and its author was told; 0 before
 * @property {string} item its name in quarantine, of what was turned down: its author reads why by it
 * @property {number} mended the number of the record that took its place; 0 where none did
 * @property {string} leaf the header's hash in the log's tree at `log_seq`, by which an audit can hold the log to its answer; "" before
 */

export const LIVE = /** @type {const} */ (["waiting", "sent", "accepted", "held", "declined", "refused", "returned"]);

/** What binds the boxes of a record to their place. @param {string} device @param {{incident: string, cmd: string, device_seq: number}} of */
export const placeOf = (device, of) => `muster outbox 1|${of.incident}|${device}|${of.cmd}|${of.device_seq}`;

/** @param {Row} row @returns {import("./outbox_core.js").Item} */
export function itemOf(row) {
  return {
    seq: row.device_seq, incident: row.incident, part: row.part, size: row.size_bytes, state: /** @type {import("./outbox_core.js").ItemState} */ (row.state), tries: row.tries, after_ms: 0,
    trouble: row.trouble, author: row.author, server: row.server, files: row.files, told: row.told, log_seq: row.log_seq,
  };
}

/** What the machine changed, as it is written. @param {import("./outbox_core.js").Item} item @returns {Partial<Row>} */
export function changesOf(item) {
  return { part: item.part, state: item.state, tries: item.tries, trouble: item.trouble, author: item.author, server: item.server, files: item.files, told: item.told, log_seq: item.log_seq };
}

/** What an answer changes in its row. @param {Answered} answer @param {Row} row @returns {Partial<Row>} */
export function answeredWith(answer, row) {
  const { recorded_at = row.recorded_at, epoch = row.epoch } = headerOf(answer);
  return { recorded_at, epoch, code: answer.code ?? answer.status, leaf: answer.leaf || row.leaf, item: answer.item ?? row.item ?? "" };
}

/** An answer with the leaf of its header in the log's tree. @typedef {{header?: string | null, code?: string | null, status: string, leaf?: string, item?: string | null}} Answered */

/** @template {Answered} T @param {T} answer @returns {Promise<T>} */
export async function withLeaf(answer) {
  if (!answer.header) return answer;
  return { ...answer, leaf: textOf(await sha256(joined(Uint8Array.of(0), bytesOf(answer.header)))) };
}

/** What the header says that the server answered with; nothing where it cannot be read. @param {{header?: string | null}} answer @returns {{epoch?: number, recorded_at?: string, occurred_at?: string, actor?: {person?: string}, statement?: {signed: string} | null}} */
export function headerOf(answer) {
  try {
    return answer.header ? JSON.parse(utf8Text(bytesOf(answer.header))) : {};
  } catch {
    return {};
  }
}
