/** Accounts that wrong tries have shut, and opening them, with the reason for the trail. */
import { html, useState } from "../lib.js";
import { callProved } from "../step_up.js";
import { Trouble } from "../sign_in/proof.js";
import { Moment } from "../sign_in/times.js";
import { Pick, useAct, useFetch } from "./parts.js";

/** Fixed words: the trail keeps no text. @type {readonly (readonly [string, string])[]} */
export const REASONS = [["", "Choose why"], ["asked in person", "They were asked in person"], ["mistyped", "They mistyped"], ["new device", "A new device or app"], ["tries by others", "Others tried; it was checked"], ["other", "Another reason"]];

/** @param {{person: string, name: string, busy: boolean, release: (reason: string) => void}} props */
export function Release({ person, name, busy, release }) {
  const [reason, setReason] = useState("");
  return html`<div class="desk-acts"><${Pick} id=${`f-why-${person}`} label=${`Why ${name} is let in again`} value=${reason} change=${setReason} options=${REASONS} /><button type="button" class="button small" disabled=${busy || !reason} onClick=${() => release(reason)}>Release after wrong tries</button></div>`;
}

export function Locked() {
  const [found, words, again] = useFetch("/api/locks");
  const { busy, go, Said } = useAct();
  /** @type {Map<string, any[]>} */
  const people = new Map();
  for (const one of found?.locks ?? []) people.set(one.person, [...(people.get(one.person) ?? []), one]);
  /** @param {string} person @param {string} reason */
  const release = async (person, reason) => {
    await go(`${person} may try a password again.`, () => callProved(`Releasing ${person}'s lock`, "POST", `/api/users/${encodeURIComponent(person)}/release`, { reason }));
    await again();
  };
  return html`<section class="desk-card" aria-labelledby="locked"><h2 id="locked">Shut after wrong tries <span class="panel-count">${people.size}</span></h2><${Trouble} words=${words} />${Said}
    ${people.size ? html`<ul>${[...people].map(([person, list]) => html`<li class="desk-row" key=${person}><div><strong><a class="linkish" href=${`#people/${encodeURIComponent(person)}`}>${person}</a></strong>${list.map((one) => html`<span class="muted" key=${one.source}>${one.source === "*" ? "from everywhere" : `from ${one.source}`} since <${Moment} at=${one.since} /></span>`)}</div>
      <${Release} person=${person} name=${person} busy=${busy} release=${(/** @type {string} */ reason) => release(person, reason)} /></li>`)}</ul>` : html`<p class="muted">${found ? "Nobody is locked out after wrong tries." : "One moment…"}</p>`}
    <p class="hint">First ask the person whether it was them: face to face, or on a number that you know. A passkey still works meanwhile.</p></section>`;
}
