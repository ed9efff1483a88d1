/** The board of levels: what is in force in each sector, since when, until when and why. Trouble stands on top. */
import { html } from "../lib.js";
import { may, ownShare, rows, world, zone } from "../store.js";
import { zoneName } from "../time.js";
import { Countdown, Empty, LevelBadge, Panel, Time, isLapsed, levelClass, levelTitle, plural, sectorOrder } from "../parts.js";
import { openDrawer } from "../url.js";

export function Sectors() {
  const list = sectorOrder(rows("sectors"));
  const lowest = Math.min(...Object.values(rows("levels")).map((rung) => rung.order), 1);
  const lapsed = list.filter(isLapsed).length;
  return html`<${Panel} id="sectors" title="Levels by sector" class="sectors" tools=${html`<span class="muted small">times ${zoneName(world.value.clock.now(), zone())}</span>`} count=${lapsed ? html`<span class="badge badge-bad">${lapsed} lapsed</span>` : list.length || null}>
    ${list.length ? html`<ol class="sector-list">${list.map((sector, i) => html`<${SectorItem} key=${sector.id} sector=${sector} n=${i + 1} lowest=${lowest} />`)}</ol>`
      : html`<${Empty}>No sector is defined yet.<//>`}
  <//>`;
}

/** @param {{sector: import("../types.d.ts").SectorRow, n: number, lowest: number}} props */
function SectorItem({ sector, n, lowest }) {
  const lapsed = isLapsed(sector);
  const quiet = !lapsed && sector.level_order <= lowest + 1 && !sector.unauthorized;
  const title = sector.name === sector.id ? sector.id : `${sector.id} · ${sector.name}`;
  return html`<li class=${`sector tint-${levelClass(sector.level_order)}${lapsed ? " sector-lapsed" : ""}${quiet ? " sector-quiet" : ""}`}>
    <button type="button" class="sector-open" data-sector=${sector.id} onClick=${() => openDrawer("sector", sector.id)}>
      <${LevelBadge} order=${sector.level_order} id=${sector.level} lapsed=${lapsed} big=${!quiet} />
      <span class="sector-main">
        <span class="sector-title"><strong>${title}</strong>${n <= 9 ? html` <kbd class="sector-key" aria-hidden="true">${n}</kbd>` : null}</span>
        <span class="sector-level"><span class="sr">Level: </span>${levelTitle(sector.level, sector.level_name)}${quiet ? html`<span class="muted">${sector.units ? ` · ${plural(sector.units, "unit")}` : ""}</span>` : null}</span>
      </span>
      <span class="sector-time">${sector.until ? html`<${Countdown} until=${sector.until} soon_s=${900} over="ago" />` : null}<span class="muted small">since <${Time} at=${sector.since} zoned=${false} /></span></span>
      ${quiet ? null : html`<span class="sector-why"><span class="sector-words">${sector.by ? sector.by.name || sector.by.person : "as opened"}${sector.why ? html`: <q>${sector.why}</q>` : null}</span></span>`}
      ${quiet ? null : html`<span class="sector-facts"><span>${sector.units || !ownShare() ? plural(sector.units ?? 0, "unit") : "none of your units"}${sector.last_warning_at ? html` · warned <${Time} at=${sector.last_warning_at} zoned=${false} />` : null}</span>
          ${sector.unauthorized ? html` <span class="badge badge-bad"><span aria-hidden="true">✕ </span>${sector.unauthorized} not authorized</span>` : null}</span>`}
    </button>
    ${lapsed ? html`<div class="sector-lapse"><strong>Lapsed: permits nothing until renewed.</strong>
      ${may("RenewLevel") ? html`<button type="button" class="button small" onClick=${() => openDrawer("renew", sector.id)}>Renew…</button>` : null}</div>` : null}
  </li>`;
}
