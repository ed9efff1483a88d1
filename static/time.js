/**
 * Time as people read it. The browser's own date is never asked: the server says what time it is, and
 * `performance.now()` (which nobody can set) counts on from there.
 */
import { signal } from "./lib.js";

/** Goes up once a second; whatever shows an age or a countdown reads it. */
export const tick = signal(0);
setInterval(() => { tick.value += 1; }, 1000);

/** A clock that has been told the time. @param {boolean} [frozen] a replay's clock stands still. */
export function createClock(frozen = false) {
  let base_ms = 0;
  let at_ms = 0;
  let rate = frozen ? 0 : 1;
  let known = false;
  return {
    exercise: signal(false),
    rate: signal(1),
    /** @param {import("./types.d.ts").ClockInfo} info */
    set(info) {
      base_ms = Date.parse(info.now);
      at_ms = performance.now();
      rate = frozen ? 0 : info.rate;
      known = true;
      this.exercise.value = info.exercise;
      this.rate.value = info.rate;
    },
    /** Incident time in ms since 1970. */
    now: () => base_ms + (performance.now() - at_ms) * rate,
    known: () => known,
  };
}

// The server's wall clock, from the Date header of its answers: good to a second, enough for an ask's age.
let wall_base_ms = 0;
let wall_at_ms = 0;

/** @param {string | null} header the Date header of an answer */
export function hearWall(header) {
  const read = header ? Date.parse(header) : NaN;
  if (Number.isFinite(read)) {
    wall_base_ms = read;
    wall_at_ms = performance.now();
  }
}

/** The server's wall clock in ms, or null before it was ever heard. */
export function wallNow() {
  return wall_base_ms ? wall_base_ms + (performance.now() - wall_at_ms) : null;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} zone @param {string} kind */
function format(zone, kind) {
  const key = `${zone}|${kind}`;
  let found = formats.get(key);
  if (!found) {
    /** @type {Intl.DateTimeFormatOptions} */
    const parts = { timeZone: zone, hourCycle: "h23" };
    if (kind.includes("d")) Object.assign(parts, { year: "numeric", month: "short", day: "numeric" });
    if (kind.includes("w")) parts.weekday = "short";
    if (kind.includes("m")) Object.assign(parts, { hour: "2-digit", minute: "2-digit" });
    if (kind.includes("s")) parts.second = "2-digit";
    if (kind.includes("z")) parts.timeZoneName = "short";
    try {
      found = new Intl.DateTimeFormat("en-US", parts);
    } catch {
      found = new Intl.DateTimeFormat("en-US", { ...parts, timeZone: "UTC" });
    }
    formats.set(key, found);
  }
  return found;
}

/** @param {string | number | null | undefined} time */
function ms(time) {
  return typeof time === "number" ? time : time ? Date.parse(time) : NaN;
}

/** "14:03:22" @param {string | number | null | undefined} time @param {string} zone */
export function clockText(time, zone) {
  const at = ms(time);
  return Number.isFinite(at) ? format(zone, "ms").format(at) : "–";
}

/** "14:03" @param {string | number | null | undefined} time @param {string} zone */
export function minuteText(time, zone) {
  const at = ms(time);
  return Number.isFinite(at) ? format(zone, "m").format(at) : "–";
}

/** "PDT": the zone's name at that moment. @param {string | number | null | undefined} time @param {string} zone */
export function zoneName(time, zone) {
  const at = ms(time);
  const part = format(zone, "mz").formatToParts(Number.isFinite(at) ? at : 0).find((p) => p.type === "timeZoneName");
  return part ? part.value : zone;
}

/** "Sun, May 1, 2016" @param {string | number | null | undefined} time @param {string} zone */
export function dayText(time, zone) {
  const at = ms(time);
  return Number.isFinite(at) ? format(zone, "wd").format(at) : "–";
}

/** "May 1, 2016, 14:03:22 PDT · 21:03:22 UTC": what a tooltip says. @param {string | number | null | undefined} time @param {string} zone */
export function fullText(time, zone) {
  const at = ms(time);
  if (!Number.isFinite(at)) return "time not known";
  return `${format(zone, "dmsz").format(at)} · ${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** "42 s", "5 min", "3 h 10 min", "2 d 4 h" @param {number} seconds */
export function spanText(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} min`;
  const hours = Math.floor(m / 60);
  if (hours < 24) return m % 60 ? `${hours} h ${m % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** "23 min", "6 h", "2 d": the largest unit alone, where there is little room. @param {number} seconds */
export function roughText(seconds) {
  return spanText(seconds).split(" ").slice(0, 2).join(" ");
}

/** "4:05" or "1:04:05", for counting down and up. @param {number} seconds */
export function countText(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (s >= 86_400) return spanText(s);
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/**
 * The moment at which a day of the place is over: midnight on its own clocks, also where they change that night.
 * @param {string} day yyyy-mm-dd, a day of the calendar @param {string} zone
 * @returns {string} RFC 3339 in UTC
 */
export function endOfDay(day, zone) {
  const wanted = Date.parse(`${day}T00:00:00Z`) + 86_400_000;
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  let at = wanted;
  for (let i = 0; i < 2; i += 1) { // twice, since the first step can cross a change of offset
    const wall = Object.fromEntries(parts.formatToParts(at).map((one) => [one.type, one.value]));
    at += wanted - Date.parse(`${wall.year}-${wall.month}-${wall.day}T${wall.hour}:${wall.minute}:${wall.second}Z`);
  }
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/**
 * The moment that "14:03" on the incident's wall clock was, at or before now (a report is of what has happened).
 * @param {string} text HH:MM @param {number} now_ms @param {string} zone
 * @returns {string | null} RFC 3339 in UTC
 */
export function lastTimeAt(text, now_ms, zone) {
  const found = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (!found) return null;
  const want = Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] ?? 0);
  if (want >= 86_400 || Number(found[2]) > 59) return null;
  // Ask the zone what its wall shows now and step back by the difference; twice, since a step can cross a change of offset.
  let at = Math.floor(now_ms / 1000) * 1000;
  for (let i = 0; i < 2; i += 1) {
    const [hh, mm, ss] = clockText(at, zone).split(":").map(Number);
    let back = hh * 3600 + mm * 60 + ss - want;
    if (i === 0 && back < 0) back += 86_400;
    if (i === 1 && Math.abs(back) > 43_200) back -= Math.sign(back) * 86_400;
    at -= back * 1000;
  }
  return new Date(at).toISOString();
}
