/** What is kept in the address: incident, filters, open drawer, replay time. A reload and a bookmark bring them back. */
import { signal } from "./lib.js";

export const query = signal(new URLSearchParams(location.search));

window.addEventListener("popstate", () => { query.value = new URLSearchParams(location.search); });

/** @param {string} name */
export function param(name) {
  return query.value.get(name) ?? "";
}

/**
 * Change some parameters; empty removes. `push` makes a step that the back button undoes.
 * @param {Record<string, string>} changes @param {boolean} [push]
 */
export function setParams(changes, push = false) {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  if (text === query.value.toString()) return;
  history[push ? "pushState" : "replaceState"](null, "", text ? `?${text}` : location.pathname);
  query.value = next;
}

/** The open drawer as [kind, key], from `d=kind~key`. */
export function drawer() {
  const text = param("d");
  const cut = text.indexOf("~");
  return cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 1)];
}

/** Another screen of the same incident, or the board again; a record has its id. The back button returns. @param {string} view @param {string} [id] */
export function openPage(view, id = "") {
  setParams({ view, of: id, d: "" }, true);
  opener = null;
}

/** @type {Element | null} */
let opener = null;

/** Open a form or a detail beside what goes on. @param {string} kind @param {string} [key] */
export function openDrawer(kind, key = "") {
  if (!param("d")) opener = document.activeElement;
  setParams({ d: key ? `${kind}~${key}` : kind });
}

/** Close it; what was typed stays in the draft, and the focus goes back to where it came from. */
export function closeDrawer() {
  setParams({ d: "" });
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  opener = null;
}
