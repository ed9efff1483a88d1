/**
 * The worker that keeps the app for when there is no network. A new version waits until the person at the tablet lets it in.
 * Its address goes through the one Trusted Types policy of this page, which knows no other.
 */
import { signal } from "../static/lib.js";

const WORKER = "/field/worker.js";

const SAY_AFTER_MS = 3_000; // a start finds all there within that
const WHOLE_MS = 60_000; // of a slow network
const PAUSE_MS = 2_000;
const PAUSE_MOST_MS = 60_000;
const HAND_OVER_MS = 500; // the new worker is told first who is signed in (keys.js), else the tablet would lock

/** A version that waits to be let in. @type {import("../static/lib.js").Signal<ServiceWorker | null>} */
export const waiting = signal(null);
/** Whether the app starts with no network. */
export const kept = signal(false);
/** Why not, where it is to be said: `yet`, it is tried again; `never`, this browser has nothing to keep it with. @type {import("../static/lib.js").Signal<"" | "yet" | "never">} */
export const unkept = signal("");

/** Keep the app, and try again until that worked: the first time may fall into a hole in the network. */
export async function keepItself() {
  if (!navigator.serviceWorker) {
    unkept.value = "never";
    return;
  }
  const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("muster-worker", {
    createScriptURL: (/** @type {string} */ url) => {
      if (url !== WORKER) throw new TypeError("expected the address of the worker");
      return url;
    },
  });
  const worker = policy ? policy.createScriptURL(WORKER) : WORKER;
  setTimeout(() => { if (!kept.value) unkept.value = "yet"; }, SAY_AFTER_MS);
  for (let pause_ms = PAUSE_MS; ; pause_ms = Math.min(PAUSE_MOST_MS, pause_ms * 2)) {
    try {
      await keep(worker);
      unkept.value = "";
      kept.value = true;
      return;
    } catch (error) {
      console.warn("the app could not be kept for offline", error);
      unkept.value = "yet";
    }
    await pause(pause_ms);
  }
}

/** Once. @param {string} worker */
async function keep(worker) {
  const found = await navigator.serviceWorker.register(worker, { scope: "/field/", updateViaCache: "none" });
  waiting.value = found.waiting;
  if (!watched.has(found)) found.addEventListener("updatefound", () => {
    const next = found.installing;
    next?.addEventListener("statechange", () => { if (next.state === "installed" && navigator.serviceWorker.controller) waiting.value = next; });
  });
  watched.add(found);
  await active(found);
  if (!(await whole(/** @type {ServiceWorker} */ (found.active)))) throw new Error("files of the app are missing");
}

/** @type {WeakSet<ServiceWorkerRegistration>} */
const watched = new WeakSet();

/** Whether the worker has all files, after it has fetched what was missing. @param {ServiceWorker} worker @returns {Promise<boolean>} */
function whole(worker) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    const late = setTimeout(() => done(false), WHOLE_MS);
    port1.onmessage = (event) => {
      clearTimeout(late);
      done(event.data === true);
    };
    worker.postMessage({ muster: "whole" }, [port2]);
  });
}

/** Until then, or until the system says that the line is back. @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((done) => {
    const over = () => {
      removeEventListener("online", over);
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(over, ms + Math.random() * PAUSE_MS);
    addEventListener("online", over);
  });
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
