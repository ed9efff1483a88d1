/**
 * Whose tablet it is just now: the session key, which the server hands to a live session and which is never written down, and
 * the author's own signing key, sealed under it. Both are in this page's memory and in the service worker's, so that a
 * reload without a network stays open. Whoever copies the disk has neither (docs/design/017-tablet.md).
 */
import { Problem, call } from "../static/api.js";
import { wall } from "./clock.js";
import { bytesOf, joined, random, textOf, utf8 } from "./bytes.js";
import { ask, read, writeSurely } from "./db.js";
import { freshKey } from "./device.js";
import { sign } from "./statement.js";

const IV_BYTES = 12;
const PING_MS = 20_000; // a worker that hears nothing for half a minute is ended, and its memory with it
const ANSWER_MS = 2_000;
const SHIFT_MS = 12 * 3_600_000; // the longest that a session lives

/**
 * Who is signed in. `part` is the opaque name of what is theirs on this disk; `own` is null until it is registered; `idle_ms`:
 * locked after so long with nobody there; `until_ms`: then they prove anew who they are, by this device's own clock.
 * @typedef {{part: string, person: string, name: string, key: CryptoKey, own: CryptoKey | null, idle_ms: number, until_ms: number}} Held
 */

/** AES-256-GCM, the nonce first. @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} plain @param {string} bound what the box is bound to */
export async function sealWith(key, plain, bound) {
  const iv = random(IV_BYTES);
  return joined(iv, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(bound) }, key, plain)));
}

/** Raises where it is another key's or another place's. @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} box @param {string} bound */
async function openWith(key, box, bound) {
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: box.slice(0, IV_BYTES), additionalData: utf8(bound) }, key, box.slice(IV_BYTES)));
}

export class Keys {
  #db;
  #device;
  /** @type {Held | null} */
  #held = null;
  /** @type {Set<(held: Held | null) => void>} */
  #watchers = new Set();
  #tabs = new BroadcastChannel("muster.field.keys");
  #ping = 0;

  /** @param {IDBDatabase} db @param {import("./device.js").Device} device */
  constructor(db, device) {
    this.#db = db;
    this.#device = device;
    this.#tabs.addEventListener("message", (event) => void (event.data === "locked" ? this.#take(null) : this.restore()));
    addEventListener("pagehide", () => void this.#tellWorker());
    // The worker may have come, or been replaced, after somebody signed in: it is told at once, not at the next ping.
    void navigator.serviceWorker?.ready.then(() => this.#tellWorker());
    navigator.serviceWorker?.addEventListener("controllerchange", () => void this.#tellWorker());
  }

  /** Who is signed in here, null while locked. */
  get held() {
    return this.#held;
  }

  /** The partition, "" while locked. */
  get part() {
    return this.#held?.part ?? "";
  }

  /** @param {(held: Held | null) => void} look called at each change @returns {() => void} */
  watch(look) {
    this.#watchers.add(look);
    return () => this.#watchers.delete(look);
  }

  /** After a reload: what the service worker still has. True where the tablet is open. */
  async restore() {
    const held = await fromWorker("who");
    if (held && wall() < held.until_ms) this.#take(held);
    return this.#held !== null;
  }

  /**
   * Open for whoever has a live session; says at the server that they are at this device, and registers their key.
   * Raises Problem (401: nobody is signed in) and Unreachable.
   */
  async open() {
    const [given, { me }, look] = await Promise.all([call("GET", "/api/session/drafts"), call("GET", "/api/me"), call("GET", "/api/session")]);
    const key = await crypto.subtle.importKey("raw", bytesOf(given.key), "AES-GCM", false, ["encrypt", "decrypt"]);
    const own = await this.#registered(given.name, me.person, key);
    const left_ms = Date.parse(look.ends_at ?? "") - this.#device.time().now_ms; // the device's clock may be a day off
    const until_ms = wall() + Math.min(SHIFT_MS, Math.max(0, Number.isNaN(left_ms) ? SHIFT_MS : left_ms));
    this.#take({ part: given.name, person: me.person, name: me.name, key, own, idle_ms: look.idle_s * 1000, until_ms });
    await this.#tellWorker(true);
    this.#tabs.postMessage("open");
  }

  /**
   * Nobody is at the tablet any more. Their session ends elsewhere; what is theirs here cannot be read from now on. Pages start
   * again once the worker has forgotten it too: they would find it there.
   */
  async lock() {
    this.#held = null;
    clearInterval(this.#ping);
    await fromWorker("forget");
    this.#tabs.postMessage("locked");
    for (const look of this.#watchers) look(null);
  }

  /** Seal to who is signed in. Raises while locked. @param {Uint8Array<ArrayBuffer>} plain @param {string} bound */
  seal(plain, bound) {
    return sealWith(this.#open().key, plain, bound);
  }

  /** @param {Uint8Array<ArrayBuffer>} box @param {string} bound */
  unseal(box, bound) {
    return openWith(this.#open().key, box, bound);
  }

  close() {
    this.#tabs.close();
    clearInterval(this.#ping);
  }

  #open() {
    if (!this.#held) throw new Error("expected somebody to be signed in");
    return this.#held;
  }

  /** @param {Held | null} held */
  #take(held) {
    const changed = held?.part !== this.#held?.part || held?.own !== this.#held?.own;
    this.#held = held;
    clearInterval(this.#ping);
    if (held) this.#ping = window.setInterval(() => void this.#tellWorker(), PING_MS);
    if (held) void this.#tellWorker();
    if (changed) for (const look of this.#watchers) look(held);
  }

  /** Again and again while open: a worker that was ended meanwhile learns it anew. @param {boolean} [fresh] somebody has just signed in */
  async #tellWorker(fresh = false) {
    const one = await worker();
    if (this.#held) one?.postMessage({ muster: "hold", held: this.#held, fresh, wall_ms: wall() });
  }

  /**
   * The person's own key on this device, made when there is none that opens, and registered in their session. null where the
   * server does not take it: then their statements are signed by the device alone.
   * @param {string} part @param {string} person @param {CryptoKey} key
   */
  async #registered(part, person, key) {
    const own = await this.#ownKey(part, key);
    const got = await this.#device.request("POST", "/api/devices/session", async (/** @type {string} */ nonce) => {
      const text = `muster author key 1\n${nonce}\n${this.#device.id}\n${person}\nes256\n${own.public_key}\n`;
      return { author_key: { alg: "es256", public_key: own.public_key, signature: textOf(await sign(own.key, utf8(text))) } };
    }, { session: true });
    if (got.status === 401 || got.status >= 500) throw new Problem(got.status, got.data ?? {});
    return got.status < 300 ? own.key : null;
  }

  /** @param {string} part @param {CryptoKey} key @returns {Promise<{key: CryptoKey, public_key: string}>} */
  async #ownKey(part, key) {
    const name = `own ${part}`;
    const kept = await read(this.#db, ["device"], (of) => ask(of("device").get(name)));
    const opened = kept && (await openWith(key, kept.box, name).catch(() => null));
    if (opened) return { key: await imported(opened), public_key: kept.public_key };
    const { pair, public_key } = await freshKey(true);
    const raw = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    const box = await sealWith(key, raw, name);
    await writeSurely(this.#db, ["device"], (of) => { of("device").put({ name, box, public_key }); });
    return { key: await imported(raw), public_key };
  }
}

/** @param {Uint8Array<ArrayBuffer>} raw */
const imported = (raw) => crypto.subtle.importKey("pkcs8", raw, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);

/** The worker that is active, null where there is none yet. @returns {Promise<ServiceWorker | null>} */
async function worker() {
  const found = await navigator.serviceWorker?.getRegistration("/field/");
  return found?.active ?? null;
}

/** What the worker says to it; null where it does not answer. @param {"who" | "forget"} what @returns {Promise<Held | null>} */
async function fromWorker(what) {
  const one = await worker();
  if (!one) return null;
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    const late = setTimeout(() => done(null), ANSWER_MS);
    port1.onmessage = (event) => {
      clearTimeout(late);
      done(event.data);
    };
    one.postMessage({ muster: what, wall_ms: wall() }, [port2]);
  });
}
