/**
 * The last card of what the plan does not bar, as the server judged it. The tablet never judges: it shows the answer with its age,
 * and says when it is too old to go by.
 */
import { html, useEffect, useState } from "../../static/lib.js";
import { call, incidentPath } from "../../static/api.js";
import { EFFECT, MissingLine } from "../../static/decision.js";
import { link, rows } from "../../static/store.js";
import { sectorName } from "../../static/parts.js";
import { tick } from "../../static/time.js";
import { go } from "../address.js";
import { isStale, keepSeen, lastSeen } from "../cache.js";
import { here, incidentId } from "../state.js";
import { Screen, ago } from "./parts.js";
import { myUnit } from "./work.js";

const STALE_S = 60; // as an ask goes stale by default

const LOOK_S = 15; // while it is on the screen

/** The last card of a sector, asked for again every so often while there is a line. @param {string} sector @param {number} every_s @returns {{seen: import("../cache.js").Seen<any> | null, stale: boolean, live: boolean}} */
export function useCard(sector, every_s) {
  const [found, setFound] = useState(/** @type {{name: string, seen: import("../cache.js").Seen<any>} | null} */ (null));
  const live = link.state.value === "live";
  const name = `permits:${incidentId.value}:${sector}`;
  const turn = live ? Math.floor(tick.value / every_s) : 0;
  useEffect(() => {
    let over = false;
    const one = here();
    async function look() {
      const before = await lastSeen(one.db, one.keys, name);
      if (!over && before) setFound({ name, seen: before });
      if (!live || !sector) return;
      try {
        const value = await call("GET", incidentPath(incidentId.peek(), `permits?sector=${encodeURIComponent(sector)}`));
        const seen_ms = one.device?.time().now_ms ?? 0;
        if (over) return;
        setFound({ name, seen: { value, seen_ms } });
        await keepSeen(one.db, one.keys, name, value, seen_ms);
      } catch {
        // The card that was seen last stays, with its age.
      }
    }
    void look();
    return () => { over = true; };
  }, [name, live, turn]);
  const seen = found?.name === name ? found.seen : null; // never another sector's
  return { seen, stale: Boolean(seen && isStale(seen, here().device?.time() ?? { now_ms: 0, error_ms: 0 }, STALE_S)), live };
}

const HOME_S = 30; // so that there is one, and a young one, when the line goes

/** On the first screen: that there is a card, and how old; it is fetched here, so that it is there with no network. @param {{sector: string}} props */
export function CardAge({ sector }) {
  const { seen, stale, live } = useCard(sector, HOME_S);
  void tick.value;
  if (!sector) return null;
  const age = seen ? `${stale ? "too old to go by: " : ""}judged ${ago(seen.seen_ms)} ago` : live ? "asking the server…" : "not seen on this tablet yet";
  return html`<button type="button" class="button big wide card-age" onClick=${() => go("plan", sector)}>What the plan does not bar <span class=${seen && !stale ? "muted small" : "warn-text small"}>${age}</span></button>`;
}

/** @param {{sector: string}} props */
export function PlanCard({ sector: asked }) {
  const sector = asked || myUnit()?.sector || Object.keys(rows("sectors"))[0] || "";
  const { seen, stale, live } = useCard(sector, LOOK_S);
  void tick.value;
  return html`<${Screen} title="What the plan does not bar">
    <div class="field"><label for="f-card-sector">Sector</label><select id="f-card-sector" value=${sector} onChange=${(/** @type {any} */ e) => go("plan", e.currentTarget.value)}>${Object.keys(rows("sectors")).map((id) => html`<option key=${id} value=${id}>${sectorName(id)}</option>`)}</select></div>
    ${seen ? html`<p class=${stale ? "line line-bad" : "line line-ok"}>${stale ? html`<strong>Too old to go by:</strong> judged ${ago(seen.seen_ms)} ago. Ask by radio.` : `Judged ${ago(seen.seen_ms)} ago by the server.`}</p>` : html`<p class="muted">${live ? "Asking the server…" : "No card of this sector was seen on this tablet yet."}</p>`}
    ${seen ? html`<${Card} view=${seen.value} stale=${stale} />` : null}
    <p class="muted small">The plan never recommends. An immediate defence of life is never barred; report it afterwards.</p></${Screen}>`;
}

/** @param {{view: import("../../static/types.d.ts").PermitsView, stale: boolean}} props */
function Card({ view, stale }) {
  /** @type {[string, string, any][]} */
  const items = [
    ...(view.tools ?? []).map((one) => /** @type {[string, string, any]} */ ([one.tool.replaceAll("-", " "), one.grant === "not needed" ? "needs no grant; its use is reported" : one.purpose, one.decision])),
    ...(view.levels ?? []).filter((one) => one.decision).map((one) => /** @type {[string, string, any]} */ ([one.name, "level", one.decision])),
  ];
  return html`<div class=${stale ? "card-stale" : "card-fresh"}>${["not barred", "missing", "refused"].map((effect) => {
    const list = items.filter(([, , decision]) => decision?.effect === effect);
    if (!list.length) return null;
    return html`<section key=${effect}><h2>${EFFECT[effect]} <span class="badge">${list.length}</span></h2><ul class="plain">${list.map(([name, under, decision]) => html`<li key=${name + under}><details class=${`field-card edge-${EDGES[effect]}`}><summary><span><strong>${name}</strong> <span class="muted">${under}${decision.missing?.length ? `, ${decision.missing.length} still missing` : ""}</span></span></summary>
      ${decision.missing?.length ? html`<ul class="plan-missing">${decision.missing.map((/** @type {string} */ what) => html`<li key=${what}><${MissingLine} text=${what} /></li>`)}</ul>` : null}
      ${decision.reasons?.length ? html`<p class="small muted">${decision.reasons.join("; ")}</p>` : null}
      ${decision.who_may?.length ? html`<p class="small">Who may: ${decision.who_may.join("; ")}</p>` : null}</details></li>`)}</ul></section>`;
  })}</div>`;
}

/** @type {Record<string, string>} */
const EDGES = { "not barred": "ok", missing: "warn", refused: "bad" };
