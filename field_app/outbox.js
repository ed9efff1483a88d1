/**
 * The outbox: what is saved here is on the disk when `save` returns, sealed, and stays until the server's answer binds it
 * (docs/design/017-tablet.md). What becomes of a record is decided in outbox_core.js; this is the hands: the disk, the line,
 * the clock, other tabs.
 */
import { Unreachable, incidentPath } from "../static/api.js";
import { signal } from "../static/lib.js";
import { textOf } from "./bytes.js";
import { ask, beginning, read, write, writeSurely } from "./db.js";
import { dropWithin } from "./files.js";
import { Heads } from "./heads.js";
import { Boxes } from "./outbox_boxes.js";
import { initial, step } from "./outbox_core.js";
import { lineOf, lookedAt } from "./outbox_looks.js";
import { LIVE, answeredWith, changesOf, headerOf, itemOf, withLeaf } from "./outbox_rows.js";
import { put, sealed } from "./outbox_save.js";
import { binds } from "./statement.js";

const SENDER = "muster-outbox"; // one tab sends
const WRITER = "muster-outbox-write"; // one tab at a time takes numbers
const FREES = new Set(["drop author", "drop server", "done", "forget", "files"]); // what gives room back may take the reserve for it: else a full tablet stays full
const JITTER_MS = 500; // so that fifty tablets do not come back in the same moment

/** @typedef {import("./outbox_rows.js").Row} Row @typedef {import("./outbox_core.js").Effect} Effect */

/** @typedef {import("./outbox_save.js").Wish} Wish */

/** @typedef {import("./outbox_boxes.js").Opened} Opened @typedef {import("./outbox_boxes.js").Line} Line */

export class Outbox {
  /** Goes up at each change: whatever shows the outbox reads it. */
  changes = signal(0);
  /** What is to be said, the newest last: "unbound", "cut off", "full", "held", "let in", "declined", "refused", "returned", "rewound", "room low", "head unsigned" …; each once. */
  told = signal(/** @type {string[]} */ ([]));
  /** Called when files may follow; see following.js. @type {() => void} */
  onFiles = () => {};

  #db;
  #device;
  #keys;
  #boxes;
  #heads;
  #state = initial();
  /** @type {Promise<unknown>} */
  #queue = Promise.resolve();
  #tabs = new BroadcastChannel("muster.field.outbox");
  #stop = new AbortController();
  /** The newest epoch that each log answered in. @type {Map<string, number>} */
  #epochs = new Map();
  #wake = 0;

  /** @param {IDBDatabase} db @param {import("./device.js").Device} device @param {import("./keys.js").Keys} keys */
  constructor(db, device, keys) {
    this.#db = db;
    this.#device = device;
    this.#keys = keys;
    this.#boxes = new Boxes(db, device.id, keys);
    this.#heads = new Heads(db);
    this.#tabs.addEventListener("message", (event) => void this.#heard(event.data));
    keys.watch(() => void this.feed({ in: "signed", part: keys.part }).then(() => this.#tidy()));
  }

  /** Whether this tab sends, and whether the server has cut this device off. */
  get sender() {
    return this.#state.sender;
  }

  get cut() {
    return this.#state.cut;
  }

  /** The line is said to be back: nobody waits out a pause of half a minute. */
  #lineIsBack = () => void this.feed({ in: "back" });

  /** Send from now on, when no other tab does. */
  start() {
    addEventListener("online", this.#lineIsBack, { signal: this.#stop.signal });
    const over = new Promise((done) => this.#stop.signal.addEventListener("abort", done));
    navigator.locks.request(SENDER, { signal: this.#stop.signal }, async () => {
      await this.#then(async () => this.#fed({ in: "lock", held: true, items: (await this.#live()).map(itemOf) }));
      await this.feed({ in: "signed", part: this.#keys.part });
      await this.#tidy();
      this.onFiles();
      await over;
    }).catch(() => {}); // stopped while it waited for its turn
  }

  /** Another tab may send. */
  async stop() {
    this.#stop.abort();
    clearTimeout(this.#wake);
    await this.feed({ in: "lock", held: false, items: [] });
    this.#tabs.close();
  }

  /**
   * Sign and seal what happened, and write it down: all of these or none. When this returns they are on the disk, in the order
   * in which they were given; what they mend is closed in the same write. Raises where a record is too large, the disk takes no
   * more, or what is mended was put away meanwhile: then nothing was saved.
   * @param {Wish[]} wishes @param {import("./mending.js").Form | null} [form] that they come from; numbers that its tap lacks are theirs, in order
   * @param {[old: number, place: number][]} [closes] each record that came back, and which of `wishes` takes its place @returns {Promise<Row[]>}
   */
  async save(wishes, form = null, closes = []) {
    const rows = await navigator.locks.request(WRITER, async () => {
      const { seq } = await read(this.#db, ["device"], (of) => ask(of("device").get("device")));
      let next = seq;
      const asked = form ? { ...form, tap: form.tap.map((one) => ({ ...one, seq: one.seq ?? (next += 1) })) } : undefined;
      const made = await Promise.all(wishes.map((wish, n) => sealed(wish, seq + 1 + n, this.#device, this.#keys, asked)));
      await this.#written(seq, made, closes);
      return made.map((one) => one.row);
    });
    this.#tabs.postMessage({ saved: rows });
    void this.feed({ in: "saved", items: rows.map(itemOf) });
    if (closes.length) void this.#everywhere({ in: "mended", seqs: closes.map(([old]) => old) });
    this.#changed();
    return rows;
  }

  /** One input for the machine; answered when its effects are on the disk. @param {{in: string} & Record<string, any>} input @returns {Promise<void>} */
  feed(input) {
    return this.#then(() => this.#fed(input));
  }

  /** What lies here, by state, and since when the oldest waits, by the server's time as it was known then. */
  async counts() {
    return read(this.#db, ["records"], async (of) => {
      const index = of("records").index("state");
      const found = /** @type {Record<string, number>} */ ({});
      for (const state of LIVE) found[state] = await ask(index.count(beginning(state)));
      const [oldest] = await ask(index.getAll(beginning("waiting"), 1));
      return { ...found, oldest_ms: /** @type {number | null} */ (oldest?.saved_server_ms ?? null) };
    });
  }

  /** Rows without contents: all that a locked tablet can show. @param {number} [limit] @returns {Promise<Row[]>} the newest first */
  rows(limit = 50) {
    return this.#boxes.rows(limit);
  }

  /** The list of who is signed in, the newest first. @param {number} [limit] @returns {Promise<Line[]>} */
  lines(limit = 50) {
    return this.#boxes.lines(limit);
  }

  /** One line of it; null where it is not there or another's. @param {number} device_seq @returns {Promise<Line | null>} */
  line(device_seq) {
    return this.#boxes.line(device_seq);
  }

  /** What a record says, to its author; null where their box is gone or it is another's. @param {number} device_seq @returns {Promise<Opened | null>} */
  open(device_seq) {
    return this.#boxes.open(device_seq);
  }

  /** The form of a record, with all that was in it, and what has become of each record of its tap; null where its author is not there. @param {number} device_seq @returns {Promise<import("./mending.js").Mending | null>} */
  mending(device_seq) {
    return this.#boxes.mending(device_seq);
  }

  /** The answer that the server gave, to its author. @param {number} device_seq @returns {Promise<import("../static/types.d.ts").Answer | null>} */
  answer(device_seq) {
    return this.#boxes.box(device_seq, "answer");
  }

  /** Its author has read what became of it: a record that was held, turned down, refused or returned is gone from here. @param {number} device_seq */
  putAway(device_seq) {
    return this.#everywhere({ in: "put away", seq: device_seq });
  }

  /** Somebody has read what was told. @param {string} what */
  read(what) {
    this.told.value = this.told.value.filter((one) => one !== what);
  }

  /**
   * A held record was claimed by who is signed in: it is in the log and in their list, and its files may follow under the keys
   * that came back. Nothing happens where it was captured on another tablet, or where the answer binds something else.
   * @param {string} cmd @param {import("../static/types.d.ts").Answer} answer @param {Record<string, unknown> & {type?: string}} command what it says
   * @param {Record<string, string>} files keys by attachment @param {string} [title] what the list calls it
   */
  async claimed(cmd, answer, command, files, title = "") {
    const row = await this.#boxes.named(cmd);
    if (!row) return;
    const first = answer.first ?? answer;
    if (!(await binds(first.header ?? "", this.#kept(row)))) return this.#tell("unbound");
    const { occurred_at } = headerOf(first);
    const line = { title, type: command.type ?? "", occurred_ms: Date.parse(occurred_at ?? "") || row.saved_server_ms };
    await this.#boxes.keep(row, { author: { submission: null, files, title, command }, line });
    const raw = { [row.device_seq]: await withLeaf(first) };
    await this.#everywhere({ in: "claimed", seq: row.device_seq, part: this.#keys.part, log_seq: first.seq ?? null, raw });
  }

  /** Records that the server has, in the log, held back or turned down, whose files are still to follow. @returns {Promise<Row[]>} */
  async withFiles() {
    const found = await read(this.#db, ["records"], (of) => Promise.all(["accepted", "held", "declined"].map((state) => ask(of("records").index("state").getAll(beginning(state))))));
    return found.flat().filter((/** @type {Row} */ row) => row.files);
  }

  /** The key of a record's file: as its author has it, and in the box to the server. @param {number} device_seq @param {string} attachment @returns {Promise<{own: string | null, box: {key: string, box: Uint8Array} | undefined}>} */
  async fileKey(device_seq, attachment) {
    const box = await read(this.#db, ["boxes"], (of) => ask(of("boxes").get([device_seq, `file ${attachment}`])));
    return { own: (await this.#boxes.record(device_seq))?.files[attachment] ?? null, box };
  }

  /** One input, at the tab that sends: this or another. @param {{in: string} & Record<string, any>} input */
  async #everywhere(input) {
    if (this.#state.sender) await this.feed(input);
    else this.#tabs.postMessage({ feed: input });
  }

  // Saving -------------------------------------------------------------------------------------------------

  /** Rows, boxes and numbers in one transaction: a number that was taken is a record that is here. @param {number} seq @param {import("./outbox_save.js").Made[]} made @param {[number, number][]} closes */
  #written(seq, made, closes) {
    return writeSurely(this.#db, ["device", "records", "boxes", "files", "parts"], async (of) => {
      const device = await ask(of("device").get("device"));
      if (device.seq !== seq) throw new Error("another tab took this number");
      of("device").put({ ...device, seq: seq + made.length, clock: this.#device.clockNow() });
      await put(of, made, closes, this.#device.time().now_ms);
    });
  }

  // The machine --------------------------------------------------------------------------------------------

  /** One thing after the other. @param {() => Promise<void>} work @returns {Promise<void>} */
  #then(work) {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** @param {{in: string} & Record<string, any>} input */
  async #fed(input) {
    const { state, effects } = step(this.#state, /** @type {any} */ ({ now_ms: performance.now(), ...input }));
    this.#state = state;
    if (!effects.length) return;
    const kept = await this.#keptAnswers(effects, input.raw ?? {});
    await this.#disk(effects, kept, input.raw ?? {}).catch(() => this.#tell("disk")); // the server answers the same again after a reload
    for (const effect of effects) this.#act(effect);
    if (effects.some((effect) => effect.do !== "wake")) this.#changed();
  }

  /** The answers that are kept for their author, sealed. @param {Effect[]} effects @param {Record<number, any>} raw */
  async #keptAnswers(effects, raw) {
    const found = /** @type {{device_seq: number, kind: string, box: Uint8Array}[]} */ ([]);
    for (const effect of effects) {
      if (effect.do !== "keep answer" || !raw[effect.seq] || !this.#keys.held) continue;
      const row = await this.#boxes.row(effect.seq);
      if (row) found.push(await this.#boxes.sealed(row, "answer", raw[effect.seq]));
    }
    return found;
  }

  /** All that a step changes on the disk, at once. @param {Effect[]} effects @param {{}[]} boxes @param {Record<number, any>} raw */
  async #disk(effects, boxes, raw) {
    if (!effects.some((effect) => !["send", "look", "wake", "tell", "files"].includes(effect.do))) return;
    const now_ms = this.#device.time().now_ms;
    const keep = effects.some((effect) => FREES.has(effect.do)) ? writeSurely : write;
    await keep(this.#db, ["records", "boxes", "files", "parts"], async (of) => {
      for (const box of boxes) of("boxes").put(box);
      for (const effect of effects) {
        if (!("seq" in effect)) continue;
        if (effect.do === "keep" || effect.do === "done") {
          const row = await ask(of("records").get(effect.seq));
          const item = this.#state.items[effect.seq];
          const answer = raw[effect.seq];
          if (row) of("records").put({ ...row, ...(item ? changesOf(item) : { done: true, server: false, author: false, files: 0 }), ...(answer ? answeredWith(answer, row) : {}), done_ms: row.done_ms || (!item || item.state === "declined" ? now_ms : 0) });
        } else if (effect.do === "told") {
          const row = await ask(of("records").get(effect.seq));
          if (row) of("records").put({ ...row, told: true, done_ms: now_ms });
        } else if (effect.do === "drop author") for (const kind of ["author", "form"]) of("boxes").delete([effect.seq, kind]);
        else if (effect.do === "drop server") of("boxes").delete([effect.seq, "server"]);
        else if (effect.do === "forget") {
          of("records").delete(effect.seq);
          of("boxes").delete(beginning(effect.seq));
          for (const file of await ask(of("files").index("record").getAll(effect.seq))) dropWithin(of, file.attachment);
        }
      }
    });
  }

  /** @param {Effect} effect */
  #act(effect) {
    if (effect.do === "send") void this.#send(effect);
    else if (effect.do === "look") void this.#look(effect);
    else if (effect.do === "tell") this.#tell(effect.what);
    else if (effect.do === "files") this.onFiles();
    else if (effect.do === "wake") {
      clearTimeout(this.#wake);
      this.#wake = window.setTimeout(() => void this.feed({ in: "tick" }), Math.max(0, effect.at_ms - performance.now()) + Math.random() * JITTER_MS);
    }
  }

  // The line -----------------------------------------------------------------------------------------------

  /** One request, and its answer fed back. @param {Extract<Effect, {do: "send"}>} effect */
  async #send(effect) {
    try {
      const rows = await Promise.all(effect.items.map(([seq]) => this.#boxes.row(seq)));
      const bodies = await Promise.all(effect.items.map(([seq, way]) => this.#body(seq, way)));
      const there = bodies.filter((one) => one !== null);
      if (!there.length) return void (await this.feed({ in: "answers", answers: effect.items.map(([seq]) => ({ seq, status: "no box" })) }));
      const got = await this.#device.request("POST", incidentPath(effect.incident, "statements"), there);
      if (got.status === 200 && !Array.isArray(got.data?.answers)) throw new Unreachable("something else answered");
      if (got.status === 200) return void (await this.#answered(effect.incident, rows, bodies, got.data));
      await this.#failed(got);
    } catch (error) {
      await this.#lost(error);
    }
  }

  /** What became of what is held: numbers go, and no box. @param {Extract<Effect, {do: "look"}>} effect */
  async #look({ incident, items }) {
    try {
      const got = await this.#device.request("POST", incidentPath(incident, "statements/held"), { numbers: items });
      if (got.status !== 200) return void (await this.#failed(got));
      if (!Array.isArray(got.data?.became)) throw new Unreachable("something else answered");
      const raw = /** @type {Record<number, any>} */ ({});
      const answers = [];
      for (const one of got.data.became) {
        const row = await this.#boxes.row(one.device_seq);
        if (!row) continue;
        const statement = (await this.#boxes.record(row.device_seq))?.submission?.statement;
        const { answer, kept, mine } = await lookedAt(one, row, this.#kept(row), statement, this.#keys);
        answers.push(answer);
        if (kept) raw[row.device_seq] = kept;
        if (mine) await this.#boxes.keep(row, { line: lineOf(kept, row) });
      }
      await this.#restored(incident, Object.values(raw));
      await this.feed({ in: "looked", answers, raw });
      if (got.data.checkpoint) await this.#headed(incident, got.data.checkpoint);
    } catch (error) {
      await this.#lost(error);
    }
  }

  /** An answer that is a no to the whole request. @param {import("./device.js").Got} got */
  async #failed({ status, retry_ms }) {
    if (status === 401) await this.feed({ in: "cut off" });
    else if (status >= 500 || status === 429 || status === 408) await this.feed({ in: "busy", retry_ms });
    else await this.feed({ in: "rejected" });
  }

  /** @param {unknown} error */
  async #lost(error) {
    await this.feed({ in: "lost" });
    if (!(error instanceof Unreachable)) this.#tell("fault");
  }

  /** What is done with, and was told, leaves after its time. */
  async #tidy() {
    if (!this.#state.sender) return;
    const found = await read(this.#db, ["records"], (of) => Promise.all(["accepted", "declined", "mended"].map((state) => ask(of("records").index("state").getAll(beginning(state))))));
    const done = found.flat().filter((/** @type {Row} */ row) => row.done || row.state === "declined");
    const rows = done.map((/** @type {Row} */ row) => ({ seq: row.device_seq, part: row.part, told: row.told, done_ms: row.done_ms || row.saved_server_ms }));
    await this.feed({ in: "prune", rows, wall_ms: this.#device.time().now_ms });
  }

  /** What is sent of a record; null where neither box is there to be sent: damage, which must not hold up the others. @param {number} seq @param {string} way @returns {Promise<any>} */
  async #body(seq, way) {
    const record = way === "open" ? await this.#boxes.record(seq) : null;
    if (record?.submission) return record.submission;
    const [row, found] = await read(this.#db, ["records", "boxes"], (of) => Promise.all([ask(of("records").get(seq)), ask(of("boxes").get([seq, "server"]))]));
    return row && found ? { cmd: row.cmd, device_seq: seq, sealed: { key: found.key, box: textOf(found.box) } } : null;
  }

  /** @param {string} incident @param {(Row | undefined)[]} rows @param {any[]} bodies @param {{answers: any[], checkpoint?: string}} data */
  async #answered(incident, rows, bodies, data) {
    const raw = /** @type {Record<number, any>} */ ({});
    const answers = [];
    for (const [n, row] of rows.entries()) {
      if (!row) continue;
      const answer = bodies[n] ? data.answers.find((one) => one.cmd === row.cmd) : { status: "no box" };
      if (!answer) continue;
      const first = answer.status === "duplicate" && answer.first ? answer.first : answer;
      raw[row.device_seq] = await withLeaf(first);
      const bound = Boolean(first.header) && (await binds(first.header, this.#kept(row), bodies[n].statement));
      answers.push({ seq: row.device_seq, status: first.status, code: first.code ?? "", where: first.where ?? "", binds: bound, log_seq: first.seq ?? null });
    }
    await this.#restored(incident, Object.values(raw));
    await this.feed({ in: "answers", answers, raw });
    if (data.checkpoint) await this.#headed(incident, data.checkpoint);
  }

  /** A signed head lets go of what it covers, once it is believed; one of an epoch that has ended covers nothing. @param {string} incident @param {string} note */
  async #headed(incident, note) {
    const found = await this.#heads.take(incident, note);
    if (typeof found === "string") return this.#tell(found);
    if (found.epoch < (this.#epochs.get(incident) ?? 0)) return undefined;
    return this.feed({ in: "checkpoint", incident, seq: found.size });
  }

  /** A log that answers in a later epoch came back from a backup: what no signed head covers may not be in it. @param {string} incident @param {{header?: string}[]} answers */
  async #restored(incident, answers) {
    const epoch = Math.max(0, ...answers.map((one) => headerOf(one).epoch ?? 0));
    const before = this.#epochs.get(incident) ?? epoch;
    this.#epochs.set(incident, Math.max(epoch, before));
    if (epoch > before) await this.feed({ in: "rewound", incident, seq: 0 });
  }

  // Bits ---------------------------------------------------------------------------------------------------

  /** @param {{saved?: Row[], feed?: any, changed?: boolean}} said by another tab */
  async #heard(said) {
    if (said.saved) await this.feed({ in: "saved", items: said.saved.map(itemOf) });
    if (said.feed && this.#state.sender) await this.feed(said.feed);
    this.changes.value += 1;
  }

  #changed() {
    this.changes.value += 1;
    if (!this.#stop.signal.aborted) this.#tabs.postMessage({ changed: true });
  }

  /** @param {string} what */
  #tell(what) {
    this.told.value = [...this.told.value.filter((one) => one !== what), what];
  }

  /** What an answer to a record has to bind. @param {Row} row */
  #kept(row) {
    return { incident: row.incident, cmd: row.cmd, device: this.#device.id, statement_sha256: row.statement_sha256 };
  }

  /** @returns {Promise<Row[]>} what is not done with */
  async #live() {
    const found = await read(this.#db, ["records"], (of) => Promise.all(LIVE.map((state) => ask(of("records").index("state").getAll(beginning(state))))));
    /** @type {Row[]} */
    const rows = found.flat().filter((/** @type {Row} */ row) => !row.done);
    for (const row of rows) this.#epochs.set(row.incident, Math.max(row.epoch, this.#epochs.get(row.incident) ?? 0));
    return rows;
  }
}
