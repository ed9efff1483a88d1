/**
 * The tablet without a screen: everything that it is, put together once. Screens read `tablet` and nothing below it.
 *
 *   const tablet = await openTablet();      // not enrolled: tablet.device is null
 *   await tablet.enrol(code);
 *   await tablet.keys.open();                // somebody is signed in; before that it is locked
 *   await tablet.outbox.save([{ incident, command, title }]);
 */
import { DB_FULL, isFull, openDb } from "./db.js";
import { enrol, loadDevice } from "./device.js";
import { Following } from "./following.js";
import { stage, sweep } from "./files.js";
import { Heads } from "./heads.js";
import { Keys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { askToStay, evicted, mark, reserve, room, watchEnd } from "./storage.js";

const LOOK_AGAIN_MS = 5_000;

/** Nothing more is taken in but records. */
export class NoRoom extends Error {}

export class Tablet {
  #tight = false; // something did not fit
  #look = 0;

  /** @param {IDBDatabase} db @param {"" | "all" | "some"} taken what an eviction took */
  constructor(db, taken) {
    this.db = db;
    this.taken = taken;
    addEventListener(DB_FULL, this.#full);
    /** @type {import("./device.js").Device | null} */
    this.device = null;
    // Only the door is shown before the device is known; whatever stands behind it has these three.
    this.keys = /** @type {Keys} */ (/** @type {unknown} */ (undefined));
    this.outbox = /** @type {Outbox} */ (/** @type {unknown} */ (undefined));
    this.following = /** @type {Following} */ (/** @type {unknown} */ (undefined));
  }

  /** Enrol by a code. Raises Problem, Unreachable. @param {string} code */
  async enrol(code) {
    const device = await enrol(this.db, code);
    await new Heads(this.db).pin(); // where that fails, they are looked at with the first head
    await this.#is(device);
    this.taken = "";
  }

  /** The device is known: from now on records can be saved, and what waits is sent. @param {import("./device.js").Device} device */
  async #is(device) {
    this.device = device;
    this.keys = new Keys(this.db, device);
    this.outbox = new Outbox(this.db, device, this.keys);
    this.following = new Following(this.db, device, this.outbox, this.keys);
    this.keys.watch((held) => { if (held) device.renewSealing().catch(() => {}); }); // the older key does as well
    await mark(this.db, device.id).catch(() => {}); // with no room for the mark what lies here is shown and sent all the same
    await this.keys.restore();
    this.outbox.start();
    askToStay();
  }

  /** @returns {Promise<Tablet>} */
  static async open() {
    const db = await openDb();
    const tablet = new Tablet(db, await evicted(db));
    const device = await loadDevice(db);
    if (device) {
      watchEnd(db);
      await tablet.#is(device);
      void sweep(db, device.time().now_ms);
    }
    return tablet;
  }

  /** Look how much room is left, and say so in the outbox's words. */
  async room() {
    const found = await room();
    if (!(await reserve(this.db))) found.room = "full";
    else if (this.#tight && found.room === "ok") found.room = "low";
    await this.outbox?.feed({ in: "room", room: found.room });
    return found;
  }

  /** Take in a photo or sound for a record that is being written. Raises NoRoom, TooLarge. @param {Blob} file */
  async stage(file) {
    const { room: left, free_bytes } = await this.room();
    if (left === "full" || file.size * 1.1 > free_bytes) throw new NoRoom("expected room for a file on this tablet");
    if (!this.device) throw new Error("expected an enrolled device");
    try {
      const staged = await stage(this.db, file, this.device.time().now_ms);
      this.#tight = false;
      return staged;
    } catch (error) {
      if (isFull(error)) throw new NoRoom("expected room for a file on this tablet");
      throw error;
    }
  }

  /** Something did not fit: it is said at once, and again until a file has fitted. */
  #full = () => {
    this.#tight = true;
    clearTimeout(this.#look); // what the browser had not counted yet it has by then: the reserve lies there again, if it fits
    this.#look = window.setTimeout(() => void this.room().catch(() => {}), LOOK_AGAIN_MS);
    void this.outbox?.feed({ in: "room", room: "full" });
  };

  /** Stop sending and let go of the disk: for tests, and before an update takes over. */
  async close() {
    this.following?.stop();
    await this.outbox?.stop();
    this.keys?.close();
    removeEventListener(DB_FULL, this.#full);
    clearTimeout(this.#look);
    this.db.close();
  }
}

/** The one of this page. */
export const openTablet = () => Tablet.open();
