/**
 * Signed heads of logs (docs/design/018-signed-heads.md): a C2SP checkpoint in a signed note, by a key that was pinned when this
 * tablet was enrolled. Only a head that verifies lets a record's last box go; where this browser has no Ed25519, boxes stay.
 *
 * A note is kept, the newest of each incident, and two that contradict each other are told: signed, they are evidence.
 */
import { hex, joined, sha256, standard, utf8 } from "./bytes.js";
import { ask, read, write } from "./db.js";

const KEYS = "/checkpoint-keys";
const LOOK_AGAIN_MS = 600_000; // for keys, where a note is signed by none that is known
const NOTE_CHARS_MOST = 65_536;
const KEYS_MOST = 64;
const KEY_ID_BYTES = 4;
const ED25519 = 1; // signed-note's type
const ORIGIN = /^muster:(.+):([1-9][0-9]{0,14})$/;
const SIZE = /^(0|[1-9][0-9]{0,14})$/;
const LINE_START = "\u2014 "; // an em dash and a space, as the format has it

/** @typedef {{incident: string, epoch: number, size: number, root: string}} Head `root` as in the note */
/** @typedef {{name: string, id: string, key: Uint8Array<ArrayBuffer>}} Vkey `id` in hex */
/** A note that was taken apart, not yet believed. @typedef {Head & {body: string, signatures: {name: string, raw: Uint8Array<ArrayBuffer>}[]}} Note */

/** Why a head lets nothing go: it is not this log's, no known key signed it, two of them contradict, this browser cannot tell. @typedef {"head strange" | "head unsigned" | "head forked" | "head unchecked"} Doubt */

/** A line of `GET /checkpoint-keys`: name+id+base64(type ‖ key). null where it is none. @param {string} line @returns {Promise<Vkey | null>} */
export async function vkeyOf(line) {
  try {
    const [, name, id, text] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? [];
    const raw = standard(text);
    if (raw[0] !== ED25519 || raw.length !== 33) return null;
    const digest = await sha256(joined(utf8(`${name}\n`), raw));
    return hex(digest.subarray(0, KEY_ID_BYTES)) === id ? { name, id, key: raw.slice(1) } : null;
  } catch {
    return null;
  }
}

/** Take a note apart. null where it is no checkpoint of a log of ours. @param {string} note @returns {Note | null} */
export function noteOf(note) {
  const cut = note.lastIndexOf("\n\n");
  if (note.length > NOTE_CHARS_MOST || cut < 0 || !note.endsWith("\n")) return null;
  const body = note.slice(0, cut + 1);
  const [origin = "", size = "", root = ""] = body.split("\n");
  const place = ORIGIN.exec(origin);
  if (!place || !SIZE.test(size) || !root) return null;
  try {
    const signatures = note.slice(cut + 2, -1).split("\n").map((line) => {
      const [name, text, ...more] = line.slice(LINE_START.length).split(" ");
      if (!line.startsWith(LINE_START) || more.length) throw new Error("expected a signature line");
      return { name, raw: standard(text) };
    });
    return { incident: place[1], epoch: Number(place[2]), size: Number(size), root, body, signatures };
  } catch {
    return null;
  }
}

/** Whether one of these keys signed it; null where this browser has no Ed25519. @param {Note} note @param {readonly Vkey[]} vkeys @returns {Promise<boolean | null>} */
export async function signedBy(note, vkeys) {
  for (const { name, raw } of note.signatures) {
    const vkey = vkeys.find((one) => one.name === name && one.id === hex(raw.subarray(0, KEY_ID_BYTES)));
    if (!vkey) continue;
    let key;
    try {
      key = await crypto.subtle.importKey("raw", vkey.key, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      if (/** @type {Error} */ (error).name === "NotSupportedError") return null;
      throw error;
    }
    if (await crypto.subtle.verify({ name: "Ed25519" }, key, raw.slice(KEY_ID_BYTES), utf8(note.body))) return true;
  }
  return false;
}

export class Heads {
  #db;
  #looked_ms = -Infinity;

  /** @param {IDBDatabase} db */
  constructor(db) {
    this.#db = db;
  }

  /** Pin the keys that the server shows; those that were pinned before stay. False where it does not answer. */
  async pin() {
    this.#looked_ms = performance.now();
    try {
      const got = await fetch(KEYS, { cache: "no-store", credentials: "omit" });
      if (!got.ok) return false;
      const shown = (await got.text()).split("\n").filter(Boolean);
      const good = await Promise.all(shown.slice(-KEYS_MOST).map(vkeyOf));
      const lines = shown.slice(-KEYS_MOST).filter((_, n) => good[n]);
      await write(this.#db, ["device"], async (of) => {
        const kept = /** @type {string[]} */ ((await ask(of("device").get("vkeys")))?.lines ?? []);
        of("device").put({ name: "vkeys", lines: [...new Set([...kept, ...lines])].slice(-KEYS_MOST) });
      });
      return true;
    } catch {
      return false;
    }
  }

  /** What is pinned, the oldest first. @returns {Promise<Vkey[]>} */
  async pinned() {
    const row = await read(this.#db, ["device"], (of) => ask(of("device").get("vkeys")));
    const found = await Promise.all((row?.lines ?? []).map(vkeyOf));
    return found.filter((one) => one !== null);
  }

  /**
   * A head that may be believed for an incident, or why not. One that no pinned key signed is looked at again with the keys
   * that the server shows now, over TLS: a key that was exchanged while this tablet was away is learnt so.
   * @param {string} incident @param {string} text @returns {Promise<Head | Doubt>}
   */
  async take(incident, text) {
    const note = noteOf(text);
    if (!note || note.incident !== incident) return "head strange";
    let signed = await signedBy(note, await this.pinned());
    if (signed === false && performance.now() - this.#looked_ms > LOOK_AGAIN_MS && (await this.pin())) signed = await signedBy(note, await this.pinned());
    if (signed === null) return "head unchecked";
    if (!signed) return "head unsigned";
    return this.#kept(note, text);
  }

  /** @param {Note} note @param {string} text @returns {Promise<Head | Doubt>} */
  async #kept({ incident, epoch, size, root }, text) {
    const name = `head ${incident}`;
    const before = await read(this.#db, ["device"], (of) => ask(of("device").get(name)));
    if (before?.epoch === epoch && before.size === size && before.root !== root) {
      await write(this.#db, ["device"], (of) => { of("device").put({ name: `fork ${incident}`, notes: [before.note, text] }); });
      return "head forked";
    }
    const newer = !before || epoch > before.epoch || (epoch === before.epoch && size > before.size);
    if (newer) await write(this.#db, ["device"], (of) => { of("device").put({ name, epoch, size, root, note: text }); }).catch(() => {}); // it holds as well where no room is left to keep it
    return { incident, epoch, size, root };
  }
}
