/** One sector: what is in force, what that permits, who may change it, and the acts. */
import { html } from "../lib.js";
import { may, ownShare, rows } from "../store.js";
import { Age, Countdown, LevelBadge, Time, isLapsed, levelTitle, plural } from "../parts.js";
import { Rules, WhoText, agencyName } from "../decision.js";
import { Ground } from "./ground.js";
import { Permits } from "./permits.js";
import { openDrawer, setParams } from "../url.js";
import { wordFor } from "../plan.js";

/** @param {{id: string}} props */
export function SectorDetail({ id }) {
  const sector = /** @type {import("../types.d.ts").SectorRow | undefined} */ (rows("sectors")[id]);
  if (!sector) return html`<p class="empty">There is no sector ${id} on this board.</p>`;
  const lapsed = isLapsed(sector);
  const rung = /** @type {import("../types.d.ts").LevelRow | undefined} */ (rows("levels")[sector.level]);
  const named = new Map(rung?.indicators ?? []);
  return html`<div class="detail">
    <div class=${`in-force${lapsed ? " in-force-lapsed" : ""}`}>
      <${LevelBadge} order=${sector.level_order} id=${sector.level} lapsed=${lapsed} big />
      <div><p class="in-force-name">${levelTitle(sector.level, sector.level_name)}</p>
        <p>${sector.name} · since <${Time} at=${sector.since} seconds /> · <${Age} at=${sector.since} /></p>
        <p>${sector.until ? html`<${Countdown} until=${sector.until} soon_s=${900} over="since it lapsed" /> · until <${Time} at=${sector.until} />` : "No end is set by the plan."}</p></div>
    </div>
    ${lapsed ? html`<p class="lapse-note"><strong>Lapsed.</strong> The level stays on record and permits nothing until it is renewed.</p>` : null}
    <${Acts} id=${id} />
    <dl class="facts">
      <dt>On whose authority</dt><dd><${WhoText} who=${sector.by} none="the plan’s lowest level" /></dd>
      <dt>On which facts</dt><dd>${sector.why ? html`<q>${sector.why}</q>` : html`<span class="muted">none on record, or not shown to your role</span>`}</dd>
      ${sector.indicators?.length ? html`<dt>Signs named</dt><dd><ul>${sector.indicators.map((one) => html`<li key=${one}>${named.get(one) ?? wordFor("findings", one)}</li>`)}</ul></dd>` : null}
      <dt>Warnings</dt><dd>${plural(sector.warnings ?? 0, "warning")}${sector.last_warning_at ? html`, last <${Time} at=${sector.last_warning_at} /> (<${Age} at=${sector.last_warning_at} />)` : null}</dd>
      <dt>Reports not authorized</dt><dd>${sector.unauthorized ?? 0}${ownShare() ? " that your agency is shown" : ""}</dd>
      <dt>Recorded as</dt><dd>${sector.seq ? html`<button type="button" class="linkish" onClick=${() => openDrawer("entry", String(sector.seq))}>#${sector.seq}</button>` : "–"}
        <button type="button" class="linkish" onClick=${() => setParams({ s: id })}>show only ${id} in the feed</button></dd>
    </dl>
    ${rung ? html`<h3>What this level permits${lapsed ? " once renewed" : ""}</h3><p>${rung.says}</p>
      ${rung.permits?.length ? html`<ul class="permits">${rung.permits.map((one) => html`<li key=${one}>${one}</li>`)}</ul>` : html`<p class="muted">The plan lists nothing here.</p>`}
      ${rung.who_may?.length ? html`<h3>Who may set it</h3><ul>${rung.who_may.map((one) => html`<li key=${one}>${one}</li>`)}</ul>` : null}
      <${Rules} rules=${rung.rules} />` : null}
    <${Permits} id=${id} />
    <${Ground} id=${id} />
    <${SectorUnits} id=${id} />
  </div>`;
}

/** @param {{id: string}} props */
function Acts({ id }) {
  const acts = [
    (may("RaiseLevel") || may("AskLevel")) && ["level", "Change the level…"],
    may("RenewLevel") && ["renew", "Renew…"],
  ].filter(Boolean);
  if (!acts.length) return null;
  return html`<div class="acts">${acts.map((/** @type {any} */ [kind, words]) => html`<button key=${kind} type="button" class="button" onClick=${() => openDrawer(kind, id)}>${words}</button>`)}</div>`;
}

/** @param {{id: string}} props */
function SectorUnits({ id }) {
  const units = Object.values(rows("units")).filter((unit) => unit.sector === id && !unit.released);
  return html`<h3>Units here</h3>${units.length ? html`<ul class="plain">${units.map((unit) => html`<li key=${unit.id}><strong>${unit.name}</strong> <span class="muted">${unit.kind.replaceAll("-", " ")} · ${agencyName(unit.agency)}</span> ${unit.assignment ?? ""}</li>`)}</ul>` : html`<p class="muted">${ownShare() ? "None of yours." : "None."}</p>`}`;
}
