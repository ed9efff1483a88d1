/**
 * What may be done in a sector now, and what it would take, as the server judges it. Looking is a question and never an
 * ask: it leaves nothing in the log. The picture is fetched again when something happened that it can rest on and when its
 * own time is up, and its age is always shown.
 */
import { effect, signal, untracked, useEffect } from "./lib.js";
import { link, live, past, replaying } from "./store.js";
import { call, incidentPath } from "./api.js";
import { tick } from "./time.js";
import { groupOf } from "./feed_data.js";

/** @typedef {import("./types.d.ts").Decision} Decision */
/**
 * @typedef {object} Permit
 * @property {string} key
 * @property {"level" | "tool" | "group" | "posture"} kind group: a measure against a whole group
 * @property {string} id
 * @property {string} name
 * @property {string} purpose of a tool, or the state that gear would come to
 * @property {string} stands in words: where it stands now
 * @property {readonly string[]} grants in force for it
 * @property {readonly (readonly [string, string])[]} [resting] grants that run and rest on nothing, and why
 * @property {Decision | null} decision null: it is in force here, or there is nothing above it
 */
/** @typedef {{sector: string, time: string, lapsed: boolean, then: boolean, items: Permit[], asks: Map<string, Decision>, down: import("./types.d.ts").StepDown | null}} Permits asks: each that waits, as the plan stands on the one who looks granting it */

export const permits = signal(/** @type {Permits | null} */ (null));
export const trouble = signal("");
export const busy = signal(false);
const looking = signal("");

const GATHER_MS = 400; // a burst of events is one question
const AFTER_MS = 600; // past `until`, so that the server's clock is past it too
const STALE_S = 60;

/** What a judgement can rest on; the rest of the log (entries, orders, duties) changes none. */
const RESTS = new Set(["levels", "force", "crowd", "people", "duties"]);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let wanted = 0;

const words = (/** @type {string} */ id) => id.replaceAll("-", " ");

/** The server's answer as one list. @param {import("./types.d.ts").PermitsView} data @returns {Permits} */
function read(data) {
  /** @type {Permit[]} */
  const items = [
    ...(data.levels ?? []).map((one) => ({ key: `level~${one.level}`, kind: /** @type {const} */ ("level"), id: one.level, name: one.name, purpose: "", stands: one.direction === "here" ? "in force here" : one.direction === "down" ? "lower" : "", grants: [], decision: one.decision ?? null })),
    ...(data.tools ?? []).map((one) => ({ key: `tool~${one.tool}~${one.purpose}`, kind: one.group ? /** @type {const} */ ("group") : /** @type {const} */ ("tool"), id: one.tool, name: words(one.tool), purpose: one.grant === "needed" ? one.purpose : "", stands: one.grant === "not needed" ? "needs no grant; its use is reported" : one.grant === "never" ? "never authorized" : "", grants: one.grants ?? [], resting: one.resting ?? [], decision: one.decision })),
    ...(data.postures ?? []).map((one) => ({ key: `posture~${one.posture}`, kind: /** @type {const} */ ("posture"), id: one.posture, name: one.title, purpose: one.to ? `to ${one.to}` : "", stands: `${one.state} now`, grants: [], decision: one.decision ?? null })),
  ];
  return { sector: data.sector, time: data.now, lapsed: !!data.lapsed, then: !!data.then, down: data.step_down ?? null, items, asks: new Map((data.asks ?? []).map((one) => [one.ask, one.decision])) };
}

/** Where to ask: now, or as of the moment that a replay shows. @param {string} sector */
function address(sector) {
  const then = replaying.peek() ? past.at.peek()?.seq : undefined;
  return incidentPath(live.position()?.log ?? "", `permits?sector=${encodeURIComponent(sector)}${then ? `&at=${then}` : ""}`);
}

/** Ask the server once. */
export async function refresh() {
  clearTimeout(timer);
  timer = undefined;
  const sector = looking.peek();
  if (!sector) return;
  const mine = (wanted += 1);
  busy.value = true;
  try {
    const data = await call("GET", address(sector));
    if (mine !== wanted || looking.peek() !== sector) return;
    permits.value = read(data);
    trouble.value = "";
  } catch (error) {
    if (mine === wanted) trouble.value = /** @type {Error} */ (error).message;
  } finally {
    if (mine === wanted) busy.value = false;
  }
}

function soon() {
  timer ??= setTimeout(() => void refresh(), GATHER_MS);
}

live.listeners.push((entries) => {
  const here = looking.peek();
  if (here && !replaying.peek() && entries.some((entry) => RESTS.has(groupOf(entry.type)) && (!entry.sector || entry.sector === here))) soon();
});

// Its own time is up: a wait ended, a next warning counts, a level lapsed. And after a while in any case.
effect(() => {
  void tick.value;
  untracked(() => {
    const held = permits.peek();
    if (!held || held.then || timer !== undefined || busy.peek() || link.state.peek() !== "live") return;
    const now = live.clock.now();
    const asked = Date.parse(held.time);
    const over = held.items.some((one) => {
      const until = one.decision?.until ? Date.parse(one.decision.until) + AFTER_MS : Infinity;
      return until > asked && until <= now;
    });
    if (over || now - asked > STALE_S * 1000 * Math.max(1, live.clock.rate.peek())) soon();
  });
});

/** Look at a sector for as long as the caller is on screen; in a replay, as it stood at the moment shown. @param {string} sector */
export function useLook(sector) {
  const then = replaying.value ? past.at.value?.seq : 0;
  useEffect(() => {
    looking.value = sector;
    if (permits.peek()?.sector !== sector || permits.peek()?.then !== !!then) permits.value = null;
    trouble.value = "";
    void refresh();
    return () => { if (looking.peek() === sector) looking.value = ""; };
  }, [sector, then, link.state.value === "live"]);
}
