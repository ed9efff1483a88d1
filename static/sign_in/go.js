/** Where one goes from signing in, and the mark that says that this browser's screen is to be locked. */
import { Problem, call } from "../api.js";
import { keep, kept, openVault, shutVault } from "../vault.js";

const LOCKING = "muster.locking";
const LEFT = "muster.left"; // in the tab's storage: a path of ours, while the tab is at an agency's own sign-in
export const BACK = "back"; // in the vault: the address that was on screen

/** The screen was locked here and the server may not have heard it yet: until it has, no page shows anything. */
export function markLocking() {
  try {
    localStorage.setItem(LOCKING, "1");
  } catch { /* forbidden storage: the server's own idle lock remains */ }
}

/** Make true what a locked screen promised: a session that is still live is locked now. Throws where the server does not answer. @param {AbortSignal} [abort] */
export async function honourLock(abort) {
  if (localStorage.getItem(LOCKING) === null) return;
  try {
    await call("POST", "/api/session/lock", undefined, abort);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 429) throw error;
  }
  localStorage.removeItem(LOCKING);
}

/**
 * Only a page of ours, as a whole address; "" for all else. The browser's own reading decides: it drops tabs and line ends, so
 * that what looks like a path may name another host.
 * @param {unknown} path
 */
export function own(path) {
  if (typeof path !== "string" || !path.startsWith("/")) return "";
  try {
    const url = new URL(path, location.origin);
    return url.origin === location.origin ? url.href : "";
  } catch {
    return "";
  }
}

/** What was asked for in the address of the page that signs in. */
const next = () => new URLSearchParams(location.search).get("next") ?? "";

/** To where an agency's own sign-in was left from, to what was on screen before it was locked, to what was asked for, or to the start. @param {string} [from] */
export async function goOn(from = "") {
  await openVault();
  const back = own(from) || own(kept(BACK)) || own(next()) || "/";
  keep(BACK, undefined);
  await shutVault();
  location.replace(back);
}

/** This tab goes to an agency's own sign-in: it is to come back to the page that it left, or to what was asked for there. @param {string} url */
export function leaveFor(url) {
  const from = location.pathname === "/sign-in" ? next() : location.pathname + location.search;
  if (from) sessionStorage.setItem(LEFT, from);
  else sessionStorage.removeItem(LEFT);
  location.assign(url);
}

/** From where it went there; good once. */
export function leftFrom() {
  const from = sessionStorage.getItem(LEFT) ?? "";
  sessionStorage.removeItem(LEFT);
  return from;
}

/** To the page that signs in; it comes back here. @param {string} [why] */
export function toSignIn(why = "") {
  const here = location.pathname + location.search;
  const query = new URLSearchParams({ ...(why ? { why } : {}), ...(here === "/" || here.startsWith("/sign-in") ? {} : { next: here }) }).toString();
  location.replace(`/sign-in${query ? `?${query}` : ""}`);
}
