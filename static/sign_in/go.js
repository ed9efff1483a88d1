/** Where one goes from signing in, and the mark that says that this browser's screen is to be locked. */
import { Problem, call } from "../api.js";
import { keep, kept, openVault, shutVault } from "../vault.js";

const LOCKING = "muster.locking";
export const BACK = "back"; // in the vault: the address that was on screen

/** The screen was locked here and the server may not have heard it yet: until it has, no page shows anything. */
export function markLocking() {
  try {
    localStorage.setItem(LOCKING, "1");
  } catch { /* forbidden storage: the server's own idle lock remains */ }
}

/** Make true what a locked screen promised: a session that is still live is locked now. Throws where the server does not answer. */
export async function honourLock() {
  if (localStorage.getItem(LOCKING) === null) return;
  try {
    await call("POST", "/api/session/lock");
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 429) throw error;
  }
  localStorage.removeItem(LOCKING);
}

/** Only a path of ours. @param {unknown} path */
const own = (path) => (typeof path === "string" && /^\/(?![/\\])/.test(path) ? path : "");

/** To what was on screen before it was locked, to what was asked for, or to the start. */
export async function goOn() {
  await openVault();
  const back = own(kept(BACK)) || own(new URLSearchParams(location.search).get("next")) || "/";
  keep(BACK, undefined);
  await shutVault();
  location.replace(back);
}

/** To the page that signs in; it comes back here. @param {string} [why] */
export function toSignIn(why = "") {
  const here = location.pathname + location.search;
  const query = new URLSearchParams({ ...(why ? { why } : {}), ...(here === "/" || here.startsWith("/sign-in") ? {} : { next: here }) }).toString();
  location.replace(`/sign-in${query ? `?${query}` : ""}`);
}
