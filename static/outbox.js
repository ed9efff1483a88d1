/**
 * Commands on their way. Each keeps its id and its exact bytes until the server has answered, over cuts and reloads, so
 * that it takes effect exactly once; the answer stays on screen until it is put away.
 */
import { signal } from "./lib.js";
import { Problem, Unreachable, call, incidentPath } from "./api.js";
import { dropDraft } from "./drafts.js";
import { live } from "./store.js";
import { uuid7 } from "./ids.js";
import { wallNow } from "./time.js";
import { keep as keepSealed, kept } from "./vault.js";
import { proveAgain } from "./step_up.js";

/**
 * @typedef {object} Sent
 * @property {string} cmd
 * @property {string} incident
 * @property {string} title what a person called it
 * @property {string} form whose draft goes when it is accepted
 * @property {string} body the exact bytes that are repeated
 * @property {"waiting" | "accepted" | "refused" | "failed"} state
 * @property {number} [seq]
 * @property {any} [decision]
 * @property {any} [finding]
 * @property {string} [problem]
 * @property {number} tries
 */

const STORE = "outbox"; // in the vault
const RETRY_MAX_MS = 10_000;
const KEEP = 30; // answers kept on screen; waiting ones are always kept

/** @type {import("./lib.js").Signal<Sent[]>} */
export const sent = signal(/** @type {Sent[]} */ ([]));

/** @param {Sent[]} next */
function keep(next) {
  const waiting = next.filter((item) => item.state === "waiting");
  const done = next.filter((item) => item.state !== "waiting").slice(-KEEP);
  sent.value = next.filter((item) => waiting.includes(item) || done.includes(item));
  keepSealed(STORE, sent.value);
}

/** @param {string} cmd @param {Partial<Sent>} change */
function update(cmd, change) {
  keep(sent.value.map((item) => (item.cmd === cmd ? { ...item, ...change } : item)));
}

/** Put an answer away. @param {string} cmd */
export function dismiss(cmd) {
  keep(sent.value.filter((item) => item.cmd !== cmd || item.state === "waiting"));
}

/** The server's time as well as we know it, for ids. */
export function serverNow() {
  return wallNow() ?? live.clock.now();
}

/** @param {Record<string, unknown> & {type: string}} command @param {{occurred_at?: string | null}} more @returns {Record<string, unknown>} */
function submission(command, more) {
  const wall = wallNow();
  return { cmd: uuid7(serverNow()), command, basis_seq: live.at.value?.seq ?? 0, ...(wall === null ? {} : { issued_at: new Date(wall).toISOString() }), ...(more.occurred_at ? { occurred_at: more.occurred_at } : {}) };
}

/**
 * Send a command, or several that belong together as one batch, and stay with it until it is answered.
 * @param {string} incident @param {string} title @param {string} form @param {(Record<string, unknown> & {type: string}) | (Record<string, unknown> & {type: string})[]} command
 * @param {{occurred_at?: string | null}} [more]
 * @returns {Promise<Sent>}
 */
export function send(incident, title, form, command, more = {}) {
  const made = Array.isArray(command) ? command.map((one) => submission(one, more)) : submission(command, more);
  const cmd = String((Array.isArray(made) ? made[0] : made).cmd);
  /** @type {Sent} */
  const item = { cmd, incident, title, form, body: JSON.stringify(made), state: "waiting", tries: 0 };
  keep([...sent.value, item]);
  return deliver(item);
}

/** @param {Sent} item @returns {Promise<Sent>} */
async function deliver(item) {
  for (let tries = 1; ; tries += 1) {
    update(item.cmd, { tries });
    try {
      const data = await call("POST", incidentPath(item.incident, "commands"), item.body);
      // The same bytes again after the proof: the same id, so that it takes effect once.
      if (data.answers[0].code === "step-up" && (await proveAgain(item.title))) continue;
      return finish(item.cmd, whole(data.answers));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return current(item.cmd); // waits, sealed, for its author to come back
      if (error instanceof Problem && error.status < 500 && error.status !== 429 && error.status !== 408) {
        update(item.cmd, { state: "failed", problem: sentence(error) });
        return current(item.cmd);
      }
      if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    }
    await new Promise((next) => { setTimeout(next, 200 + Math.random() * Math.min(RETRY_MAX_MS, 500 * 2 ** Math.min(tries, 6))); });
  }
}

/** @param {Problem} error */
function sentence(error) {
  return error.where ? `${error.message} (${error.where})` : error.message;
}

/** @param {string} cmd */
function current(cmd) {
  return /** @type {Sent} */ (sent.value.find((item) => item.cmd === cmd));
}

/** Of a batch the first answer stands for all, unless a later part was not taken: then that is what is told. @param {readonly import("./types.d.ts").Answer[]} answers */
const whole = (answers) => answers.find((one) => one.status !== "accepted" && one.status !== "duplicate") ?? answers[0];

/** @param {string} cmd @param {import("./types.d.ts").Answer} answer @returns {Sent} */
function finish(cmd, answer) {
  const first = answer.status === "duplicate" && answer.first ? /** @type {any} */ (answer.first) : answer;
  const item = current(cmd);
  if (first.status === "accepted" && item) dropDraft(item.incident, item.form);
  if (first.status === "accepted") update(cmd, { state: "accepted", seq: first.seq, finding: first.finding });
  else if (first.status === "refused") update(cmd, { state: "refused", seq: first.seq, decision: first.decision, problem: first.problem });
  else update(cmd, { state: "failed", problem: [first.problem ?? first.status, first.where].filter(Boolean).join(" · ") });
  return current(cmd);
}

/** After a reload or an unlocking: go on with what was not answered. */
export function resume() {
  const found = kept(STORE);
  if (Array.isArray(found)) sent.value = [...found, ...sent.value];
  for (const item of sent.value) if (item.state === "waiting") void deliver(item);
}
