/**
 * This device: its key, which no script can read, the number of its last statement, what it knows of the time, and the requests
 * that it signs (docs/design/015-devices.md).
 */
import { Problem, Unreachable, call } from "../static/api.js";
import { textOf, utf8 } from "./bytes.js";
import { learnt, reading, seen, unknown, wall } from "./clock.js";
import { ask, read, write } from "./db.js";
import { requestHeaders, sign } from "./statement.js";

const ALG = "es256";
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const NONCE_GOOD_MS = 90_000; // of the two minutes that the server gives
const LINE_MS = 60_000; // an answer that takes longer comes over a line that is dead

/** The public key that boxes are sealed to. @typedef {{id: string, public_key: string}} Sealing */

/**
 * @typedef {{name: "device", id: string, agency: string, label: string, enrolled_at: string, key: CryptoKey, seq: number,
 *   clock: import("./clock.js").Known, sealing: Sealing}} Row
 */

/** What came back of a signed request; `data` is null where it was no JSON. @typedef {{status: number, data: any, retry_ms: number}} Got */

/** A key pair whose private half never leaves the browser. @param {boolean} [extractable] only for a key that is sealed at once */
export async function freshKey(extractable = false) {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(P256, extractable, ["sign", "verify"]));
  return { pair, public_key: textOf(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

/**
 * Enrol by a code. Raises Problem where the code is no good, Unreachable where nobody answered: then make another code.
 * @param {IDBDatabase} db @param {string} code @returns {Promise<Device>}
 */
export async function enrol(db, code) {
  const asked_ms = wall();
  const { challenge, now } = await call("POST", "/api/devices/enrol/begin", { code });
  const clock = learnt(Date.parse(now), asked_ms, wall());
  const { pair, public_key } = await freshKey();
  const proof = await sign(pair.privateKey, utf8(`muster device enrolment 1\n${challenge}\n${ALG}\n${public_key}\n`));
  const made = await call("POST", "/api/devices/enrol", { code, challenge, alg: ALG, public_key, signature: textOf(proof) });
  /** @type {Row} */
  const row = { name: "device", id: made.device, agency: made.agency, label: made.label, enrolled_at: made.enrolled_at, key: pair.privateKey, seq: 0, clock, sealing: made.sealing };
  await write(db, ["device"], (of) => { of("device").put(row); });
  return new Device(db, row);
}

/** The device that this browser is, null where it was never enrolled. @param {IDBDatabase} db @returns {Promise<Device | null>} */
export async function loadDevice(db) {
  const row = await read(db, ["device"], (of) => ask(of("device").get("device")));
  return row ? new Device(db, row) : null;
}

export class Device {
  #db;
  #key;
  #clock;
  #nonce = { text: "", until_ms: 0 };
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /** @param {IDBDatabase} db @param {Row} row */
  constructor(db, row) {
    this.#db = db;
    this.#key = row.key;
    this.#clock = row.clock ?? unknown();
    this.id = row.id;
    this.agency = row.agency;
    this.label = row.label;
    this.sealing = row.sealing;
  }

  /** What signs: for statement.js. */
  get signer() {
    return { id: this.id, key: this.#key };
  }

  /** The time as well as it is known here, and how far it may be off. */
  time() {
    return reading(this.#clock, wall());
  }

  /** What of the clock is kept with a record. */
  clockNow() {
    this.#clock = seen(this.#clock, wall());
    return this.#clock;
  }

  /** @param {string | number} server_time @param {number} asked_ms */
  async hear(server_time, asked_ms) {
    const server_ms = typeof server_time === "number" ? server_time : Date.parse(server_time);
    if (!Number.isFinite(server_ms)) return;
    this.#clock = learnt(server_ms, asked_ms, wall());
    await this.#change({ clock: this.#clock }).catch(() => {}); // a full disk is no reason not to send: that makes room
  }

  /** Ask which key to seal to now; boxes to the old one still open. */
  async renewSealing() {
    /** @type {Sealing} */
    const sealing = await call("GET", "/api/devices/sealing");
    if (typeof sealing?.id !== "string" || typeof sealing.public_key !== "string" || sealing.id === this.sealing?.id) return;
    this.sealing = sealing;
    await this.#change({ sealing });
  }

  /** @param {Partial<Row>} change */
  #change(change) {
    return write(this.#db, ["device"], async (of) => {
      const row = await ask(of("device").get("device"));
      if (row) of("device").put({ ...row, ...change });
    });
  }

  /**
   * A request that this device signs, one at a time: each answer brings the nonce of the next. Raises Unreachable where no
   * answer of ours came; every one of ours is an answer, also a no.
   * @param {string} method @param {string} path
   * @param {unknown | ((nonce: string) => Promise<unknown>)} body a function where the body itself has to hold the nonce
   * @param {{session?: boolean}} [more] `session`: with the cookie of who is signed in
   * @returns {Promise<Got>}
   */
  request(method, path, body, more = {}) {
    const done = this.#turn.then(() => this.#asked(method, path, body, more));
    this.#turn = done.catch(() => {});
    return done;
  }

  /** @param {string} method @param {string} path @param {unknown} body @param {{session?: boolean}} more @returns {Promise<Got>} */
  async #asked(method, path, body, more) {
    for (let tries = 1; ; tries += 1) {
      const nonce = await this.#challenge();
      if (nonce === null) return { status: 401, data: null, retry_ms: 0 };
      const raw = utf8(JSON.stringify(typeof body === "function" ? await body(nonce) : body));
      const proof = await requestHeaders(this.signer, method, location.host, path, raw, nonce);
      const answer = await sent(path, { method, credentials: more.session ? "same-origin" : "omit", headers: { ...proof, "Content-Type": "application/json" }, body: raw });
      this.#nonce = { text: answer.next, until_ms: performance.now() + NONCE_GOOD_MS };
      const stale = answer.status === 401 && answer.data?.where === "nonce"; // it slept, or the server's keys are others
      if (!stale || tries > 1) return answer;
    }
  }

  /** A nonce; null where the server knows no such device. */
  async #challenge() {
    const { text, until_ms } = this.#nonce;
    this.#nonce = { text: "", until_ms: 0 };
    if (text && performance.now() < until_ms) return text;
    const asked_ms = wall();
    try {
      const given = await call("POST", "/api/devices/challenge", { device: this.id });
      if (typeof given?.challenge !== "string") throw new Unreachable("something else answered");
      await this.hear(given.now, asked_ms);
      return /** @type {string} */ (given.challenge);
    } catch (error) {
      if (error instanceof Problem && error.status === 404 && error.code) return null;
      if (error instanceof Problem) throw new Unreachable(`the server answered ${error.status}`);
      throw error;
    }
  }
}

/** @param {string} path @param {RequestInit} options @returns {Promise<Got & {next: string}>} */
async function sent(path, options) {
  let answer;
  let text;
  try {
    answer = await fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(LINE_MS) });
    text = await answer.text();
  } catch {
    throw new Unreachable("no answer from the server");
  }
  const retry_ms = 1000 * (Number(answer.headers.get("Retry-After")) || 0);
  const data = parsed(text);
  if (!isOurs(answer, data)) throw new Unreachable(`something else answered ${answer.status}`);
  return { status: answer.status, data, retry_ms, next: answer.headers.get("Muster-Nonce") ?? "" };
}

const NOT_NOW = new Set([408, 429]); // and whatever is 500 or more

/**
 * Whether the server itself said this. A proxy's page, a portal's, an answer that was cut off are none of its words: a record
 * that came back, or a tablet that was cut off, is nobody's word but the server's. Its every no has a code.
 * @param {Response} answer @param {any} data
 */
function isOurs({ ok, status }, data) {
  if (status >= 500 || NOT_NOW.has(status)) return true; // not now, whoever says so
  return ok ? status === 204 || (data !== null && typeof data === "object") : typeof data?.code === "string" && data.code !== "";
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
