/** Reports that need a look. Nothing here was refused: it happened, and this is how it stands. */
import { html, useState } from "../lib.js";
import { ownShare, rows, shown as isShown } from "../store.js";
import { Age, Empty, Panel, Time, sectorName } from "../parts.js";
import { FINDINGS, FindingBadge, OriginMark } from "../decision.js";
import { openDrawer } from "../url.js";

const FEW = 4; // the newest: what is owed stands below them and must stay in sight; the rest is one press away

/** @param {string} kind */
const weight = (kind) => (FINDINGS[kind]?.[0] === "bad" ? 0 : 1);

export function Findings() {
  const [all, setAll] = useState(false);
  if (!isShown("findings")) return null;
  const list = Object.values(rows("findings")).sort((a, b) => weight(a.finding.kind) - weight(b.finding.kind) || b.seq - a.seq);
  const bad = list.filter((one) => weight(one.finding.kind) === 0).length;
  const shown = all ? list : list.slice(0, FEW);
  return html`<${Panel} id="findings" title="Reports that need a look" class="findings" scroll=${false}
    count=${bad ? html`<span class="badge badge-bad">${bad} not authorized</span>` : list.length}>
    ${list.length ? html`<ul class="lines">${shown.map((one) => html`<${FindingLine} key=${one.id} one=${one} />`)}</ul>` : html`<${Empty}>${ownShare() ? "None that your agency is shown." : "None."}<//>`}
    ${list.length > FEW ? html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show all ${list.length}`}</button>` : null}
  <//>`;
}

/** @param {{one: import("../types.d.ts").FindingRow}} props */
function FindingLine({ one }) {
  const tone = FINDINGS[one.finding.kind]?.[0] ?? "warn";
  return html`<li class=${`line-item edge-${tone}`}><button type="button" class="line-open" onClick=${() => openDrawer("entry", String(one.seq))}>
    <span class="line-top"><${FindingBadge} kind=${one.finding.kind} /><${OriginMark} origin=${one.origin} /></span>
    <span class="line-text">${one.what}</span>
    <span class="line-sub">${[one.sector && sectorName(one.sector), one.officer && `officer ${one.officer}`, `#${one.seq}`].filter(Boolean).join(" · ")} · <${Time} at=${one.at} /> · <${Age} at=${one.at} /></span>
  </button></li>`;
}
