/** Files on their way after their records, one at a time, for as long as their author is signed in. */
import { signal } from "../static/lib.js";
import { filesOf, follow } from "./files.js";

const PAUSE_FIRST_MS = 1_000;
const PAUSE_MOST_MS = 30_000;

export class Following {
  /** How far each is, by attachment. */
  sent = signal(/** @type {Record<string, number>} */ ({}));

  #db;
  #outbox;
  #running = false;
  #again = false;
  #pause_ms = 0;
  #timer = 0;

  /** @param {IDBDatabase} db @param {import("./outbox.js").Outbox} outbox @param {import("./keys.js").Keys} keys */
  constructor(db, outbox, keys) {
    this.#db = db;
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
        if (await this.#round()) this.#pause_ms = 0;
        else this.#later();
      }
    } finally {
      this.#running = false;
    }
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #later() {
    this.#pause_ms = Math.min(PAUSE_MOST_MS, this.#pause_ms ? this.#pause_ms * 2 : PAUSE_FIRST_MS);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.go(), this.#pause_ms * (1 + Math.random() / 4));
  }

  /** Every file once. False where a line was cut: the rest would be as well. */
  async #round() {
    for (const { device_seq: seq, files } of await this.#outbox.withFiles()) {
      const rows = await filesOf(this.#db, seq);
      // Brought, and the page was killed before it could say so.
      for (let n = rows.length; n < files; n += 1) await this.#outbox.feed({ in: "filed", seq });
      const record = await this.#outbox.open(seq);
      if (!record) continue; // its author has left
      for (const row of rows) {
        if (row.state !== "waiting") continue;
        const { subject, kind, sha256 } = record.command;
        const report = { attachment: row.attachment, subject, kind, sha256 };
        const became = await follow(this.#db, row, record.files[row.attachment], report, (sent_bytes) => this.#tell(row.attachment, sent_bytes));
        if (became === "later") return false;
        if (became === "signed out") return true;
        if (became === "kept") await this.#outbox.feed({ in: "filed", seq });
      }
    }
    return true;
  }

  /** @param {string} attachment @param {number} sent_bytes */
  #tell(attachment, sent_bytes) {
    this.sent.value = { ...this.sent.value, [attachment]: sent_bytes };
  }
}
