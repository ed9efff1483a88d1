/**
 * The only file that opens a socket. It holds a position, not a connection: after a cut it resumes from the last seq it
 * has seen, checks that every frame continues where the one before ended, and asks for a snapshot when one does not.
 */
import { link, live, replaying } from "./store.js";
import { SESSION_GONE, call, incidentPath } from "./api.js";

const PROTOCOL = "muster.1";
const STALE_MS = 20_000; // the server speaks at least every 15 s
const DEAD_MS = 40_000;
const PROBE_MS = 3_000; // an answer takes milliseconds; a line that was cut gives none
const LAG_MS = 3_000; // a ping may overtake a batch for a moment, not for longer
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** @type {WebSocket | null} */
let socket = null;
let incident = "";
let tries = 0;
let suspicious = 0; // resumes in a row that did not continue where we stood
let behind_since_ms = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Connect to an incident's stream and stay connected. @param {string} id */
export function connect(id) {
  incident = id;
  open();
  setInterval(watch, 1000);
  // A hint only: whether the server can be reached is known when it answers.
  window.addEventListener("online", () => { if (!socket) retryNow(); });
  window.addEventListener("offline", () => void doubt());
}

/** The machine says that it has no network. It may be wrong, so the server is asked; until it answers nothing is called live. */
async function doubt() {
  if (!socket || link.state.value !== "live") return;
  link.state.value = "stale";
  const mine = socket;
  try {
    await call("GET", "/api/me", undefined, AbortSignal.timeout(PROBE_MS));
    if (mine === socket && link.state.value === "stale") link.state.value = "live";
  } catch {
    if (mine !== socket) return;
    socket = null;
    mine.close();
    closed(0, 0);
  }
}

/** Try at once instead of waiting for the next try. */
export function retryNow() {
  if (socket) return;
  clearTimeout(timer);
  open();
}

function open() {
  const url = new URL(incidentPath(incident, "stream"), location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  link.state.value = tries ? "reconnecting" : "connecting";
  link.retry_ms.value = 0;
  const mine = new WebSocket(url, PROTOCOL);
  socket = mine;
  const opened_ms = performance.now();
  const giveUp = setTimeout(() => mine.close(), 10_000);
  mine.onopen = () => {
    const at = suspicious > 1 ? null : live.position();
    // The lens goes along: a position seen through another lens is no position in what this one shows.
    const hello = { t: "hello", protocol: PROTOCOL };
    mine.send(JSON.stringify(at ? { ...hello, resume: at, lens: live.me.value?.lens ?? "" } : hello));
  };
  mine.onmessage = (message) => {
    if (mine !== socket) return;
    clearTimeout(giveUp);
    link.heard_ms.value = performance.now();
    try {
      hear(JSON.parse(message.data));
    } catch (error) {
      console.error("a frame could not be taken", error);
      resync();
    }
  };
  mine.onclose = (event) => {
    clearTimeout(giveUp);
    if (mine !== socket) return;
    socket = null;
    closed(event.code, performance.now() - opened_ms);
  };
}

/** @param {number} code @param {number} lasted_ms */
function closed(code, lasted_ms) {
  /** @type {Record<number, import("./store.js").LinkState>} */
  const ends = { 4401: "signed out", 4403: "denied", 4404: "not found" };
  if (ends[code]) {
    link.state.value = ends[code];
    if (code === 4401) window.dispatchEvent(new Event(SESSION_GONE));
    return;
  }
  if (lasted_ms > 30_000) tries = 0;
  tries += 1;
  const wait_ms = Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(tries, 8)); // full jitter
  link.tries.value = tries;
  link.state.value = "reconnecting";
  link.retry_ms.value = performance.now() + wait_ms;
  timer = setTimeout(tell, wait_ms);
}

/** Before trying again, ask whether we are still signed in: a socket that is refused does not say why. */
async function tell() {
  try {
    await call("GET", "/api/me");
  } catch (error) {
    if (error && /** @type {any} */ (error).status === 401) {
      link.state.value = "signed out";
      return;
    }
  }
  if (!socket) open();
}

/** @param {import("./types.d.ts").ServerFrame} frame */
function hear(frame) {
  if ("clock" in frame) live.clock.set(frame.clock);
  switch (frame.t) {
    case "hello": return hello(frame);
    case "batch": return take(frame);
    case "own": return live.feed.merge(frame.events);
    case "snapshot":
      live.me.value = frame.me;
      live.reset(frame);
      link.gap.value = frame.gap;
      link.state.value = "live";
      return undefined;
    case "ping": return checkLag(frame.seq);
    case "problem":
      console.warn("the server could not take a frame:", frame.code, frame.detail);
      return undefined;
    default: return undefined;
  }
}

/** @param {import("./types.d.ts").ServerHello} frame */
function hello(frame) {
  live.me.value = frame.me;
  if (frame.board) {
    live.reset({ at: frame.at, board: frame.board, feed: frame.feed });
    link.gap.value = frame.gap && frame.gap.reason !== "first" ? frame.gap : null;
  } else if (!frame.resumed) {
    return resync();
  }
  tries = 0;
  suspicious = 0;
  link.tries.value = 0;
  link.state.value = "live";
  return undefined;
}

/** @param {import("./types.d.ts").ServerBatch} frame */
function take(frame) {
  const at = live.position();
  if (!at) return resync();
  if (frame.epoch === at.epoch && frame.last <= at.seq) return undefined; // had it already
  if (frame.epoch !== at.epoch || frame.first !== at.seq + 1) return resync();
  const entries = frame.events ?? [];
  live.take(frame.epoch, frame.last, entries, frame.changes ?? []);
  behind_since_ms = 0;
  if (link.state.value !== "live") link.state.value = "live";
  if (entries.some((entry) => entry.type === "Redacted")) void reread();
  return undefined;
}

/** The log is further than we are: if that stays so, something was lost on the way. @param {number} seq */
function checkLag(seq) {
  const at = live.position();
  if (!at || seq <= at.seq) {
    behind_since_ms = 0;
    if (link.state.value === "stale") link.state.value = "live";
    return;
  }
  const now = performance.now();
  if (!behind_since_ms) behind_since_ms = now;
  else if (now - behind_since_ms > LAG_MS) resync();
}

/** Start again from our position; if that did not help, from a snapshot. */
function resync() {
  suspicious += 1;
  behind_since_ms = 0;
  const old = socket;
  socket = null;
  old?.close(4000, "resync");
  tries += 1;
  link.state.value = "reconnecting";
  clearTimeout(timer);
  timer = setTimeout(open, suspicious > 3 ? Math.random() * BACKOFF_MAX_MS : 50);
}

/** Private values were destroyed: nothing that we hold of the feed may be trusted to be without them. */
async function reread() {
  live.feed.replace([]);
  live.feed.publish();
  try {
    const page = await call("GET", incidentPath(incident, `events?before=${(live.position()?.seq ?? 0) + 1}&limit=200`));
    const held = live.feed.all();
    live.feed.replace([...page.entries, ...held.filter((entry) => entry.seq > (page.entries.at(-1)?.seq ?? 0))]);
    live.feed.publish();
  } catch {
    resync();
  }
}

function watch() {
  if (!socket || link.heard_ms.value < 0) return;
  const silent_ms = performance.now() - link.heard_ms.value;
  if (silent_ms > DEAD_MS) {
    const old = socket;
    socket = null;
    old.close();
    closed(0, 0);
  } else if (silent_ms > STALE_MS && link.state.value === "live") {
    link.state.value = "stale";
  }
}

/** Is the picture trustworthy as the present? */
export function isCurrent() {
  return !replaying.value && link.state.value === "live";
}
