/** The code of a person who is handed over: number, record, since when, what cannot wait. Read by the next tablet with no network. */
import { html } from "../../static/lib.js";
import { rows } from "../../static/store.js";
import { drawn, written } from "../codes.js";
import { Screen, at } from "./parts.js";
import { saidOf } from "./saved.js";

/** @param {import("../codes.js").Carried} props */
export function Code({ band, arrest, subject, since, needs }) {
  const { size, dark } = drawn(written({ band, arrest, subject, since, needs }));
  const squares = [];
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) if (dark(x, y)) squares.push(`M${x} ${y}h1v1h-1z`);
  return html`<svg class="person-code" viewBox=${`-2 -2 ${size + 4} ${size + 4}`} role="img" aria-label=${`Code of ${band || "this person"}`}><rect x="-2" y="-2" width=${size + 4} height=${size + 4} fill="#fff" /><path d=${squares.join("")} fill="#000" /></svg>`;
}

/** What was just written comes first: the board may not have it yet. @param {{arrest: string}} props */
export function ShowCode({ arrest }) {
  const said = saidOf(arrest);
  const row = /** @type {any} */ (rows("arrests")[arrest]) ?? {};
  const band = said?.wristband ?? row.wristband ?? "";
  const since = said?.since ?? row.at ?? "";
  return html`<${Screen} title="Hand over"><p>Hold this in front of the next tablet's camera.</p>
    <${Code} band=${band} arrest=${arrest} subject=${said?.subject ?? row.subject ?? ""} since=${since} needs=${said?.needs ?? ""} />
    <p class="band-number">${band || "no wristband"}</p><p>${since ? `In custody since ${at(since)}` : ""}</p>${said?.needs ? html`<p class="told"><strong>Cannot wait:</strong> ${said.needs}</p>` : null}</${Screen}>`;
}
