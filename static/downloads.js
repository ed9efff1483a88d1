/**
 * Papers and packages that leave the system: fetched once, with a fresh proof where the server asks for one, and handed to the
 * browser to save. Whoever takes one is on the trail, so nothing is fetched ahead.
 */
import { html, signal, useEffect } from "./lib.js";
import { Problem } from "./api.js";
import { arrestsPath } from "./arrests.js";
import { proveAgain } from "./step_up.js";
import { replaying, past, live } from "./store.js";

/** What is being made, or why it was not: one at a time. */
export const words = signal("");
const busy = signal(false);

/** May this person take papers of the whole out of the system? Command and those who review may; the server decides. */
export const mayExport = () => ["command", "oversight"].includes(String(live.me.value?.lens ?? "").split(/[+~:]/)[0] ?? "");

/** The moment on screen, for a path: as it stood, in a replay. */
const moment = () => (replaying.peek() && past.at.peek() ? `?at=${past.at.peek()?.seq}` : "");

/** @param {string} path @returns {Promise<Response>} */
async function fetched(path) {
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
  if (answer.ok) return answer;
  /** @type {any} */
  let body = {};
  try {
    body = await answer.json();
  } catch {
    body = {};
  }
  throw new Problem(answer.status, body);
}

/** Fetch and save. @param {string} what in a few words @param {string} rest of the incident's path, or one of the server with "/" before it @param {string} name of the file */
export async function save(what, rest, name) {
  if (busy.peek()) return;
  busy.value = true;
  words.value = `${what}: being made…`;
  try {
    const path = rest.startsWith("/") ? rest : `${arrestsPath(rest)}${moment()}`;
    let answer;
    try {
      answer = await fetched(path);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "step-up" || !(await proveAgain(what))) throw error;
      answer = await fetched(path);
    }
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // long enough for a slow disk to begin
    words.value = `${what}: saved as ${name}.`;
  } catch (error) {
    words.value = `${what}: ${error instanceof Problem ? error.message : "no answer from the server"}.`;
  } finally {
    busy.value = false;
  }
}

/** Buttons for papers, and what became of the last. @param {{papers: readonly [string, string, string][]}} props what, path, file name */
export function Papers({ papers }) {
  useEffect(() => () => { words.value = ""; }, []); // what was said of one record is not said beside another
  return html`<div class="acts papers">${papers.map(([what, rest, name]) => html`<button key=${rest} type="button" class="button small" disabled=${busy.value} onClick=${() => void save(what, rest, name)}>${what}…</button>`)}
    <p class="small" role="status">${words.value}</p></div>`;
}
