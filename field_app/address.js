/** Where one is in the app, kept in the address behind `#`: a reload and the back button know it. */
import { signal } from "../static/lib.js";

const read = () => location.hash.replace(/^#\/?/, "").split("~");

/** [screen, key …] */
export const address = signal(read());

export function watchAddress() {
  addEventListener("hashchange", () => { address.value = read(); });
}

/** To the first screen, leaving no way back to this one. */
export function home() {
  history.replaceState(null, "", location.pathname);
  address.value = read();
}

/** @param {string} screen @param {string} [key] */
export function go(screen, key = "") {
  const next = `#/${[screen, key].filter(Boolean).join("~")}`;
  if (location.hash === next) return;
  location.hash = next;
}
