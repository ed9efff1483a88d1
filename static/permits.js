/**
 * What may be done in a sector now, and what it would take, as the server judges it. Looking is a question and never an
 * ask: it leaves nothing in the log. The picture is fetched again when something happened that it can rest on and when its
 * own time is up, and its age is always shown.
 */
import { effect, signal, untracked, useEffect } from "./lib.js";
import { link, live, replaying } from "./store.js";
import { call, incidentPath } from "./api.js";
import { tick } from "./time.js";
import { groupOf } from "./feed_data.js";
import { told } from "./plan.js";

/** @typedef {import("./types.d.ts").Decision} Decision */
/**
 * @typedef {object} Permit
 * @property {string} key
 * @property {"level" | "tool" | "posture"} kind
 * @property {string} id
 * @property {string} name
 * @property {string} purpose of a tool, or the state that gear would come to
 * @property {string} stands in words: where it stands now
 * @property {readonly string[]} grants in force for it
 * @property {Decision | null} decision null: it is in force here, or there is nothing above it
 */
/** @typedef {{sector: string, time: string, lapsed: boolean, items: Permit[]}} Permits */

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

/** The server's answer as one list. @param {any} data a PermitsView @returns {Permits} */
function read(data) {
  const words = (/** @type {string} */ id) => id.replaceAll("-", " ");
  /** @type {Permit[]} */
  const items = [
    ...(data.levels ?? []).map((/** @type {any} */ one) => ({ key: `level~${one.level}`, kind: /** @type {const} */ ("level"), id: one.level, name: one.name, purpose: "", stands: one.direction === "here" ? "in force here" : one.direction === "down" ? "lower" : "", grants: [], decision: one.decision ?? null })),
    ...(data.tools ?? []).map((/** @type {any} */ one) => ({ key: `tool~${one.tool}~${one.purpose}`, kind: /** @type {const} */ ("tool"), id: one.tool, name: words(one.tool), purpose: one.grant === "needed" ? one.purpose : "", stands: one.grant === "not needed" ? "needs no grant; its use is reported" : one.grant === "never" ? "never authorized" : "", grants: one.grants ?? [], decision: one.decision })),
    ...(data.postures ?? []).map((/** @type {any} */ one) => ({ key: `posture~${one.posture}`, kind: /** @type {const} */ ("posture"), id: one.posture, name: one.title, purpose: one.to ? `to ${one.to}` : "", stands: `${one.state} now`, grants: [], decision: one.decision ?? null })),
  ];
  return { sector: data.sector, time: data.now, lapsed: !!data.lapsed, items };
}

/** The plan's tools by name, which are the same in every sector. @param {any} data a PermitsView */
function hear(data) {
  const tools = new Map((data.tools ?? []).map((/** @type {any} */ one) => [one.tool, one.tool.replaceAll("-", " ")]));
  told.value = { ...told.peek(), tools: [...tools] };
}

/** For a form that offers tools by name, before any sector was looked at. Without an answer it takes ids as typed. */
export async function learn() {
  const sector = Object.keys(live.sections.sectors.peek())[0];
  if (told.peek().tools || !sector) return;
  try {
    hear(await call("GET", incidentPath(live.position()?.log ?? "", `permits?sector=${encodeURIComponent(sector)}`)));
  } catch {
    // The next form asks again; nothing waits for it.
  }
}

/** Ask the server once. */
export async function refresh() {
  clearTimeout(timer);
  timer = undefined;
  const sector = looking.peek();
  if (!sector || replaying.peek()) return;
  const mine = (wanted += 1);
  busy.value = true;
  try {
    const data = await call("GET", incidentPath(live.position()?.log ?? "", `permits?sector=${encodeURIComponent(sector)}`));
    if (mine !== wanted || looking.peek() !== sector) return;
    permits.value = read(data);
    hear(data);
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
  if (here && entries.some((entry) => RESTS.has(groupOf(entry.type)) && (!entry.sector || entry.sector === here))) soon();
});

// Its own time is up: a wait ended, a next warning counts, a level lapsed. And after a while in any case.
effect(() => {
  void tick.value;
  untracked(() => {
    const held = permits.peek();
    if (!held || timer !== undefined || busy.peek() || link.state.peek() !== "live") return;
    const now = live.clock.now();
    const asked = Date.parse(held.time);
    const over = held.items.some((one) => {
      const until = one.decision?.until ? Date.parse(one.decision.until) + AFTER_MS : Infinity;
      return until > asked && until <= now;
    });
    if (over || now - asked > STALE_S * 1000 * Math.max(1, live.clock.rate.peek())) soon();
  });
});

/** Look at a sector for as long as the caller is on screen. @param {string} sector */
export function useLook(sector) {
  useEffect(() => {
    looking.value = sector;
    if (permits.peek()?.sector !== sector) permits.value = null;
    trouble.value = "";
    void refresh();
    return () => { if (looking.peek() === sector) looking.value = ""; };
  }, [sector, replaying.value, link.state.value === "live"]);
}
