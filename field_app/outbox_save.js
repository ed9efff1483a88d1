/** What a record becomes before it is written down: signed, and sealed to the server and to its author. */
import { uuid7 } from "../static/ids.js";
import { bytesOf, utf8 } from "./bytes.js";
import { wall } from "./clock.js";
import { ask } from "./db.js";
import { dropWithin, keyPlaceOf } from "./files.js";
import { seal } from "./hpke.js";
import { sealWith } from "./keys.js";
import { isBack } from "./mending.js";
import { placeOf } from "./outbox_rows.js";
import { stated } from "./statement.js";

const BOX_CHARS_MOST = 200_000; // as the server takes it

/**
 * A record to be saved. `files`: the key of the file that it names (AddAttachment), by attachment. `author` only where nobody is signed in: whoever was
 * picked, else `unclaimed`.
 * @typedef {object} Wish
 * @property {string} incident
 * @property {Record<string, unknown> & {type: string}} command
 * @property {string} title what its author calls it
 * @property {number} [occurred_ms] when it happened, by the server's time; now where it is left out
 * @property {number | null} [basis_seq]
 * @property {Record<string, string>} [files]
 * @property {string} [author]
 */

/** @typedef {import("./outbox_rows.js").Row} Row */

/** What is written of it. @typedef {{row: Row, boxes: {device_seq: number, kind: string, box: Uint8Array | null, key?: string}[], reports: import("./files.js").Report[]}} Made */

/**
 * Sign and seal one record; nothing is written yet. Raises RangeError where it is too large.
 * @param {Wish} wish @param {number} device_seq @param {import("./device.js").Device} device @param {import("./keys.js").Keys} keys
 * @param {import("./mending.js").Form} [form] that it comes from, for its author to open again @returns {Promise<Made>}
 */
export async function sealed(wish, device_seq, device, keys, form) {
  const held = keys.held; // once: whoever it is that was signed in at the tap
  if (!held && wish.command.confidential) throw new RangeError("a report in confidence is its author's to make: sign in, and write it then");
  const { now_ms, error_ms } = device.time();
  const cmd = uuid7(now_ms);
  const occurred_ms = wish.occurred_ms ?? now_ms;
  const told = { incident: wish.incident, cmd, device_seq, author: held?.person ?? wish.author ?? "unclaimed", occurred_ms, signed_ms: now_ms, clock_error_ms: error_ms, basis_seq: wish.basis_seq ?? null, command: wish.command };
  const { submission, sha256 } = await stated(told, device.signer, held?.own ?? null);
  const files = wish.files ?? {};
  const place = placeOf(device.id, { incident: wish.incident, cmd, device_seq });
  const plain = utf8(JSON.stringify({ submission, files, title: wish.title }));
  const line = utf8(JSON.stringify({ title: wish.title, type: wish.command.type, occurred_ms }));
  const [server, author, listed, asked] = await Promise.all([
    seal(bytesOf(device.sealing.public_key), utf8(place), plain),
    held ? sealWith(held.key, plain, place) : null,
    held ? sealWith(held.key, line, `${place}|line`) : null,
    held && form ? sealWith(held.key, utf8(JSON.stringify(form)), `${place}|form`) : null,
  ]);
  const size_bytes = Math.ceil((server.length * 4) / 3) + 500;
  if (size_bytes > BOX_CHARS_MOST) throw new RangeError(`expected a record of at most ${BOX_CHARS_MOST} characters, got ${size_bytes}`);
  /** @type {Row} */
  const row = {
    device_seq, cmd, incident: wish.incident, statement_sha256: sha256, size_bytes, part: held?.part ?? "", state: "waiting", tries: 0, trouble: "",
    author: Boolean(author), server: true, files: Object.keys(files).length, told: false, done: false, log_seq: null,
    saved_ms: wall(), saved_server_ms: now_ms, clock_error_ms: error_ms, recorded_at: "", epoch: 0, code: "", done_ms: 0, item: "", mended: 0, leaf: "",
  };
  const boxes = [{ device_seq, kind: "server", box: server, key: device.sealing.id }, { device_seq, kind: "author", box: author }, { device_seq, kind: "line", box: listed }, { device_seq, kind: "form", box: asked }];
  const keyBoxes = await Promise.all(Object.entries(files).map(([attachment, key]) => keyBox(wish.incident, device_seq, attachment, key, device)));
  return { row, boxes: [...boxes.filter((one) => one.box), ...keyBoxes], reports: Object.keys(files).map((attachment) => reportOf(attachment, wish.command)) };
}

/**
 * A tap on the disk: rows, boxes and files, and of what it mends what is left of the old. Of an old record stays its line, with
 * what became of it: no box that could go out a second time.
 * @param {(of: import("./db.js").Store) => IDBObjectStore} of @param {Made[]} made @param {[old: number, place: number][]} closes @param {number} now_ms
 */
export async function put(of, made, closes, now_ms) {
  for (const { row, boxes, reports } of made) {
    of("records").add(row);
    for (const box of boxes) of("boxes").put(box);
    for (const report of reports) {
      const file = await ask(of("files").get(report.attachment));
      if (!file) throw new Error("a picture or sound of it is not on this tablet any more: take it out of the form");
      of("files").put({ ...file, state: "waiting", place: "", words: "", device_seq: row.device_seq, incident: row.incident, report });
    }
  }
  for (const [old, place] of closes) {
    const row = await ask(of("records").get(old));
    if (!row || !isBack(row.state)) throw new Error("what came back was put away or written anew meanwhile");
    of("records").put({ ...row, state: "mended", mended: made[place].row.device_seq, done: true, done_ms: now_ms, told: true, server: false, author: false, files: 0 });
    for (const kind of ["server", "author", "form"]) of("boxes").delete([old, kind]);
    for (const file of await ask(of("files").index("record").getAll(old))) dropWithin(of, file.attachment); // its author took it out
  }
}

/** A file's key for the server alone, so that its bytes can follow with nobody there. @param {string} incident @param {number} device_seq @param {string} attachment @param {string} key @param {import("./device.js").Device} device */
async function keyBox(incident, device_seq, attachment, key, device) {
  const place = utf8(keyPlaceOf(incident, device.id, attachment));
  return { device_seq, kind: `file ${attachment}`, box: await seal(bytesOf(device.sealing.public_key), place, bytesOf(key)), key: device.sealing.id };
}

/** @param {string} attachment @param {Record<string, unknown>} command the AddAttachment that names it */
function reportOf(attachment, command) {
  if (command.attachment !== attachment) throw new Error("expected a record that names its file");
  return { attachment, subject: String(command.subject), kind: String(command.kind), sha256: String(command.sha256) };
}
