/** What was captured on a locked tablet, in one's own name or in nobody's: read it, and take it as one's own. */
import { html, signal, useEffect, useState } from "../../static/lib.js";
import { call, incidentPath } from "../../static/api.js";
import { link } from "../../static/store.js";
import { tick } from "../../static/time.js";
import { here, incidentId } from "../state.js";
import { Says, Screen, at, kindOf } from "./parts.js";

/** What waits, as last heard. @type {import("../../static/lib.js").Signal<import("../../static/types.d.ts").HeldRow[]>} */
const held = signal([]);
const EVERY_TICKS = 20;

/** @returns {import("../../static/types.d.ts").HeldRow[]} */
export const useClaims = () => held.value;

async function learn() {
  try {
    held.value = (await call("GET", incidentPath(incidentId.peek(), "held"))).held ?? [];
  } catch {
    // Asked again at the next turn.
  }
}

/** Ask now and then, and whenever something here was recorded. Called once, by what is always on the screen. */
export function useLearnClaims() {
  const turn = Math.floor(tick.value / EVERY_TICKS);
  const live = link.state.value === "live";
  useEffect(() => { if (live && incidentId.value) void learn(); }, [turn, live, incidentId.value]);
}

export function Claims() {
  const rows = useClaims();
  const [taken, setTaken] = useState(/** @type {string[]} */ ([]));
  return html`<${Screen} title="Captured while locked" back="more">
    ${taken.length ? html`<div class="form-recorded" role="status">${taken.map((words) => html`<p key=${words}>✓ ${words}</p>`)}</div>` : null}
    <p class="muted">The server holds these until their author takes them. What you take is recorded in your name, with its first time; correct it afterwards as any record.</p>
    ${rows.length ? html`<ul class="plain">${rows.map((row) => html`<${Claim} key=${row.item} row=${row} taken=${(/** @type {string} */ words) => setTaken([...taken, words])} />`)}</ul>` : html`<p class="empty">Nothing waits for you.</p>`}</${Screen}>`;
}

/** @param {{row: any, taken: (words: string) => void}} props */
function Claim({ row, taken }) {
  const [said, setSaid] = useState(/** @type {any} */ (null));
  const [words, setWords] = useState("");
  const path = incidentPath(incidentId.value, `held/${row.item}`);
  async function look() {
    try {
      setSaid(await call("GET", path));
    } catch (error) {
      setWords(/** @type {Error} */ (error).message);
    }
  }
  async function take() {
    try {
      const { answer, files } = await call("POST", path, {});
      if (answer.status === "accepted" || answer.status === "duplicate") {
        await here().outbox.claimed(answer.cmd, answer, said.command, files, kindOf(row.type));
        await learn();
        taken(`${kindOf(row.type)}: recorded as #${answer.seq ?? answer.first?.seq} in your name.`);
      } else setWords(answer.problem ?? answer.status);
    } catch (error) {
      setWords(/** @type {Error} */ (error).message);
    }
  }
  return html`<li class="field-card"><p><strong>${kindOf(row.type)}</strong> <span class="muted">arrived ${at(row.received_at)}${row.author === "unclaimed" ? ", nobody named" : ", in your name"}</span></p>
    ${words ? html`<p role="alert" class="trouble">${words}</p>` : null}
    ${said ? html`<${Says} command=${said.command}><dt>happened</dt><dd>${at(said.occurred_at)}</dd></${Says}>
      <button type="button" class="button huge strong wide" onClick=${take}>This is mine: record it in my name</button>` : html`<button type="button" class="button big wide" onClick=${look}>Read it</button>`}</li>`;
}
