/**
 * Whether somebody is at the tablet. Nobody for as long as the server lets a session idle, or a shift since they proved who they
 * are: then it locks, with a network or without. All tabs of the browser agree.
 */
import { SESSION_GONE, call } from "../static/api.js";
import { wall } from "./clock.js";

const TELL_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
const ACTS = ["pointerdown", "keydown", "touchstart"];

/**
 * How long ago something was, by whichever clock says more: one stands still while the tablet sleeps, the other may be set back.
 * A clock that is set forward ends it early, and never late.
 */
export class Since {
  #wall_ms = wall();
  #run_ms = performance.now();

  again() {
    this.#wall_ms = wall();
    this.#run_ms = performance.now();
  }

  get ms() {
    return Math.max(wall() - this.#wall_ms, performance.now() - this.#run_ms);
  }
}

const post = new BroadcastChannel("muster.session"); // of the command post's pages (static/session.js), which share the session

/** Their screens of this session close as well: with no network nothing else would tell them. */
export const lockOthers = () => post.postMessage("locked");

/**
 * Watch over whoever is signed in, until the page goes. `lock` puts the tablet away; `shut`: a page of the command post in this
 * browser has locked or ended the session; `gone`: the server knows no live one.
 * @param {() => import("./keys.js").Held | null} held @param {{lock: () => void, shut: () => void, gone: () => void}} then
 */
export function watchHands(held, { lock, shut, gone }) {
  const acted = new Since();
  const tabs = new BroadcastChannel("muster.field.hands");
  const shift = { since: new Since(), until_ms: 0, lasts_ms: 0 };
  let told_ms = performance.now();
  const act = (/** @type {Event} */ event) => {
    if (!event.isTrusted) return; // a script's event is nobody's hand
    acted.again();
    if (performance.now() - told_ms < Math.min(TELL_EVERY_MS, (held()?.idle_ms ?? Infinity) / 15)) return;
    told_ms = performance.now();
    tabs.postMessage("acted");
    call("POST", "/api/session/active").catch(() => {});
  };
  for (const name of ACTS) addEventListener(name, act, { capture: true, passive: true });
  tabs.addEventListener("message", () => acted.again());
  post.addEventListener("message", (event) => { if (event.data === "locked" || event.data === "out") shut(); });
  addEventListener(SESSION_GONE, gone);
  setInterval(() => {
    const now = held();
    if (!now) return;
    if (shift.until_ms !== now.until_ms) Object.assign(shift, { since: new Since(), until_ms: now.until_ms, lasts_ms: now.until_ms - wall() });
    if (acted.ms >= now.idle_ms || shift.since.ms >= shift.lasts_ms) lock();
  }, LOOK_EVERY_MS);
}
