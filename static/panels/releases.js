/** Who is to be free, why, and who decides it: by position, with the clock. Nothing here is needed to let somebody go. */
import { html, useState } from "../lib.js";
import { live, may, rows } from "../store.js";
import { Countdown, Panel, secondsLeft } from "../parts.js";
import { openDrawer, openPage } from "../url.js";
import { shortNumber } from "../arrests.js";
import { WhoText } from "../decision.js";
import { tick } from "../time.js";
import { Ago } from "./arrests.js";

/** @typedef {import("../types.d.ts").ReleaseRow} ReleaseRow */

const SOON_S = 3600;
const FEW = 6;

/** @param {ReleaseRow} one */
const near = (one) => !one.due || secondsLeft(one.due) <= SOON_S;

/** @param {{mine?: boolean}} props `mine`: on the dashboard, where only who decides them is told of each */
export function Releases({ mine = false }) {
  const [all, setAll] = useState(false);
  void tick.value;
  const me = live.me.value?.person;
  const list = /** @type {ReleaseRow[]} */ (Object.values(rows("releases"))).filter(near)
    .sort((a, b) => Number(!!a.due) - Number(!!b.due) || (a.due ?? "").localeCompare(b.due ?? "") || a.held_since.localeCompare(b.held_since));
  if (!list.length) return null;
  const yours = list.filter((one) => one.deciders?.some((who) => who.person === me)).length;
  const first = list[0];
  const shown = all ? list : list.slice(0, mine ? 3 : FEW);
  return html`<${Panel} id="releases" title="Release due" scroll=${false} count=${html`<span class="badge badge-bad">${list.length}</span>`}>
    <div class="card"><p class="card-line muted">${yours ? html`<strong>Yours to decide.</strong> ` : null}Anyone who frees a person reports it: nothing holds it up.</p>
      <details class="card-line"><summary>Who decides it</summary><p class="muted">${first.deciders?.length ? first.deciders.map((who, n) => html`${n ? ", " : ""}<${WhoText} who=${who} />`) : "nobody holds the position"}${first.who_may?.length ? ` · ${first.who_may.join("; or ")}` : ""}.</p></details></div>
    <ul class="cards">${shown.map((one) => html`<${Line} key=${one.id} one=${one} />`)}</ul>
    ${list.length > shown.length || all ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Fewer" : `All ${list.length}`}</button>` : null}<//>`;
}

/** @param {{one: ReleaseRow}} props */
function Line({ one }) {
  const number = shortNumber(one.number);
  return html`<li class=${`card ${!one.due || secondsLeft(one.due) <= 0 ? "edge-bad" : "edge-warn"}`} data-release=${one.id}>
    <p class="card-line"><button type="button" class="linkish plain" onClick=${() => (one.arrest ? openPage("record", one.arrest) : openDrawer("held", one.id))}><strong>${number}</strong></button> <span class="muted">with ${one.holder?.name ?? "nobody"}, held for <${Ago} at=${one.held_since} bare /></span> ${one.due ? html`<${Countdown} until=${one.due} soon_s=${900} over="over" />` : html`<strong class="bad-text">due now</strong>`}</p>
    ${one.whys.map((why) => html`<p key=${why.says} class="card-line">${why.says}${why.due ? html` <${Countdown} until=${why.due} soon_s=${900} over="over" />` : null}${why.rules?.length ? html` <span class="code">${why.rules.join(", ")}</span>` : null}</p>`)}
    ${may("ReleasePerson") ? html`<div class="line-acts"><button type="button" class="button small" aria-label=${`Release ${number}`} onClick=${() => openDrawer("free", one.id)}>Release…</button></div>` : null}</li>`;
}
