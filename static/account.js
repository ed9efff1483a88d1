/** Signing out, and telling the server that a person is here. */
import { call } from "./api.js";
import { dropAll } from "./drafts.js";

/** End the session here and on the server; nothing typed stays on this screen. */
export async function signOut() {
  try {
    await call("DELETE", "/api/session");
  } catch (error) {
    if (/** @type {any} */ (error).status !== 401) {
      // Saying "signed out" while the session lives on would be worse than not signing out.
      document.getElementById("announce-now")?.replaceChildren("Not signed out: the server did not answer. Try again.");
      return;
    }
  }
  dropAll();
  location.assign("/link");
}

const ACTIVE_EVERY_MS = 60_000;

/** A session locks when nobody is at the screen. Only what a person does counts: keys and presses, at most once a minute. */
export function tellActivity() {
  let told_ms = -Infinity;
  const tell = () => {
    if (performance.now() - told_ms < ACTIVE_EVERY_MS) return;
    told_ms = performance.now();
    call("POST", "/api/session/active").catch(() => { /* the next press tells it again; the stream says if we are signed out */ });
  };
  window.addEventListener("pointerdown", tell);
  window.addEventListener("keydown", tell);
}
