/** What lies in the outbox, read: rows in the clear, and boxes that open for their author while they are signed in. */
import { bytesOf, utf8, utf8Text } from "./bytes.js";
import { ask, beginning, read, write } from "./db.js";
import { asNote } from "./mending.js";
import { placeOf } from "./outbox_rows.js";

/** @typedef {import("./outbox_rows.js").Row} Row */

/** What lies in a record's boxes. @typedef {{submission: import("./statement.js").Submission, files: Record<string, string>, title: string}} Record_ */

/** What its author reads of a record; `command` is in plain. @typedef {Record_ & {command: Record<string, any>, occurred_at: string}} Opened */

/** A line in the author's list. @typedef {{row: Row, title: string, type: string, occurred_ms: number}} Line */

export class Boxes {
  #db;
  #device;
  #keys;

  /** @param {IDBDatabase} db @param {string} device @param {import("./keys.js").Keys} keys */
  constructor(db, device, keys) {
    this.#db = db;
    this.#device = device;
    this.#keys = keys;
  }

  /** @param {number} seq @returns {Promise<Row | undefined>} */
  row(seq) {
    return read(this.#db, ["records"], (of) => ask(of("records").get(seq)));
  }

  /** The row of a record by its command's id. @param {string} cmd @returns {Promise<Row | undefined>} */
  named(cmd) {
    return read(this.#db, ["records"], (of) => ask(of("records").index("cmd").get(cmd)));
  }

  /** @param {number} limit @returns {Promise<Row[]>} the newest first */
  rows(limit) {
    return read(this.#db, ["records"], (of) => newest(of("records"), null, limit));
  }

  /** @param {number} limit @returns {Promise<Line[]>} the newest first */
  async lines(limit) {
    const part = this.#keys.part;
    if (!part) return [];
    const found = await read(this.#db, ["records", "boxes"], async (of) => {
      const rows = await newest(of("records").index("part"), beginning(part), limit);
      return Promise.all(rows.map(async (row) => ({ row, box: (await ask(of("boxes").get([row.device_seq, "line"])))?.box })));
    });
    return Promise.all(found.map(async (/** @type {{row: Row, box: Uint8Array<ArrayBuffer> | undefined}} */ { row, box }) => this.#lined(row, box)));
  }

  /** One of them; null where it is not there or not of who is signed in. @param {number} seq @returns {Promise<Line | null>} */
  async line(seq) {
    const part = this.#keys.part;
    const [row, found] = await read(this.#db, ["records", "boxes"], (of) => Promise.all([ask(of("records").get(seq)), ask(of("boxes").get([seq, "line"]))]));
    return row && part && row.part === part ? this.#lined(row, found?.box) : null;
  }

  /** @param {Row} row @param {Uint8Array<ArrayBuffer> | undefined} box @returns {Promise<Line>} */
  async #lined(row, box) {
    return { row, ...(box ? await this.#opened(row, box, "line") : { title: "", type: "", occurred_ms: row.saved_server_ms }) };
  }

  /** @param {number} seq @returns {Promise<Opened | null>} */
  async open(seq) {
    const record = await this.record(seq);
    if (!record) return null;
    if (!record.submission) return /** @type {any} */ ({ occurred_at: "", ...record }); // claimed: its statement is in the log
    const said = JSON.parse(utf8Text(bytesOf(record.submission.statement)));
    const values = record.submission.disclosures.map((text) => JSON.parse(utf8Text(bytesOf(text))));
    return { ...record, occurred_at: said.occurred_at, command: { ...said.command, ...Object.fromEntries(values.map(([, path, value]) => [path, value])) } };
  }

  /** @param {number} seq @returns {Promise<Record_ | null>} */
  record(seq) {
    return this.box(seq, "author");
  }

  /** The form of a record as it was saved, and each record of its tap as it is now. A record that has none opens as a note of all that it says. @param {number} seq @returns {Promise<import("./mending.js").Mending | null>} */
  async mending(seq) {
    const [form, said] = [await this.box(seq, "form"), await this.open(seq)];
    if (!said?.command) return null;
    const tap = form?.tap ?? [{ seq, command: said.command }];
    const lines = await Promise.all(tap.map((/** @type {{seq: number}} */ one) => this.line(one.seq)));
    return {
      name: form?.name ?? "note", fields: form?.fields ?? { text: asNote(said.command) },
      tap: tap.map((/** @type {{seq: number, command: any}} */ one, /** @type {number} */ n) => ({ ...one, state: lines[n]?.row.state ?? "", occurred_ms: lines[n]?.occurred_ms ?? Date.parse(said.occurred_at) })),
    };
  }

  /** What is in a box of the author's; null where it is not there or another's. @param {number} seq @param {string} kind @returns {Promise<any>} */
  async box(seq, kind) {
    const [row, found] = await read(this.#db, ["records", "boxes"], (of) => Promise.all([ask(of("records").get(seq)), ask(of("boxes").get([seq, kind]))]));
    return row && found && this.#keys.held ? this.#opened(row, found.box, kind).catch(() => null) : null;
  }

  /** A box to who is signed in, as it is written down. @param {Row} row @param {string} kind @param {unknown} said */
  async sealed(row, kind, said) {
    return { device_seq: row.device_seq, kind, box: await this.#keys.seal(utf8(JSON.stringify(said)), this.#place(row, kind)) };
  }

  /** Seal and write down. @param {Row} row @param {Record<string, unknown>} said by kind */
  async keep(row, said) {
    const boxes = await Promise.all(Object.entries(said).map(([kind, one]) => this.sealed(row, kind, one)));
    await write(this.#db, ["boxes"], (of) => { for (const box of boxes) of("boxes").put(box); });
  }

  /** What binds a box to its place. @param {Row} row @param {string} kind */
  #place(row, kind) {
    const place = placeOf(this.#device, row);
    return kind === "author" ? place : `${place}|${kind}`;
  }

  /** @param {Row} row @param {Uint8Array<ArrayBuffer>} box @param {string} kind @returns {Promise<any>} */
  async #opened(row, box, kind) {
    return JSON.parse(utf8Text(await this.#keys.unseal(box, this.#place(row, kind))));
  }
}

/** @param {IDBObjectStore | IDBIndex} from @param {IDBKeyRange | null} range @param {number} limit @returns {Promise<Row[]>} */
function newest(from, range, limit) {
  return new Promise((done, fail) => {
    const rows = /** @type {Row[]} */ ([]);
    const walk = from.openCursor(range, "prev");
    walk.onerror = () => fail(walk.error);
    walk.onsuccess = () => {
      const at = walk.result;
      if (!at || rows.length === limit) return done(rows);
      rows.push(at.value);
      return at.continue();
    };
  });
}
