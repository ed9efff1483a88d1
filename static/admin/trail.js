/** The audit trail: who did, saw, exported and tried; looked through by what each entry holds. Reading it leaves an entry. */
import { html, useEffect, useState } from "../lib.js";
import { call } from "../api.js";
import { Input, Trouble } from "../sign_in/proof.js";
import { sentence } from "../sign_in/ways.js";
import { Second } from "../sign_in/times.js";
import { Pick } from "./parts.js";

const TONES = /** @type {Record<string, string>} */ ({ ok: "badge-ok", denied: "badge-bad", refused: "badge-warn", failed: "badge-bad" });
const WANTED = { who: "", action: "", object: "", outcome: "" };

/** @param {{at: string}} props */
export function Trail({ at }) {
  const [wanted, setWanted] = useState(() => ({ ...WANTED, ...Object.fromEntries(new URLSearchParams(at)) }));
  const [entries, setEntries] = useState(/** @type {any[]} */ ([]));
  const [before, setBefore] = useState(/** @type {number | null} */ (null));
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => { void search(null); }, []);
  /** @param {number | null} from */
  async function search(from) {
    setBusy(true);
    setWords("");
    try {
      const query = new URLSearchParams(Object.entries(wanted).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
      if (from) query.set("before", String(from));
      query.set("limit", "100");
      const page = await call("GET", `/api/audit?${query}`);
      setEntries(from ? [...entries, ...page.entries] : page.entries);
      setBefore(page.before ?? null);
    } catch (error) {
      setWords(sentence(error, "make"));
    }
    setBusy(false);
  }
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setWanted({ ...wanted, [name]: value });
  return html`<section class="desk-card" aria-labelledby="trail"><h2 id="trail">Audit trail</h2>
    <form class="desk-form" novalidate autocomplete="off" onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); void search(null); }}>
      <${Input} id="f-who" label="Who" hint="A person's id; - is nobody signed in." value=${wanted.who} change=${set("who")} autocomplete="off" />
      <${Input} id="f-action" label="Act" hint="Its whole name, like user.invite." value=${wanted.action} change=${set("action")} autocomplete="off" />
      <${Input} id="f-object" label="Upon" hint="An incident's or a person's id." value=${wanted.object} change=${set("object")} autocomplete="off" />
      <${Pick} id="f-outcome" label="Outcome" hint="Of the act." value=${wanted.outcome} change=${set("outcome")} options=${[["", "any"], ["ok", "done"], ["refused", "refused by the plan"], ["denied", "denied by access"], ["failed", "failed"]]} />
      <div class="full"><button type="submit" class="button strong" disabled=${busy}>Look</button></div></form>
    <${Trouble} words=${words} />
    <table class="desk-table"><caption class="sr">Entries, newest first</caption><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Act</th><th scope="col">Upon</th><th scope="col">Outcome</th><th scope="col">From</th></tr></thead>
      <tbody>${entries.map(({ n, entry }) => html`<tr key=${n}><td data-label="When"><${Second} at=${entry.at} /></td><td data-label="Who">${entry.who}</td><td data-label="Act"><span>${entry.action}${entry.detail ? html`<br /><span class="muted">${entry.detail}</span>` : null}</span></td><td data-label="Upon">${entry.object}</td><td data-label="Outcome"><span class=${`badge ${TONES[entry.outcome] ?? ""}`}>${entry.outcome}</span></td><td data-label="From">${entry.source}</td></tr>`)}</tbody></table>
    ${entries.length || busy ? null : html`<p class="muted">No entry fits.</p>`}
    ${before ? html`<p><button type="button" class="button" disabled=${busy} onClick=${() => search(before)}>Older entries</button></p>` : null}</section>`;
}
