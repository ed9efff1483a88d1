/**
 * What the screens of the tablet know: whether it is enrolled, who is signed in, which incident is worked at, and how the line
 * stands. What was last seen is shown again with no network, always with its age.
 */
import { Problem, SESSION_GONE, Unreachable, call } from "../static/api.js";
import { effect, signal, untracked } from "../static/lib.js";
import { told } from "../static/plan.js";
import { honourLock, markLocking } from "../static/sign_in/go.js";
import { connect } from "../static/socket.js";
import { SECTIONS, link, live, rows } from "../static/store.js";
import { home } from "./address.js";
import { keepPlain, keepSeen, lastPlain, lastSeen } from "./cache.js";
import { DB_SHUT, isNewer } from "./db.js";
import { lockOthers, watchHands } from "./hands.js";
import { openTablet } from "./tablet.js";

/** @typedef {{id: string, name: string, role: string}} Work an incident that one may work at */
/** @typedef {{id: string, name: string, zone: string, sectors: [string, string][], charges: [string, string][], people: [string, string][]}} Ground what a locked tablet needs to capture */

/** @type {import("../static/lib.js").Signal<"starting" | "enrol" | "locked" | "open" | "broken">} */
export const stage = signal("starting");
/** What lies here was kept by a newer version of the app. */
export const outdated = signal(false);
/** @type {import("../static/lib.js").Signal<import("./tablet.js").Tablet | null>} */
export const tablet = signal(null);
/** @type {import("../static/lib.js").Signal<import("./keys.js").Held | null>} */
export const who = signal(null);
/** @type {import("../static/lib.js").Signal<Work[] | null>} */
export const works = signal(null);
export const incidentId = signal("");
/** @type {import("../static/lib.js").Signal<Ground | null>} */
export const ground = signal(null);
/** When what is on the screen was last true, by the server's time; 0: nothing was seen. */
export const seen_ms = signal(0);
/** The server knows of no session: news stop, and what is written is still kept and sent. */
export const signedOut = signal(false);

const WORK = "muster.field.incident"; // an id; in the clear
const PEOPLE = "people"; // who was signed in here: id and name, for a locked tablet to pick an author from
const PEOPLE_MOST = 12;
const KEEP_EVERY_MS = 5_000;
const ANSWER_MS = 8_000;
const LOCK_MS = 3_000;

/** The tablet, which is there on every screen but the first. */
export function here() {
  const found = tablet.peek();
  if (!found) throw new Error("expected an open tablet");
  return found;
}

/** The time of the incident as well as it is known: its own clock where it was heard, else the tablet's. */
export const now_ms = () => (live.clock.known() ? live.clock.now() : tablet.peek()?.device?.time().now_ms ?? 0);

/** When it happened, as a record says it: the incident's time in an exercise, else the tablet's word on the server's time. @returns {number | undefined} */
export const occurredNow = () => (live.clock.exercise.peek() ? Math.round(live.clock.now()) : undefined);

/** Open what lies here, and go to where one left off. */
export async function begin() {
  addEventListener(DB_SHUT, () => location.reload()); // what lies here now, or that it was taken away, is looked at anew
  try {
    tablet.value = await openTablet();
  } catch (error) {
    console.error(error);
    outdated.value = isNewer(error);
    stage.value = "broken";
    return;
  }
  if (here().device) await enrolled();
  else stage.value = "enrol";
}

/** The device is known. */
export async function enrolled() {
  const one = here();
  await one.room();
  ground.value = (await lastPlain(one.db, "ground"))?.value ?? null;
  one.keys.watch((/** @type {import("./keys.js").Held | null} */ held) => (held ? void opened(held) : location.reload()));
  if (one.keys.held) await opened(one.keys.held);
  else {
    stage.value = "locked"; // at once: who has a live session is asked of the server, which may be silent
    void unlock();
  }
  void one.device?.renewSealing().catch(() => {});
}

/** Open for whoever has a live session. False where nobody has, or nobody answers. */
export async function unlock() {
  try {
    await honourLock(AbortSignal.timeout(ANSWER_MS)); // it was locked here while the server was away: whose it was proves that first
    if ((await call("GET", "/api/session", undefined, AbortSignal.timeout(ANSWER_MS))).state !== "live") return false;
    await here().keys.open();
    return true;
  } catch (error) {
    if (error instanceof Problem || error instanceof Unreachable || /** @type {Error} */ (error).name === "TimeoutError") return false;
    throw error;
  }
}

/** Somebody is signed in. @param {import("./keys.js").Held} held */
async function opened(held) {
  const first = who.peek() === null;
  who.value = held;
  const one = here();
  const before = (await lastPlain(one.db, PEOPLE))?.value ?? [];
  if (first && before.length && before[0][0] !== held.person) home(); // where somebody else had been
  stage.value = "open";
  if (!first) return;
  await keepPlain(one.db, PEOPLE, [[held.person, held.name], ...before.filter((/** @type {[string, string]} */ [id]) => id !== held.person)].slice(0, PEOPLE_MOST), now_ms()).catch(() => {}); // a full disk keeps nobody from being watched over
  watchHands(() => here().keys.held, { lock: () => void putAway(), shut: () => void shut(), gone: () => void sessionGone() });
  await learnWorks();
}

/** Which incidents one may work at; with no network those that were last seen. */
export async function learnWorks() {
  const one = here();
  try {
    const answer = await call("GET", "/api/me");
    works.value = (answer.incidents ?? []).map((/** @type {any} */ each) => ({ id: each.id, name: each.name, role: each.role }));
    signedOut.value = false;
    await keepSeen(one.db, one.keys, "works", works.value, now_ms());
  } catch (error) {
    if (error instanceof Problem && error.status === 401) signedOut.value = true;
    works.value ??= (await lastSeen(one.db, one.keys, "works"))?.value ?? null;
    setTimeout(() => void learnWorks(), 3000 + Math.random() * 3000);
  }
  const last = localStorage.getItem(WORK);
  const list = works.value ?? [];
  if (!incidentId.peek()) {
    if (list.length === 1) await workAt(list[0].id);
    else if (last && list.some((each) => each.id === last)) await workAt(last);
  }
}

/** Work at an incident from now on: what was last seen of it first, then what happens. @param {string} id */
export async function workAt(id) {
  if (incidentId.peek() === id) return;
  if (incidentId.peek()) return location.reload(); // another one's board and line leave with the page
  localStorage.setItem(WORK, id);
  incidentId.value = id;
  const one = here();
  const board = await lastSeen(one.db, one.keys, `board:${id}`);
  if (board && !live.ready.peek()) {
    live.me.value = board.value.me;
    if (board.value.clock) live.clock.set({ ...board.value.clock, now: new Date(clockThen(board)).toISOString() });
    live.reset({ at: board.value.at, board: board.value.board });
    told.value = board.value.words ?? null;
    seen_ms.value = board.seen_ms;
  }
  connect(id);
  keepWhatIsSeen(id);
  return undefined;
}

/** What the incident's clock shows by now, from when it was last heard. @param {import("./cache.js").Seen<any>} board */
function clockThen(board) {
  const passed_ms = (tablet.peek()?.device?.time().now_ms ?? board.seen_ms) - board.seen_ms;
  return Date.parse(board.value.clock.now) + passed_ms * board.value.clock.rate;
}

/** While the line is up, what is on the screen is kept for when it is not. @param {string} id */
function keepWhatIsSeen(id) {
  let kept_ms = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  async function keep() {
    timer = undefined;
    kept_ms = performance.now();
    const one = here();
    if (!one.keys.held || !live.ready.peek()) return;
    const server_ms = one.device?.time().now_ms ?? 0;
    const board = Object.fromEntries(SECTIONS.map((name) => [name, live.sections[name].peek()]));
    const clock = { now: new Date(live.clock.now()).toISOString(), rate: live.clock.rate.peek(), exercise: live.clock.exercise.peek() };
    await keepSeen(one.db, one.keys, `board:${id}`, { at: live.position(), me: live.me.peek(), board, clock, words: told.peek() }, server_ms);
    seen_ms.value = server_ms;
    await keepGround(id);
  }
  effect(() => {
    void live.at.value;
    void told.value;
    if (link.state.value !== "live") return;
    untracked(() => {
      seen_ms.value = here().device?.time().now_ms ?? 0;
      timer ??= setTimeout(() => void keep(), Math.max(0, kept_ms + KEEP_EVERY_MS - performance.now()));
    });
  });
}

/** The names of places and charges, which are nobody's secret. @param {string} id */
async function keepGround(id) {
  const one = here();
  const incident = /** @type {any} */ (Object.values(rows("incident"))[0]);
  /** @type {Ground} */
  const next = {
    id, name: incident?.name ?? "", zone: incident?.time_zone ?? "UTC",
    sectors: Object.values(rows("sectors")).map((each) => [each.id, each.name]),
    charges: (told.peek()?.charges ?? []).map((/** @type {any} */ each) => [each.id, each.says]),
    people: (await lastPlain(one.db, PEOPLE))?.value ?? [],
  };
  if (JSON.stringify(next) === JSON.stringify(ground.peek())) return;
  ground.value = next;
  await keepPlain(one.db, "ground", next, now_ms());
}

let leaving = false;

/**
 * Put the tablet away: whoever takes it next sees nothing of what was here. With no network the server hears it before anybody
 * gets in again. @param {boolean} [out] also end the session
 */
export async function putAway(out = false) {
  if (leaving) return;
  leaving = true;
  stage.value = "starting"; // as in shut
  markLocking();
  lockOthers();
  try {
    if (out) await call("DELETE", "/api/session", undefined, AbortSignal.timeout(LOCK_MS));
    else await honourLock(AbortSignal.timeout(LOCK_MS));
  } catch {
    // The mark stays. What is here cannot be read without the session.
  }
  await shut();
}

/** Whose it was is not at it any more, as far as this browser can say; the page starts again. */
function shut() {
  stage.value = "starting"; // off the screen first
  return here().keys.lock();
}

let asking = false;

/** Locked by the clock while the line was down: they go on writing. Ended by somebody: the tablet locks. */
async function sessionGone() {
  if (asking) return;
  asking = true;
  try {
    const look = await call("GET", "/api/session");
    signedOut.value = look.state !== "live";
    if (look.state === "none" && here().keys.held) await shut();
  } catch {
    // No answer: nothing is known, and nothing changes.
  } finally {
    asking = false;
  }
}
