/** Moments for people on pages that are about no incident: in the zone of whoever looks, and it is named. */
import { html } from "../lib.js";
import { clockText, dayText, fullText, minuteText, zoneName } from "../time.js";

export const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** @param {{at?: string | null, none?: string}} props */
export function Moment({ at, none = "–" }) {
  if (!at) return html`<span class="muted">${none}</span>`;
  return html`<time datetime=${at} title=${fullText(at, here)}>${dayText(at, here)}, ${minuteText(at, here)} <span class="zone">${zoneName(at, here)}</span></time>`;
}

/** With seconds. @param {{at: string}} props */
export function Second({ at }) {
  return html`<time datetime=${at} title=${fullText(at, here)}>${dayText(at, here)}, ${clockText(at, here)} <span class="zone">${zoneName(at, here)}</span></time>`;
}
