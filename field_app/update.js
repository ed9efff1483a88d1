/**
 * The worker that keeps the app for when there is no network. A new version waits until the person at the tablet lets it in.
 * Its address goes through the one Trusted Types policy of this page, which knows no other.
 */
import { signal } from "../static/lib.js";

const WORKER = "/field/worker.js";

const HAND_OVER_MS = 500; // the new worker is told first who is signed in (keys.js), else the tablet would lock

/** A version that waits to be let in. @type {import("../static/lib.js").Signal<ServiceWorker | null>} */
export const waiting = signal(null);
/** Whether the app starts with no network. */
export const kept = signal(false);

export async function keepItself() {
  if (!navigator.serviceWorker) return;
  const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("muster-worker", {
    createScriptURL: (/** @type {string} */ url) => {
      if (url !== WORKER) throw new TypeError("expected the address of the worker");
      return url;
    },
  });
  try {
    const found = await navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER, { scope: "/field/", updateViaCache: "none" });
    waiting.value = found.waiting;
    found.addEventListener("updatefound", () => {
      const next = found.installing;
      next?.addEventListener("statechange", () => { if (next.state === "installed" && navigator.serviceWorker.controller) waiting.value = next; });
    });
    await active(found);
    kept.value = true;
  } catch (error) {
    console.warn("the app could not be kept for offline", error);
  }
}

/**
 * Until the worker runs. `navigator.serviceWorker.ready` would not do: to Firefox a page that was loaded at `/enrol` is not
 * within the worker's reach, whatever its address has become.
 * @param {ServiceWorkerRegistration} found @returns {Promise<void>}
 */
function active(found) {
  const next = found.active ?? found.waiting ?? found.installing;
  return new Promise((done, fail) => {
    const look = () => {
      if (found.active) done();
      else if (!next || next.state === "redundant") fail(new Error("the worker could not be installed"));
    };
    next?.addEventListener("statechange", look);
    look();
  });
}

/** Let the new version in: the page starts again with it; what lies in the outbox stays. */
export function letIn() {
  navigator.serviceWorker.addEventListener("controllerchange", () => setTimeout(() => location.reload(), HAND_OVER_MS), { once: true });
  waiting.value?.postMessage("take over");
}
