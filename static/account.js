/** Signing out. */
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
