/**
 * Keeps the app's files, so that it starts with no network. Two lines come before this one from the server: BUILD, and KEPT,
 * the list of files. Whatever is data (`/api/`) is never kept here and never answered from here.
 */
/// <reference lib="webworker" />

const SHELF = `muster-${BUILD}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(KEPT.map((path) => new Request(path, { cache: "reload" })))));
});

// A new version waits until the person at the tablet lets it in: no page changes under a pen.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

/** Who is signed in, for the page that comes after a reload (keys.js). In memory: whatever ends this worker forgets it. */
let held = null;
let until_ms = 0;
const HELD_MOST_MS = 12 * 3_600_000; // a shift: then somebody proves who they are

self.addEventListener("message", (event) => {
  const { muster, held: given } = event.data ?? {};
  if (muster === "hold") {
    if (held?.part !== given.part) until_ms = performance.now() + HELD_MOST_MS;
    held = given;
  }
  if (muster === "forget" || performance.now() > until_ms) held = null;
  if (muster === "who") event.ports[0].postMessage(held);
});

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
