/**
 * The session of a page that shows something: locks when nobody is there, when its person says so, and when the server says
 * so. A locked page leaves: what it held goes with it, and only what was typed stays, sealed (vault.js). Only what a person
 * does counts as being there; what the page does by itself (pings, polls, pushes) never does. All tabs of a browser agree.
 */
import { html, render } from "./lib.js";
import { Problem, SESSION_GONE, call } from "./api.js";
import { keep, shutVault, wipeVault } from "./vault.js";
import { BACK, honourLock, markLocking, toSignIn } from "./sign_in/go.js";

const TELL_MOST_MS = 60_000;
const ASK_EVERY_MS = 4_000; // with the server's own second, within the five that a revocation may take
const OUT = "muster.out";
const ACTS = ["pointerdown", "keydown", "wheel", "touchstart"];

/** @type {BroadcastChannel | null} */
const tabs = typeof BroadcastChannel === "function" ? new BroadcastChannel("muster.session") : null;
let idle_ms = Infinity;
let tell_ms = TELL_MOST_MS;
let acted_ms = 0;
let told_ms = -Infinity;
let leaving = false;
let asking = false;

/**
 * Watch over this page's session. Call it once somebody is known to be signed in. `asks`: a page without a socket, which
 * nothing would tell that the session has ended, asks every few seconds instead; asking keeps no session open.
 * @param {import("./sign_in/ways.js").Look} look @param {{idles?: boolean, asks?: boolean}} [how]
 */
export function watchSession(look, { idles = true, asks = false } = {}) {
  localStorage.removeItem(OUT);
  window.addEventListener(SESSION_GONE, () => void check());
  // A page that the browser kept to go back to was somebody's screen.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") void check(); });
  tabs?.addEventListener("message", (event) => {
    if (event.data === "acted") acted_ms = performance.now();
    else if (event.data === "role") void shutVault().then(() => location.reload());
    else void leave(event.data === "out" ? "out" : "locked");
  });
  if (asks) setInterval(() => { if (document.visibilityState === "visible") void check(); }, ASK_EVERY_MS);
  if (!idles) return;
  idle_ms = look.idle_s * 1000;
  tell_ms = Math.min(TELL_MOST_MS, idle_ms / 15);
  acted_ms = performance.now();
  for (const name of ACTS) window.addEventListener(name, acted, { capture: true, passive: true });
  setInterval(() => { if (performance.now() - acted_ms >= idle_ms) void lock(); }, 1000);
}

/** Tell this browser's other tabs. @param {"role"} what the session acts and looks in another role: what they show is of the one before */
export function otherTabs(what) {
  tabs?.postMessage(what);
}

/** A person moved a hand. @param {Event} event */
function acted(event) {
  if (!event.isTrusted || leaving) return; // a script's event is nobody's hand
  acted_ms = performance.now();
  if (acted_ms - told_ms < tell_ms) return;
  told_ms = acted_ms;
  tabs?.postMessage("acted");
  call("POST", "/api/session/active").catch(() => { told_ms = -Infinity; });
}

/** Ask the server whether the session is still live; asking is no act. */
async function check() {
  if (asking || leaving) return;
  asking = true;
  try {
    const now = await call("GET", "/api/session");
    if (now.state === "locked" || now.state === "none") await leave(now.state === "locked" ? "locked" : localStorage.getItem(OUT) === null ? "ended" : "out");
  } catch {
    // No answer: the clock of this page still locks it.
  } finally {
    asking = false;
  }
}

/** Put the session away: the same person opens it again, someone else may sign in meanwhile. */
export async function lock() {
  if (leaving) return;
  markLocking();
  tabs?.postMessage("locked");
  await leave("locked");
}

/** End the session here and on the server; nothing typed stays on this screen. */
export async function signOut() {
  localStorage.setItem(OUT, "1"); // for the other tabs, whose sockets may hear of it first
  try {
    await call("DELETE", "/api/session");
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) {
      // Saying "signed out" while the session lives on would be worse than not signing out.
      localStorage.removeItem(OUT);
      document.getElementById("announce-now")?.replaceChildren("Not signed out: the server did not answer. Try again.");
      return;
    }
  }
  tabs?.postMessage("out");
  await leave("out");
}

/** Nothing of what was shown stays: first off the screen, then out of this page's memory with the page itself. @param {"locked" | "ended" | "out"} why */
async function leave(why) {
  if (leaving) return;
  leaving = true;
  const root = document.getElementById("app");
  if (root) render(html`<${Cover} why=${why} />`, root);
  for (const dialog of document.querySelectorAll("dialog")) dialog.parentElement?.remove();
  document.title = "Muster";
  if (why === "out") await wipeVault();
  else {
    keep(BACK, location.pathname + location.search);
    await shutVault();
  }
  history.replaceState(null, "", "/");
  await reach();
  if (why === "locked") location.replace("/sign-in");
  else toSignIn(why);
}

/** Wait for the server: its page is the only way back in, and until it answers the cover stays. */
async function reach() {
  for (;;) {
    try {
      await honourLock();
      await call("GET", "/api/session");
      return;
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return;
      await new Promise((next) => { setTimeout(next, 1000 + Math.random() * 2000); });
    }
  }
}

/** @param {{why: string}} props */
function Cover({ why }) {
  return html`<main class="page page-narrow door" id="main"><header class="page-head"><p class="brand">Muster</p><h1>${why === "locked" ? "Locked" : "Signed out"}</h1></header>
    <p role="status">${why === "out" ? "You are signed out." : "What was on the screen is put away; what was typed is kept for its author."} One moment: the page to sign in comes when the server answers.</p></main>`;
}
