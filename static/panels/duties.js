/** What is owed, by whom and until when. Overdue stands on top and stands out; done stays on record. */
import { html, useState } from "../lib.js";
import { may, rows, shown as isShown } from "../store.js";
import { Age, Countdown, Empty, Panel, Time, secondsLeft } from "../parts.js";
import { openDrawer } from "../url.js";

const FEW = 12;

/** @param {any} duty */
const due = (duty) => (duty.due ? Date.parse(duty.due) : Infinity);

export function Duties() {
  const [all, setAll] = useState(false);
  if (!isShown("duties")) return null;
  const every = Object.values(rows("duties"));
  const open = every.filter((duty) => !duty.done_at).sort((a, b) => due(a) - due(b));
  const done = every.filter((duty) => duty.done_at).sort((a, b) => Date.parse(b.done_at) - Date.parse(a.done_at));
  const overdue = open.filter((duty) => duty.due && secondsLeft(duty.due) <= 0).length;
  const shown = all ? [...open, ...done] : open.slice(0, FEW);
  const hidden = every.length - shown.length;
  return html`<${Panel} id="duties" title="Duties" class="duties" scroll=${false} count=${overdue ? html`<span class="badge badge-bad">${overdue} overdue</span>` : open.length}>
    ${open.length ? null : html`<${Empty}>Nothing is owed.<//>`}
    <ul class="lines">${shown.map((duty) => html`<${DutyLine} key=${duty.id} duty=${duty} />`)}</ul>
    ${hidden > 0 || all ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show ${hidden} more (${done.length} done)`}</button>` : null}
  <//>`;
}

/** @param {{duty: import("../types.d.ts").DutyRow}} props */
function DutyLine({ duty }) {
  const over = !duty.done_at && !!duty.due && secondsLeft(duty.due) <= 0;
  return html`<li class=${`line-item duty ${duty.done_at ? "duty-done" : over ? "edge-bad" : "edge-none"}`}>
    <div class="line-open duty-grid">
      <span class="line-text">${duty.says}</span>
      <span class="line-when">${duty.done_at ? html`done <${Time} at=${duty.done_at} />` : duty.due ? html`<${Countdown} until=${duty.due} soon_s=${600} over="overdue" />` : html`<span class="muted">no time set</span>`}</span>
      <span class="line-sub">Owed by ${duty.owed_by.replaceAll("-", " ")}${duty.sector ? ` · ${duty.sector}` : ""} · began <${Age} at=${duty.started_at} />
        ${duty.seq ? html` · <button type="button" class="linkish" onClick=${() => openDrawer("entry", String(duty.seq))}>#${duty.seq}</button>` : null}</span>
      ${!duty.done_at && may("DischargeDuty") ? html`<button type="button" class="button small duty-act" onClick=${() => openDrawer("duty", duty.id)} aria-label=${`Done: ${duty.says}`}>Done…</button>` : null}
    </div>
  </li>`;
}
