/** After the tap: that it is kept, what has become of it since, and what often comes next. */
import { html, useEffect, useState } from "../../static/lib.js";
import { go } from "../address.js";
import { here } from "../state.js";
import { Screen } from "./parts.js";
import { WarningClocks, rememberHeard, rememberWarning } from "./warned.js";

/** What one tap has made. @typedef {{made: any[], saved_ms: number, seqs: number[]}} Kept `saved_ms`: from the tap until it was on the disk */

/** What was written of a person in this sitting, for the code that is shown before the server has answered. @type {Map<string, {wristband: string, subject: string, needs: string, since: string}>} */
const said = new Map();

/** @param {string} arrest */
export const saidOf = (arrest) => said.get(arrest);

/** Whether this tablet has written an arrest under that wristband, in this sitting: the board may not know it yet. @param {string} number */
export const bandSaid = (number) => number !== "" && [...said.values()].some((one) => one.wristband === number);

/** Keep what the next screen needs before the board has it. @param {any[]} made @param {number} occurred_ms */
export async function remember(made, occurred_ms) {
  for (const one of made) {
    if (one.type === "RecordArrest") said.set(one.arrest, { wristband: one.wristband ?? "", subject: one.subject, needs: [one.injured ? "hurt" : "", one.needs].filter(Boolean).join("; "), since: new Date(occurred_ms).toISOString() });
    if (one.type === "ReportWarning") await rememberWarning(one, occurred_ms);
    if (one.type === "ReportAudibility") await rememberHeard(one, occurred_ms);
  }
}

/** @type {Record<string, [string, string]>} words, and the tone */
const BECAME = { waiting: ["waits for the line", "muted"], sent: ["is on its way", "muted"], held: ["is held back at the server: see Sent", "warn-text"], declined: ["was held back and turned down: see Sent", "bad-text"], refused: ["was refused: see Sent", "bad-text"], returned: ["came back: open it under Sent and mend it", "bad-text"] };

/** @param {{seq: number}} props its number on this tablet */
function Became({ seq }) {
  const outbox = here().outbox;
  const [row, setRow] = useState(/** @type {import("../outbox_rows.js").Row | null} */ (null));
  useEffect(() => { void outbox.rows(50).then((rows) => setRow(rows.find((one) => one.device_seq === seq) ?? null)); }, [outbox.changes.value]);
  if (!row) return null;
  if (row.state === "accepted") return html`<p class="ok-text" data-state="accepted">✓ Recorded as #${row.log_seq}.</p>`;
  const [words, tone] = BECAME[row.state] ?? [row.state, "muted"];
  return html`<p class=${tone} data-state=${row.state}>It ${words}.${row.state === "waiting" ? " It goes out by itself, in the order in which you wrote." : ""}</p>`;
}


/** What has become of the pictures and the sound that go with it. @param {{seqs: number[]}} props */
function Follow({ seqs }) {
  const outbox = here().outbox;
  const [files, setFiles] = useState({ all: 0, left: 0 });
  useEffect(() => {
    void outbox.rows(50).then((rows) => {
      const left = rows.filter((one) => seqs.includes(one.device_seq)).reduce((sum, one) => sum + one.files, 0);
      setFiles((before) => ({ all: Math.max(before.all, left), left }));
    });
  }, [outbox.changes.value]);
  if (!files.all) return null;
  return files.left ? html`<p class="muted" data-follow=${files.left}>${files.left === 1 ? "One file follows" : `${files.left} files follow`} by ${files.left === 1 ? "itself" : "themselves"}, after the record.</p>` : html`<p class="ok-text" data-follow="0">✓ What was taken with it is at the server.</p>`;
}

/** @param {{spec: import("../forms.js").Spec, kept: Kept, top: any, again: () => void}} props */
export function Saved({ spec, kept, top, again }) {
  const arrest = kept.made.find((one) => one.type === "RecordArrest");
  const next = spec.after?.(String(kept.made[0]?.arrest ?? "")).filter((one) => one.open) ?? [];
  return html`<${Screen} title=${spec.title}><div class="form-recorded" role="status" tabindex="-1" ref=${top} data-took-ms=${kept.saved_ms.toFixed(1)}>
    <p class="recorded">✓ Kept on this tablet, signed and sealed.</p><${Became} seq=${kept.seqs[0]} /><${Follow} seqs=${kept.seqs} /></div>
    ${["ReportWarning", "ReportAudibility"].includes(kept.made[0]?.type) ? html`<${WarningClocks} sector=${kept.made[0].sector} again=${again} />` : null}
    <div class="field-acts field-acts-tall"><button type="button" class="button huge strong" onClick=${() => go("")}>Done</button>
      ${arrest ? html`<button type="button" class="button huge" onClick=${() => go("new", `show~${arrest.arrest}`)}>Show its code for a hand-over</button>` : null}
      ${next.map((one) => html`<button type="button" key=${one.words} class="button huge" onClick=${() => go("new", (one.open ?? []).filter(Boolean).join("~"))}>${one.words}</button>`)}
      <button type="button" class="button huge" onClick=${again}>Another</button></div></${Screen}>`;
}
