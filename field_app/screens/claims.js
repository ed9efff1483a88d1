/** What was captured on a locked tablet, in one's own name or in nobody's: read it, and take it as one's own. */
import { html, useEffect, useState } from "../../static/lib.js";
import { call, incidentPath } from "../../static/api.js";
import { link } from "../../static/store.js";
import { tick } from "../../static/time.js";
import { here, incidentId } from "../state.js";
import { Screen, at } from "./parts.js";

/** @returns {import("../../static/types.d.ts").HeldRow[]} */
export function useClaims() {
  const [rows, setRows] = useState(/** @type {any[]} */ ([]));
  const turn = Math.floor(tick.value / 20);
  const live = link.state.value === "live";
  useEffect(() => {
    if (!live || !incidentId.value) return;
    call("GET", incidentPath(incidentId.value, "held")).then((found) => setRows(found.held ?? []), () => {});
  }, [turn, live, incidentId.value, here().outbox.changes.value]);
  return rows;
}

export function Claims() {
  const rows = useClaims();
  return html`<${Screen} title="Captured while locked" back="more">
    <p class="muted">The server holds these until their author takes them. What you take is recorded in your name, with its first time; correct it afterwards as any record.</p>
    ${rows.length ? html`<ul class="plain">${rows.map((row) => html`<${Claim} key=${row.item} row=${row} />`)}</ul>` : html`<p class="empty">Nothing waits for you.</p>`}</${Screen}>`;
}

/** @param {{row: any}} props */
function Claim({ row }) {
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
        await here().outbox.claimed(answer.cmd, answer, said.command, files);
        setWords(`Recorded as #${answer.seq ?? answer.first?.seq} in your name.`);
      } else setWords(answer.problem ?? answer.status);
    } catch (error) {
      setWords(/** @type {Error} */ (error).message);
    }
  }
  return html`<li class="field-card"><p><strong>${row.type === "RecordArrest" ? "Arrest" : row.type === "AddAttachment" ? "Picture" : row.type === "RecordEntry" ? "Note" : row.type}</strong> <span class="muted">arrived ${at(row.received_at)}${row.author === "unclaimed" ? ", nobody named" : ""}</span></p>
    ${words ? html`<p role="status">${words}</p>` : null}
    ${said ? html`<dl class="says">${Object.entries(said.command).filter(([name, value]) => !["type", "arrest", "subject", "attachment", "sha256"].includes(name) && value).map(([name, value]) => html`<dt>${name.replaceAll("_", " ")}</dt><dd>${typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>`)}<dt>happened</dt><dd>${at(said.occurred_at)}</dd></dl>
      <button type="button" class="button huge strong wide" onClick=${take}>This is mine: record it in my name</button>` : html`<button type="button" class="button big wide" onClick=${look}>Read it</button>`}</li>`;
}
