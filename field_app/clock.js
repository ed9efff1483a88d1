/**
 * The tablet's clock: the one place that asks the device for the time. The device may be a day off and nobody there knows, so
 * its time is only ever taken with what the server said, and with how far that may be wrong by now.
 *
 * `performance.now()` does not serve: it stands still while a tablet sleeps, and means nothing after a restart.
 */

/**
 * What is known of this device's clock. `offset_ms` is added to it; `error_ms` was right at `at_ms` (device's time);
 * `seen_ms` is the latest time that it ever showed.
 * @typedef {{offset_ms: number, error_ms: number, at_ms: number, seen_ms: number}} Known
 */

const DRIFT = 1e-4; // a quartz in the sun: 100 parts in a million, 9 s a day
export const ERROR_MOST_MS = 86_400_000; // as a statement may say it

/** The device's own word, in ms since 1970. */
export const wall = () => Date.now();

/** Nothing was ever heard: off by as much as may be said. @returns {Known} */
export const unknown = () => ({ offset_ms: 0, error_ms: ERROR_MOST_MS, at_ms: 0, seen_ms: 0 });

/**
 * What one answer with the server's time says: it was that time at some moment between asking and hearing.
 * @param {number} server_ms @param {number} asked_ms @param {number} heard_ms both by the device @returns {Known}
 */
export function learnt(server_ms, asked_ms, heard_ms) {
  const half_ms = Math.max(0, heard_ms - asked_ms) / 2;
  return { offset_ms: Math.round(server_ms - (asked_ms + half_ms)), error_ms: Math.ceil(half_ms) + 1, at_ms: heard_ms, seen_ms: heard_ms };
}

/**
 * The time, and how far it may be off. A clock that shows less than it once did was set, by somebody who knew better than it,
 * or by a battery that died. Time itself did not go back: it goes on from the latest that was seen, and may be off by as much.
 * @param {Known} known @param {number} wall_ms @returns {{now_ms: number, error_ms: number}}
 */
export function reading(known, wall_ms) {
  const drift_ms = Math.abs(wall_ms - known.at_ms) * DRIFT;
  const back_ms = Math.max(0, known.seen_ms - wall_ms);
  return { now_ms: wall_ms + known.offset_ms + back_ms, error_ms: Math.min(ERROR_MOST_MS, Math.ceil(known.error_ms + drift_ms + back_ms)) };
}

/**
 * That the clock showed this time: kept with each record, so that it is noticed when it is set back. What it was set back by
 * stays in the error until the server is heard again.
 * @param {Known} known @param {number} wall_ms @returns {Known}
 */
export function seen(known, wall_ms) {
  const back_ms = Math.max(0, known.seen_ms - wall_ms);
  return { ...known, offset_ms: known.offset_ms + back_ms, error_ms: Math.min(ERROR_MOST_MS, known.error_ms + back_ms), seen_ms: wall_ms };
}
