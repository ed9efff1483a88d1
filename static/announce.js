/** Telling a screen reader what others did: politely, gathered over a few seconds, and never what its own user did. */
import { html, signal } from "./lib.js";
import { live, replaying } from "./store.js";

const EVERY_MS = 4000;
const SAY = 3; // spelled out; the rest is a number

const said = signal("");
/** @type {string[]} */
let waiting = [];

// Told each time: levels, asks, force, who needs help, what was not authorized, command. The rest only counts.
const WEIGHTY = new Set(["LevelRaised", "LevelLowered", "LevelRenewed", "LevelAsked", "AskDenied", "CommandTransferred", "IncidentClosed", "Redacted", "ForceAsked", "ForceGranted", "GrantRevoked", "PostureAsked", "PostureChanged", "PlanSuspended", "PlanChanged", "DistressFlagged"]);

export function startAnnouncing() {
  let others = 0;
  live.listeners.push((entries) => {
    for (const entry of entries) {
      if (entry.who.person === live.me.value?.person) continue;
      if (WEIGHTY.has(entry.type) || entry.finding?.kind === "no authorization on record" || entry.finding?.kind === "contrary to plan") waiting.push(entry.finding ? `${entry.line} (${entry.finding.kind})` : entry.line);
      else others += 1;
    }
  });
  setInterval(() => {
    if (replaying.value || (!waiting.length && !others)) return;
    const first = waiting.slice(-SAY).reverse();
    const rest = waiting.length - first.length + others;
    said.value = [...first, rest ? `${rest} more ${rest === 1 ? "entry" : "entries"}` : ""].filter(Boolean).join(". ");
    waiting = [];
    others = 0;
  }, EVERY_MS);
}

export function Announcer() {
  return html`<div class="sr" aria-live="polite" id="announce">${said.value}</div><div class="sr" role="alert" id="announce-now"></div>`;
}
