/** The screen stays on while a form is open, where the browser lets it. */
import { useEffect } from "../../static/lib.js";

export function useAwake() {
  useEffect(() => {
    let over = false;
    /** @type {any} */
    let lock = null;
    async function ask() {
      if (over || document.visibilityState !== "visible") return;
      try {
        lock = await navigator.wakeLock?.request("screen");
        if (over) await lock?.release();
      } catch {
        // A battery that saves, or a browser that has none: the screen goes out as always.
      }
    }
    const again = () => void ask();
    void ask();
    document.addEventListener("visibilitychange", again);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", again);
      lock?.release().catch(() => {});
    };
  }, []);
}
