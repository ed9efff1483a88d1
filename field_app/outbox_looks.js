/** What the server says became of a record that it held back, as the machine (outbox_core.js) takes it: checked, or not. */
import { standard, utf8Text } from "./bytes.js";
import { headerOf, withLeaf } from "./outbox_rows.js";
import { binds } from "./statement.js";

/** @typedef {import("./outbox_rows.js").Row} Row */

/** One answer of `POST …/statements/held`. @typedef {{device_seq: number, became: string, item?: string | null, answer?: any}} Said */

/**
 * `kept`: what is kept of it, where it may be believed; `mine`: who is signed in claimed it, and never heard the answer.
 * @param {Said} said @param {Row} row @param {{incident: string, cmd: string, device: string, statement_sha256: string}} kept what it has to bind
 * @param {string | undefined} statement what was signed, where its author is there @param {import("./keys.js").Keys} keys
 * @returns {Promise<{answer: import("./outbox_core.js").Became, kept: any, mine: boolean}>}
 */
export async function lookedAt(said, row, kept, statement, keys) {
  const seq = row.device_seq;
  if (said.became === "turned down") return { answer: { seq, became: said.became }, kept: { status: "declined", item: said.item ?? "" }, mine: false };
  const first = said.answer?.first ?? said.answer;
  if (!first) return { answer: { seq, became: said.became, binds: null }, kept: null, mine: false };
  const bound = first.status === "accepted" && Boolean(first.header) ? await binds(first.header, kept, statement) : false;
  const mine = Boolean(bound && row.part === "" && said.became === "claimed" && keys.held && headerOf(first).actor?.person === keys.held.person);
  const answer = { seq, became: said.became, binds: bound, log_seq: first.seq ?? null, ...(mine ? { part: keys.part } : {}) };
  return { answer, kept: bound ? await withLeaf(first) : null, mine };
}

/** Its line in the list of who claimed it, from what they signed: what it says is at the server. @param {any} answer @param {Row} row */
export function lineOf(answer, row) {
  const { occurred_at, statement } = headerOf(answer);
  const signed = statement ? JSON.parse(utf8Text(standard(statement.signed))) : null;
  return { title: "", type: signed?.command?.type ?? "", occurred_ms: Date.parse(occurred_at ?? "") || row.saved_server_ms };
}
