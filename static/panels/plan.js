/** The plan as a page: the ladder drawn from the lowest rung up, who may set each, on which signs, from which sources. */
import { html } from "../lib.js";
import { incident, live, rows } from "../store.js";
import { incidentPath } from "../api.js";
import { LevelBadge, Time, levelTitle } from "../parts.js";
import { Rules } from "../decision.js";

/** Which packs bind, in which version, and since when; after a change of plan that is said first. */
function PlanInForce() {
  const here = incident();
  if (!here?.plan?.length) return html`<p>No pack is named.</p>`;
  return html`<p>${here.plan_changes ? html`<strong>The plan changed during this incident.</strong> ` : null}In force here${here.plan_since ? html` since <${Time} at=${here.plan_since} />` : null}:</p>
    <ul class="permits">${here.plan.map((one) => html`<li key=${one.id}><strong>${one.title}</strong> (${one.kind}${one.in_force ? `, of ${one.in_force}` : ""}) <code>${one.digest.slice(0, 12)}</code>
      <details><summary>Its whole name</summary><code class="code">${one.id}@sha256:${one.digest}</code></details></li>`)}</ul>`;
}

export function PlanPage() {
  const ladder = /** @type {import("../types.d.ts").LevelRow[]} */ (Object.values(rows("levels"))).sort((a, b) => b.order - a.order);
  const gear = new Map(Object.values(rows("posture")).map((one) => [one.posture, one]));
  return html`<div class="detail plan-page">
    <${PlanInForce} />
    <p class="muted">This page says what the plan does not bar. It recommends nothing. Where a rule is not fully verified (P, G), check with counsel.</p>
    <div class="acts"><a class="button" href=${incidentPath(live.position()?.log ?? "", "plan.html")} target="_blank" rel="noopener">The whole plan as a page</a><button type="button" class="button" onClick=${() => window.print()}>Print this page</button></div>
    <ol class="plan-ladder" reversed>${ladder.map((rung) => html`<li key=${rung.id} class=${`plan-rung tint-${Math.max(0, Math.min(5, rung.order))}`}>
      <h3><${LevelBadge} order=${rung.order} id=${rung.id} big /> ${levelTitle(rung.id, rung.name)}</h3><p>${rung.says}</p>
      ${rung.permits?.length ? html`<h4>It permits</h4><ul class="permits">${rung.permits.map((one) => html`<li key=${one}>${one}</li>`)}</ul>` : null}
      ${rung.indicators?.length ? html`<h4>Signs that may be named for it</h4><ul class="permits">${rung.indicators.map(([id, says]) => html`<li key=${id}>${says}</li>`)}</ul>` : null}
      ${rung.who_may?.length ? html`<h4>Who may set it</h4><ul class="permits">${rung.who_may.map((one) => html`<li key=${one}>${one}</li>`)}</ul>` : null}
      <${Rules} rules=${rung.rules} open /></li>`)}</ol>
    ${gear.size ? html`<h3>Gear and vehicles</h3><ul class="permits">${[...gear.values()].map((one) => html`<li key=${one.posture}><strong>${one.title}</strong>${one.who_may?.length ? `: ${one.who_may.join("; ")}` : ""}</li>`)}</ul>` : null}
    <p class="muted">What each tool would take depends on the sector and the moment: open a sector to see it.</p>
  </div>`;
}
