/** Files on their way after their records, one at a time: in their author's session, or sealed where nobody is there. */
import { Unreachable } from "../static/api.js";
import { signal } from "../static/lib.js";
import { filesOf, follow, followSealed, tryAgain } from "./files.js";

const PAUSE_FIRST_MS = 1_000;
const PAUSE_MOST_MS = 30_000;
const BARRED_MS = 300_000; // until it is looked again whether somebody has let their records in

export class Following {
  /** How many a revoked device may not bring until somebody lets their records in. */
  barred = signal(0);
  /** How many the server would not take: they lie here until somebody looks at their record. */
  refused = signal(0);
  /** How far each is, by attachment. */
  sent = signal(/** @type {Record<string, number>} */ ({}));

  #db;
  #device;
  #outbox;
  #running = false;
  #again = false;
  #pause_ms = 0;
  #timer = 0;

  /** @param {IDBDatabase} db @param {import("./device.js").Device} device @param {import("./outbox.js").Outbox} outbox @param {import("./keys.js").Keys} keys */
  constructor(db, device, outbox, keys) {
    this.#db = db;
    this.#device = device;
    this.#outbox = outbox;
    outbox.onFiles = () => void this.go();
    keys.watch((held) => { if (held) void this.go(); });
  }

  /** Bring what may follow now. Only the tab that sends does: of two at one offset one is told to stop. */
  async go() {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      while (this.#again && this.#outbox.sender) {
        this.#again = false;
        if (!(await this.#round())) this.#later();
        else {
          this.#pause_ms = 0;
          if (this.barred.peek()) this.#wakeIn(BARRED_MS);
        }
      }
    } finally {
      this.#running = false;
    }
  }

  /** What was not taken of a record goes again. @param {number} seq */
  async again(seq) {
    await tryAgain(this.#db, seq);
    await this.go();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #later() {
    this.#pause_ms = Math.min(PAUSE_MOST_MS, this.#pause_ms ? this.#pause_ms * 2 : PAUSE_FIRST_MS);
    this.#wakeIn(this.#pause_ms);
  }

  /** @param {number} wait_ms */
  #wakeIn(wait_ms) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.go(), wait_ms * (1 + Math.random() / 4));
  }

  /** Every file once. False where a line was cut: the rest would be as well. */
  async #round() {
    let [barred, refused] = [0, 0];
    for (const { device_seq: seq, files, state } of await this.#outbox.withFiles()) {
      const rows = await filesOf(this.#db, seq);
      // Brought, and the page was killed before it could say so.
      for (let n = rows.length; n < files; n += 1) await this.#outbox.feed({ in: "filed", seq });
      for (const row of rows) {
        const became = row.state === "waiting" ? await this.#tried(seq, row) : row.state;
        if (became === "not taken") refused += 1;
        if (became === "later") return false;
        if (became === "stopped") return true;
        if (became === "barred" && state !== "declined") barred += 1; // what was turned down nobody lets in any more
        if (became === "kept") await this.#outbox.feed({ in: "filed", seq });
      }
    }
    this.barred.value = barred;
    this.refused.value = refused;
    return true;
  }

  /** Where its author is there, in their session: a file of theirs is then theirs to look at. @param {number} seq @param {import("./files.js").FileRow} row @returns {Promise<import("./files.js").Became>} */
  async #tried(seq, row) {
    const { own, box } = await this.#outbox.fileKey(seq, row.attachment);
    const progress = (/** @type {number} */ sent_bytes) => { this.sent.value = { ...this.sent.value, [row.attachment]: sent_bytes }; };
    try {
      const became = own ? await follow(this.#db, row, own, progress) : "stopped";
      return became === "stopped" && box ? await followSealed(this.#db, row, box, this.#device, progress) : became;
    } catch (error) {
      if (error instanceof Unreachable) return "later";
      throw error;
    }
  }
}
