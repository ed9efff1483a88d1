/** Taking a place from the map: whoever waits for one is told where the person pressed. */
import { signal } from "../lib.js";

/** @type {import("../lib.js").Signal<((place: {lat: number, lon: number}) => void) | null>} */
export const picking = signal(null);

/** @param {{lat: number, lon: number}} place @returns {boolean} whether anybody waited */
export function picked(place) {
  const taker = picking.value;
  if (!taker) return false;
  picking.value = null;
  taker({ lat: Math.round(place.lat * 1e5) / 1e5, lon: Math.round(place.lon * 1e5) / 1e5 });
  return true;
}
