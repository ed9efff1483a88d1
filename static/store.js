/**
 * What the screen knows. A `World` is one view of an incident: its board, its feed and its clock. There are two of the
 * same make, one live and one for replay, and every component draws whichever is shown.
 */
import { batch, computed, signal } from "./lib.js";
import { createClock } from "./time.js";
import { createFeed } from "./feed_data.js";

/** @typedef {import("./types.d.ts").Section} Section */
/** @typedef {import("./types.d.ts").Entry} Entry */
/** @typedef {import("./types.d.ts").Position} Position */
/** @typedef {"connecting" | "live" | "stale" | "reconnecting" | "signed out" | "denied" | "not found"} LinkState */

/** @type {readonly Section[]} */
export const SECTIONS = [
  "incident", "levels", "sectors", "units", "agencies", "people", "positions", "asks", "duties", "orders", "findings", "points",
  "grants", "warnings", "posture", "reviews", "munitions", "distress", "exigent", "plan", "care", "critical", "watch",
  "arrests", "custody", "sites", "bags", "numbers", "bar", "high_volume", "panel", "releases",
];

// The eye does not read faster. Measured at 200 events a second: repainting each frame took 62 % of a core, this takes 21 %.
export const REPAINT_MS = 100;

// Where a repaint costs much (a slow tablet, a long page), the next one comes later: what is left of the time is for frames.
const SHARE = 6;
const REPAINT_MAX_MS = 600;

/** Measures what a repaint costs: the work of its task, and of the frame that shows it. */
function createMeter() {
  const line = new MessageChannel();
  const found = { cost_ms: 0, begun() {
    const started_ms = performance.now();
    let framed_ms = 0;
    let work_ms = 0;
    line.port1.onmessage = ({ data }) => {
      if (data === "task") work_ms = performance.now() - started_ms;
      else found.cost_ms = work_ms + performance.now() - framed_ms;
    };
    line.port2.postMessage("task"); // comes after what the task still sets off
    requestAnimationFrame(() => {
      framed_ms = performance.now();
      line.port2.postMessage("frame"); // comes after the frame is laid out and painted
    });
  } };
  return found;
}

/** @param {boolean} replay */
export function createWorld(replay) {
  /** @type {Record<string, import("./lib.js").Signal<Record<string, any>>>} */
  const sections = Object.fromEntries(SECTIONS.map((name) => [name, signal(/** @type {Record<string, any>} */ ({}))]));
  /** @type {Record<string, Record<string, any>>} */
  const raw = Object.fromEntries(SECTIONS.map((name) => [name, {}]));
  /** @type {Set<string>} */
  const dirty = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let painted_ms = -Infinity;
  const meter = createMeter();
  /** @type {Position | null} */
  let position = null;

  const world = {
    replay,
    sections,
    feed: createFeed(),
    clock: createClock(replay),
    /** What is on screen. @type {import("./lib.js").Signal<Position | null>} */
    at: signal(null),
    /** @type {import("./lib.js").Signal<import("./types.d.ts").Me | null>} */
    me: signal(null),
    ready: signal(false),
    /** Called with the entries of a batch, after they were taken in. @type {Array<(entries: readonly Entry[]) => void>} */
    listeners: [],
    /** The position held, painted or not. */
    position: () => position,

    /** @param {{at: Position, board: any, feed?: readonly Entry[] | null}} whole */
    reset(whole) {
      for (const name of SECTIONS) {
        raw[name] = { ...(whole.board?.[name] ?? {}) };
        dirty.add(name);
      }
      world.feed.replace(whole.feed ?? []);
      position = whole.at;
      flush();
      world.ready.value = true;
    },
    /** @param {number} epoch @param {number} last @param {readonly Entry[]} entries @param {readonly (readonly [string, string, any])[]} changes */
    take(epoch, last, entries, changes) {
      for (const [section, key, row] of changes) {
        if (!(section in raw)) continue;
        if (row === null) delete raw[section][key];
        else raw[section][key] = row;
        dirty.add(section);
      }
      world.feed.append(entries);
      position = { log: position?.log ?? "", epoch, seq: last };
      schedule();
      for (const listener of world.listeners) listener(entries);
    },
    /** @param {Position} at */
    stand(at) {
      position = at;
      schedule();
    },
  };

  function schedule() {
    if (timer !== undefined) return;
    const rest_ms = Math.min(REPAINT_MAX_MS, Math.max(REPAINT_MS, SHARE * meter.cost_ms));
    timer = setTimeout(flush, Math.max(0, painted_ms + rest_ms - performance.now()));
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    painted_ms = performance.now();
    meter.begun();
    batch(() => {
      for (const name of dirty) sections[name].value = { ...raw[name] };
      dirty.clear();
      world.feed.publish();
      world.at.value = position;
    });
  }
  return world;
}

/** @typedef {ReturnType<typeof createWorld>} World */

export const live = createWorld(false);
export const past = createWorld(true);
export const replaying = signal(false);

/** The world on screen. @type {import("./lib.js").ReadonlySignal<World>} */
export const world = computed(() => (replaying.value ? past : live));

/** The rows of a section; none where the server does not have it. @param {Section} name @returns {Record<string, any>} */
export function rows(name) {
  return world.value.sections[name]?.value ?? {};
}

/** @returns {import("./types.d.ts").IncidentRow | undefined} */
export function incident() {
  return /** @type {any} */ (Object.values(rows("incident"))[0]);
}

export function zone() {
  return incident()?.time_zone ?? "UTC";
}

/** May this person send that command at all? The plan judges each one still. @param {string} name */
export function may(name) {
  return !replaying.value && (live.me.value?.may ?? []).includes(name);
}

/** Does this screen show one agency's share alone? What it lacks is then not shown, and may be there all the same. */
export function ownShare() {
  return (live.me.value?.lens ?? "").startsWith("agency:");
}

/** Is this section of the board shown through this lens at all? Where it is not, nothing says that it is empty. @param {Section} name */
export function shown(name) {
  return !(live.me.value?.unseen ?? []).includes(name);
}

/** What this person may do that is about no one incident: `me.may` of /api/me. @type {import("./lib.js").Signal<readonly string[]>} */
export const mayAnywhere = signal([]);

/** How the line to the server stands. `heard_ms` is performance.now() of the last frame. */
export const link = {
  /** @type {import("./lib.js").Signal<LinkState>} */
  state: signal("connecting"),
  heard_ms: signal(-1),
  /** performance.now() at which the next try is made */
  retry_ms: signal(0),
  tries: signal(0),
  /** @type {import("./lib.js").Signal<import("./types.d.ts").Gap | null>} */
  gap: signal(null),
};
