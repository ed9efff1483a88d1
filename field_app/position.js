/**
 * Where the tablet is, with how far that may be off. The look-out begins when a form is opened, so that a save waits for
 * nothing: it takes what is known by then, or no place. Off by a switch, and then nobody asks the device.
 */
import { signal } from "../static/lib.js";
import { wall } from "./clock.js";

/** A place as records hold it, in degrees of WGS 84 and metres. @typedef {{lat: number, lon: number, accuracy_m: number}} Spot */

const SWITCH = "muster.field.position";
const FRESH_MS = 120_000; // on foot; an older one is another place
const NEAR_ENOUGH = 1e6; // six places of a degree are a decimetre: more would be invented

/** Whether records may say where they were written. */
export const wanted = signal(localStorage.getItem(SWITCH) !== "off");
/** The last one that was found. @type {import("../static/lib.js").Signal<(Spot & {at_ms: number}) | null>} */
export const found = signal(null);
/** In words, where none is found. */
export const trouble = signal("");

let watch = 0;
let watchers = 0;

/** @param {boolean} on */
export function allow(on) {
  localStorage.setItem(SWITCH, on ? "on" : "off");
  wanted.value = on;
  found.value = null;
  trouble.value = "";
  clear();
  if (on && watchers) begin();
}

function clear() {
  if (watch) navigator.geolocation.clearWatch(watch);
  watch = 0;
}

function begin() {
  if (watch || !wanted.peek() || !navigator.geolocation) return;
  watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      found.value = { lat: rounded(coords.latitude), lon: rounded(coords.longitude), accuracy_m: Math.max(1, Math.round(coords.accuracy)), at_ms: timestamp };
      trouble.value = "";
    },
    (error) => { trouble.value = error.code === 1 ? "This tablet may not say where it is." : "No position yet."; },
    { enableHighAccuracy: true, maximumAge: 30_000, timeout: 30_000 },
  );
}

/** @param {number} degrees */
const rounded = (degrees) => Math.round(degrees * NEAR_ENOUGH) / NEAR_ENOUGH;

/** Look out while a form is open. @returns {() => void} what ends it */
export function lookOut() {
  watchers += 1;
  begin();
  return () => {
    watchers -= 1;
    if (!watchers) clear();
  };
}

/** Where it is now, as far as is known; never waits. @returns {Spot | undefined} */
export function spotNow() {
  const last = wanted.peek() ? found.peek() : null;
  if (!last || Math.abs(wall() - last.at_ms) > FRESH_MS) return undefined;
  const { lat, lon, accuracy_m } = last;
  return { lat, lon, accuracy_m };
}
