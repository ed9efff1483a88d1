/** What several screens show: how the line stands, how old what one sees is, and a screen's frame. */
import { html } from "../../static/lib.js";
import { link, live, zone } from "../../static/store.js";
import { minuteText, roughText, tick, zoneName } from "../../static/time.js";
import { go } from "../address.js";
import { seen_ms, signedOut, tablet } from "../state.js";

/** A time of the incident, with its zone. @param {number | string | null | undefined} time */
export const at = (time) => `${minuteText(time, zone())} ${zoneName(time, zone())}`;

/** How long ago by the server's clock, in words. @param {number} then_ms */
export function ago(then_ms) {
  void tick.value;
  const now = tablet.value?.device?.time().now_ms ?? then_ms;
  return roughText(Math.max(0, now - then_ms) / 1000);
}

/** Whether what is seen is the present; with its age where it is not. */
export function Line() {
  const state = link.state.value;
  if (signedOut.value) return html`<p class="line line-bad"><strong>Signed out at the server.</strong> News stop; what you write is kept and sent.</p>`;
  if (state === "live") return html`<p class="line line-ok"><span class="dot" aria-hidden="true"></span> Live${live.clock.exercise.value ? " · exercise" : ""}</p>`;
  return html`<p class="line line-warn"><strong>No network.</strong> ${seen_ms.value ? `What you see is ${ago(seen_ms.value)} old.` : "Nothing was seen yet."} What you write is kept here.</p>`;
}

/** A screen with a way back. @param {{title: string, children?: any, back?: string}} props */
export function Screen({ title, children, back = "" }) {
  return html`<main class="field-screen" id="main">
    <header class="field-head"><button type="button" class="button field-back" onClick=${() => go(back)}><span aria-hidden="true">‹</span> Back</button><h1 tabindex="-1">${title}</h1></header>
    ${children}</main>`;
}
