/** What was sent from this screen and what became of it. */
import { html } from "../lib.js";
import { dismiss, sent } from "../outbox.js";
import { Decision, FindingBadge } from "../decision.js";
import { openDrawer } from "../url.js";

/** @type {Record<string, string>} */
const WORDS = { waiting: "waiting for the server", accepted: "recorded", refused: "refused", failed: "not taken" };

export function SentList() {
  const list = [...sent.value].reverse();
  if (!list.length) return html`<p class="empty">Nothing was sent from this screen.</p>`;
  return html`<ul class="lines">${list.map((item) => html`<li key=${item.cmd} class=${`line-item edge-${item.state === "accepted" ? "none" : item.state === "waiting" ? "warn" : "bad"}`}><div class="line-open">
    <span class="line-top"><strong>${item.title}</strong><span class="line-when">${WORDS[item.state]}${item.seq ? html` <button type="button" class="linkish" onClick=${() => openDrawer("entry", String(item.seq))}>#${item.seq}</button>` : null}${item.state === "waiting" && item.tries > 1 ? ` · try ${item.tries}` : ""}</span></span>
    ${item.finding ? html`<span class="line-sub">How it stands: <${FindingBadge} kind=${item.finding.kind} /></span>` : null}
    ${item.state === "refused" && item.decision ? html`<${Decision} decision=${item.decision} />` : item.problem ? html`<p>${item.problem}</p>` : null}
    ${item.state === "waiting" ? null : html`<span class="line-acts"><button type="button" class="button small" onClick=${() => dismiss(item.cmd)}>Put away</button></span>`}
  </div></li>`)}</ul>`;
}

/** The latest answer, at the foot of the screen, until it is put away or a later one comes. */
export function SentStrip() {
  const item = sent.value[sent.value.length - 1];
  if (!item) return null;
  const waiting = sent.value.filter((one) => one.state === "waiting").length;
  return html`<div class=${`sent-strip sent-${item.state}`} role="status">
    <span><strong>${item.title}</strong>: ${WORDS[item.state]}${item.seq ? ` #${item.seq}` : ""}${waiting > 1 ? ` · ${waiting} waiting` : ""}</span>
    <button type="button" class="linkish" onClick=${() => openDrawer("sent")}>Details</button>
    ${item.state === "waiting" ? null : html`<button type="button" class="linkish" onClick=${() => dismiss(item.cmd)}>Put away</button>`}
  </div>`;
}
