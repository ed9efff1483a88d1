/** What is held back of devices' statements: whose and of what kind, and letting each in or turning it down, with a reason. */
import { html, useState } from "../lib.js";
import { Problem } from "../api.js";
import { callProved } from "../step_up.js";
import { Trouble } from "../sign_in/proof.js";
import { sentence } from "../sign_in/ways.js";
import { Second } from "../sign_in/times.js";
import { Sure, useAct, useFetch } from "./parts.js";

/** @type {Record<string, string>} */
const CAUSES = { revoked: "its device is revoked", author: "nobody can vouch for its author", access: "its author could not report this then", time: "it was signed before its device was here" };

/** @param {{at: string}} props */
export function Held({ at }) {
  const [found, words, again] = useFetch("/api/quarantine");
  const places = found?.incidents ?? [];
  const log = decodeURIComponent(at) || (places.length === 1 ? places[0].incident : "");
  const waiting = places.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.waiting, 0);
  return html`<section class="desk-card" aria-labelledby="held"><h2 id="held">Held back <span class="panel-count">${waiting}</span></h2><${Trouble} words=${words} />
    <p>Records that a revoked device sent, or that nobody can vouch for. They are kept complete; none is let in by itself and none is lost.</p>
    ${places.length ? html`<ul>${places.map((/** @type {any} */ one) => html`<li class="desk-row" key=${one.incident}><div><a class="linkish" aria-current=${one.incident === log ? "true" : undefined} href=${`#held/${encodeURIComponent(one.incident)}`}>Incident ${one.incident}</a></div><span class="badge badge-bad">${one.waiting} wait</span></li>`)}</ul>` : html`<p class="muted">${found ? "Nothing waits for a decision." : "One moment…"}</p>`}</section>
    ${log ? html`<${OfIncident} key=${log} log=${log} changed=${again} />` : null}`;
}

/** @param {{log: string, changed: () => Promise<void>}} props */
function OfIncident({ log, changed }) {
  const base = `/api/incidents/${encodeURIComponent(log)}/quarantine`;
  const [found, words, again] = useFetch(base);
  const rows = found?.held ?? [];
  const both = async () => { await Promise.all([again(), changed()]); };
  return html`<section class="desk-card" aria-labelledby="held-of"><h2 id="held-of">Incident <code>${log}</code></h2><${Trouble} words=${words} />
    ${devicesOf(rows).map(([device, waiting]) => html`<${Whole} key=${device} device=${device} rows=${waiting} base=${base} changed=${both} />`)}
    ${rows.length ? html`<ul>${rows.map((/** @type {any} */ one) => html`<${Item} key=${one.item} row=${one} base=${base} changed=${both} />`)}</ul>` : html`<p class="muted">${found ? "Nothing was held back here." : "One moment…"}</p>`}</section>`;
}

const MOST = 200; // as the server takes it (command/devices/deciding.py)

/** Devices of which several wait, with what waits, in their own order. @param {any[]} rows @returns {[string, any[]][]} */
function devicesOf(rows) {
  /** @type {Map<string, any[]>} */
  const all = new Map();
  for (const one of rows) if (!one.outcome) all.set(one.device, [...(all.get(one.device) ?? []), one]);
  return [...all].filter(([, waiting]) => waiting.length > 1);
}

/**
 * All that waits of one device, as it stands on this screen, with one reason. Neither decision is the default, and each is asked
 * for twice: it is for good, and for many.
 * @param {{device: string, rows: any[], base: string, changed: () => Promise<void>}} props
 */
function Whole({ device, rows, base, changed }) {
  const [reason, setReason] = useState("");
  const [stayed, setStayed] = useState(/** @type {any[] | null} */ (null));
  const { busy, words, go, Said } = useAct();
  const named = rows.slice(0, MOST);
  const about = named.filter((one) => one.person).length;
  const id = `f-all-${device}`;
  /** @param {"release" | "reject"} decision */
  const decide = async (decision) => {
    setStayed(null);
    const made = await go("", () => callProved(decision === "release" ? "Letting records in" : "Turning records down", "POST", base, { device, items: named.map((one) => one.item), decision, reason: reason.trim() }));
    if (!made) return;
    setStayed(made.settled.filter((/** @type {any} */ one) => !one.outcome));
    setReason("");
    await changed();
  };
  const sum = `${named.length} records of ${device}, numbers ${named[0].device_seq} to ${named.at(-1).device_seq}`;
  const idle = busy || !reason.trim();
  return html`<form class="held-decision" aria-labelledby=${`${id}-title`} onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}><h3 id=${`${id}-title`}>All of device <code>${device}</code>: ${named.length} wait</h3>
    <p class="muted">${rows.length > MOST ? `The first ${MOST} of ${rows.length}, in its order. ` : ""}${about ? `${about} about a person. ` : ""}Those that stand below, and none that comes later; each gets its own entry.</p>
    <div class="field"><label for=${id}>Why, for all of them</label><p class="hint" id=${`${id}-hint`}>It is kept with each record, and each author can read it. Ask them in person first.</p><textarea id=${id} rows="2" maxlength="8000" aria-describedby=${`${id}-hint`} value=${reason} onInput=${(/** @type {any} */ e) => setReason(e.currentTarget.value)}></textarea></div>
    <div class="desk-acts"><${Sure} words="Let all in" sure=${`Let in ${sum}?`} disabled=${idle} act=${() => decide("release")} /><${Sure} words="Turn all down" sure=${`Turn down ${sum}?`} disabled=${idle} act=${() => decide("reject")} /></div>${words ? Said : null}
    ${stayed?.length ? html`<div role="alert"><p>${stayed.length} could not be decided and wait on:</p><ul>${stayed.map((one) => html`<li key=${one.item}>number ${one.device_seq ?? "not known"}: ${one.problem}</li>`)}</ul></div>` : null}</form>`;
}

/** @param {{row: any, base: string, changed: () => Promise<void>}} props */
function Item({ row, base, changed }) {
  const [reason, setReason] = useState("");
  const [said, setSaid] = useState(/** @type {any} */ (null));
  const { busy, words, go, Said } = useAct();
  const place = `${base}/${encodeURIComponent(row.item)}`;
  const id = `f-${row.item}`;
  /** @param {"release" | "reject"} decision */
  const decide = async (decision) => {
    const made = await go("", () => callProved(decision === "release" ? "Letting a record in" : "Turning a record down", "POST", place, { decision, reason: reason.trim() }));
    const answer = made?.answers?.[0];
    if (answer && !["accepted", "refused", "duplicate"].includes(answer.status)) await go("", () => Promise.reject(new Problem(400, { detail: `It waits on: ${answer.problem || answer.status}` })));
    else if (made) await changed();
  };
  async function read() {
    try {
      setSaid(await callProved("Reading a held record", "GET", place));
    } catch (error) {
      setSaid({ no: error instanceof Problem && error.status === 403 ? "What it says is for the incident's command alone." : sentence(error, "make") });
    }
  }
  return html`<li class="desk-row held-item"><div><strong>${row.type.replace(/(?<=[a-z])(?=[A-Z])/g, " ")}${row.person ? html` <span class="badge badge-bad">about a person</span>` : null}</strong>
      <span>by ${row.author} · device <code>${row.device}</code>, number ${row.device_seq}</span><span class="muted">came <${Second} at=${row.received_at} /> · ${CAUSES[row.cause] ?? row.cause}</span>
      ${said ? html`<pre class="held-words">${said.no ?? JSON.stringify(said.command, null, 1)}</pre>` : null}</div>
    ${row.outcome ? html`<p><span class=${`badge ${row.outcome === "released" ? "badge-ok" : "badge-bad"}`}>${row.outcome === "released" ? "let in" : "turned down"}</span> <span class="muted">by ${row.decided_by}, <${Second} at=${row.decided_at} /></span></p>`
      : html`<form class="held-decision" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()}><div class="field"><label for=${id}>Why</label><p class="hint" id=${`${id}-hint`}>It is kept with the record, and its author can read it. Ask them in person first.</p><textarea id=${id} rows="2" maxlength="8000" aria-describedby=${`${id}-hint`} value=${reason} onInput=${(/** @type {any} */ e) => setReason(e.currentTarget.value)}></textarea></div>
        <div class="desk-acts"><button type="button" class="button" disabled=${busy || !reason.trim()} onClick=${() => decide("release")}>Let it in</button><button type="button" class="button danger" disabled=${busy || !reason.trim()} onClick=${() => decide("reject")}>Turn it down</button><button type="button" class="button quiet" disabled=${busy} onClick=${read}>What it says</button></div>${words ? Said : null}</form>`}</li>`;
}
