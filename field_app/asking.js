/**
 * Asks: raise a level, authorize, go on. They are judged at the server, now, before somebody who is there; one that lay in an
 * outbox would be an old question with a new answer. So there is no queue: it is answered, or it is said that it was not.
 */
import { Problem, Unreachable, call, incidentPath } from "../static/api.js";
import { uuid7 } from "../static/ids.js";
import { live } from "../static/store.js";
import { proveAgain } from "../static/step_up.js";
import { UNATTENDED } from "./private_fields.js";
import { here } from "./state.js";

/** @typedef {{ok: boolean, heading: string, words: string, decision?: any, finding?: any}} Asked */

const TRIES = 3;
const reports = new Set(UNATTENDED);

/** @param {string} type a command's name */
export const isAsk = (type) => !reports.has(type);

/** The same bytes under the same ids, so that a lost answer costs a repetition and never a second ask. @type {Map<string, string>} */
const bodies = new Map();

/** @param {string} incident @param {(Record<string, unknown> & {type: string})[]} made @param {string} title @returns {Promise<Asked>} */
export async function askNow(incident, made, title) {
  const name = JSON.stringify(made.map(({ ask: _, grant: __, ...rest }) => rest));
  const { now_ms } = here().device?.time() ?? { now_ms: 0 };
  const body = bodies.get(name) ?? JSON.stringify(made.map((command) => ({ cmd: uuid7(now_ms), command, basis_seq: live.at.peek()?.seq ?? 0, issued_at: new Date(now_ms).toISOString() })));
  bodies.set(name, body);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      const { answers } = await call("POST", incidentPath(incident, "commands"), body, AbortSignal.timeout(8000));
      if (answers[0].code === "step-up" && (await proveAgain(title))) continue;
      bodies.delete(name);
      return told(answers);
    } catch (error) {
      if (error instanceof Problem) {
        if (!error.code) continue; // a proxy's page: nobody knows whether it arrived
        bodies.delete(name);
        if (error.status === 401) return { ok: false, heading: "Not asked", words: "The server knows no session of yours. Sign in, and ask again." };
        if (error.status < 500 && error.status !== 429) return { ok: false, heading: "Not taken", words: error.message };
      } else if (!(error instanceof Unreachable) && /** @type {Error} */ (error).name !== "TimeoutError" && /** @type {Error} */ (error).name !== "AbortError") throw error;
    }
  }
  return { ok: false, heading: "No answer", words: "Whether it arrived is not known. Asking again with the same words asks once. If it cannot wait, ask by radio: a spoken order is recorded as relayed." };
}

/** @param {readonly any[]} answers @returns {Asked} */
function told(answers) {
  const first = answers.map((one) => (one.status === "duplicate" && one.first ? one.first : one));
  const worst = first.find((one) => one.status !== "accepted") ?? first[0];
  if (worst.status === "accepted") return { ok: true, heading: "Taken", words: `On record as #${worst.seq}. Its answer comes under Mine.`, finding: worst.finding };
  if (worst.status === "refused") return { ok: false, heading: worst.decision?.effect === "missing" ? "Refused: something is missing" : "Refused by the plan", words: worst.seq ? `The refusal is recorded as #${worst.seq}.` : "", decision: worst.decision };
  return { ok: false, heading: "Not taken", words: worst.problem ?? worst.status };
}
