/** Two accounts that read nearly the same, side by side, for whoever may compare them. A question, not an answer. */
import { html, useEffect, useState } from "../lib.js";
import { call } from "../api.js";
import { openPage } from "../url.js";
import { arrestsPath, shortNumber } from "../arrests.js";
import { Part } from "./record.js";

/** @typedef {import("../types.d.ts").AlikeView} AlikeView */
/** @typedef {import("../types.d.ts").AccountView} AccountView */

/** @param {{id: string, data: import("../types.d.ts").RecordView}} props */
export function Alike({ id, data }) {
  const others = [...new Set((data.alike ?? []).map((one) => { const said = /** @type {any} */ (one.public ?? {}); return said.other === id ? said.arrest : said.other; }).filter(Boolean))];
  if (!others.length) return null;
  // Whoever wrote one of the two is told that there is a pair, and reads their own account alone.
  if (!data.record.alike) return html`<${Part} title="It reads nearly like another account" id="rec-alike"><p class="warn-text">A supervisor compares the two. Write what this person did in words of its own; what you wrote first stays readable.</p><//>`;
  return html`<${Part} title=${others.length === 1 ? "An account that reads nearly the same" : `${others.length} accounts that read nearly the same`} id="rec-alike"><p class="small muted">Officers who stood side by side may have seen the same. What each person did has to be each person’s own.</p>
    ${others.map((other) => html`<${Pair} key=${other} id=${id} other=${other} />`)}<//>`;
}

/** @param {{id: string, other: string}} props */
function Pair({ id, other }) {
  const [found, setFound] = useState(/** @type {{data: AlikeView | null, trouble: string}} */ ({ data: null, trouble: "" }));
  useEffect(() => {
    let here = true;
    call("GET", arrestsPath(`arrests/${encodeURIComponent(id)}/alike/${encodeURIComponent(other)}`)).then((data) => { if (here) setFound({ data, trouble: "" }); }, (error) => { if (here) setFound({ data: null, trouble: error.message }); });
    return () => { here = false; };
  }, [id, other]);
  if (!found.data) return html`<p class="muted" role="status">${found.trouble || "Fetching…"}</p>`;
  const { one, other: two, likeness } = found.data;
  return html`<div class="alike"><p class="small"><strong>${Math.round(likeness * 100)} %</strong> of the runs of words are in both.</p><div class="alike-pair"><${Account} one=${one} /><${Account} one=${two} /></div></div>`;
}

/** @param {{one: AccountView}} props */
function Account({ one }) {
  return html`<figure class="alike-account"><figcaption><button type="button" class="linkish" onClick=${() => openPage("record", one.arrest)}>Record ${shortNumber(one.number)}</button> · ${one.officer.name || one.officer.person} · ${one.field} · #${one.seq}</figcaption>
    ${one.withheld ? html`<p class="withheld">▒ not shown to your role</p>` : html`<blockquote>${marked(one.text ?? "", one.shared ?? [])}</blockquote>`}</figure>`;
}

/** The runs that both have, marked. @param {string} text @param {readonly (readonly [number, number])[]} shared */
function marked(text, shared) {
  const out = [];
  let at = 0;
  for (const [from, to] of shared) {
    if (from > at) out.push(text.slice(at, from));
    out.push(html`<mark key=${from}>${text.slice(from, to)}</mark>`);
    at = to;
  }
  out.push(text.slice(at));
  return out;
}
