/** What is being written, sealed to its author: whoever is handed the tablet sees nothing of it, not even that it is there. */
import { utf8, utf8Text } from "./bytes.js";
import { ask, beginning, read, write } from "./db.js";

/** @typedef {{id: string, title: string, fields: Record<string, unknown>}} Draft `fields` is the form's own; the keys of staged files among them */

/** @param {string} part @param {string} id */
const bound = (part, id) => `muster draft 1|${part}|${id}`;

/**
 * Keep a draft, over one of the same id. Which files it names stands in the clear, so that nobody sweeps them away (files.js):
 * random ids, as they lie there. Raises while locked.
 * @param {IDBDatabase} db @param {import("./keys.js").Keys} keys @param {Draft} draft
 */
export async function keepDraft(db, keys, draft) {
  const part = keys.part;
  const box = await keys.seal(utf8(JSON.stringify(draft)), bound(part, draft.id));
  const files = Object.values(draft.fields).flat().map((/** @type {any} */ one) => one?.attachment).filter((one) => typeof one === "string");
  await write(db, ["drafts"], (of) => { of("drafts").put({ part, id: draft.id, box, files }); });
}

/** The drafts of who is signed in. @param {IDBDatabase} db @param {import("./keys.js").Keys} keys @returns {Promise<Draft[]>} */
export async function drafts(db, keys) {
  const part = keys.part;
  if (!part) return [];
  const rows = await read(db, ["drafts"], (of) => ask(of("drafts").getAll(beginning(part))));
  const opened = await Promise.all(rows.map((/** @type {{id: string, box: Uint8Array<ArrayBuffer>}} */ row) => keys.unseal(row.box, bound(part, row.id)).then((plain) => JSON.parse(utf8Text(plain))).catch(() => null)));
  return opened.filter((one) => one !== null);
}

/** @param {IDBDatabase} db @param {import("./keys.js").Keys} keys @param {string} id */
export async function dropDraft(db, keys, id) {
  await write(db, ["drafts"], (of) => { of("drafts").delete([keys.part, id]); });
}
