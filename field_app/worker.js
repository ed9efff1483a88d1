/**
 * Keeps the app's files, so that it starts with no network. Two lines come before this one from the server: BUILD, and KEPT,
 * the list of files. Whatever is data (`/api/`) is never kept here and never answered from here.
 */
/// <reference lib="webworker" />

const SHELF = `muster-${BUILD}`;

/** Past what the browser keeps by itself. @param {string[]} paths */
const fresh = (paths) => paths.map((path) => new Request(path, { cache: "reload" }));

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(fresh(KEPT))));
});

// A new version waits until the person at the tablet lets it in: no page changes under a pen.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

/**
 * Who is signed in, for the page that comes after a reload (keys.js). In memory: whatever ends this worker forgets it; and so
 * does a silence, by either clock (pages say what the wall's shows), that no reload takes: pages that are open speak every twenty seconds, slow ones each minute.
 */
let held = null;
let heard = { wall_ms: 0, run_ms: 0 };
let forgot_ms = -Infinity;
const SILENT_MOST_MS = 5 * 60_000;
const DEAF_MS = 3_000; // another tab, which has not heard yet that it is locked, may just be saying who was there

self.addEventListener("message", (event) => {
  const { muster, held: given, fresh: anew, wall_ms = heard.wall_ms } = event.data ?? {};
  const now = { wall_ms, run_ms: performance.now() };
  if (Math.max(now.wall_ms - heard.wall_ms, now.run_ms - heard.run_ms) > SILENT_MOST_MS) held = null;
  if (muster === "hold" && (anew || now.run_ms - forgot_ms > DEAF_MS)) {
    held = given;
    heard = now;
  }
  if (muster === "forget") {
    held = null;
    forgot_ms = now.run_ms;
  }
  if (muster === "who" || muster === "forget") event.ports[0].postMessage(held);
  if (muster === "whole") event.waitUntil(whole().then((is) => event.ports[0].postMessage(is)));
});

/** Whether all files are here. What a browser took away is fetched again. @returns {Promise<boolean>} */
async function whole() {
  try {
    const opened = await caches.open(SHELF);
    const there = new Set((await opened.keys()).map((one) => new URL(one.url).pathname));
    const lost = KEPT.filter((path) => !there.has(path));
    if (!lost.length) return true;
    shelf = undefined;
    await opened.addAll(fresh(lost));
    return true;
  } catch {
    return false;
  }
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("muster-") && name !== SHELF).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === "/field/") event.respondWith(fromShelf("/field/", event.request));
  else if (url.pathname === "/field/app.webmanifest" || url.pathname.startsWith("/files/")) event.respondWith(fromShelf(url.pathname, event.request));
});

/** Opened once and held: a start asks for a hundred files. @type {Promise<Cache> | undefined} */
let shelf;

/** @param {string} path @param {Request} request */
async function fromShelf(path, request) {
  shelf ??= caches.open(SHELF);
  return (await (await shelf).match(path)) ?? fetch(request);
}
