/** Asks that wait. Silence means no: each shows when it expires, who may decide, and two answers of equal weight. */
import { html } from "../lib.js";
import { live, may, rows } from "../store.js";
import { Age, Countdown, Empty, LevelBadge, Panel, Time, levelTitle, secondsLeft, sectorName } from "../parts.js";
import { Decision, WhoText } from "../decision.js";
import { openDrawer } from "../url.js";

/** @param {any} ask */
const waits = (ask) => secondsLeft(ask.expires) > 0;

export function Asks() {
  const asks = Object.values(rows("asks")).sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
  const waiting = asks.filter(waits);
  return html`<${Panel} id="asks" title="Waiting for a decision" class="asks" count=${waiting.length} scroll=${false}>
    ${asks.length ? html`<ul class="cards">${asks.map((ask) => html`<${AskCard} key=${ask.id} ask=${ask} />`)}</ul>` : html`<${Empty}>No ask waits. Silence on an ask means no.<//>`}
  <//>`;
}

/** @param {{ask: import("../types.d.ts").AskRow}} props */
function AskCard({ ask }) {
  const level = rows("levels")[ask.level];
  const open = waits(ask);
  const mine = ask.by.person === live.me.value?.person;
  return html`<li class=${`card ask${open ? "" : " card-over"}`}>
    <div class="card-head"><${LevelBadge} order=${level?.order ?? 1} id=${ask.level} />
      <h3>${levelTitle(ask.level)}<span class="muted"> in </span>${sectorName(ask.sector)}</h3>
      <${Countdown} until=${ask.expires} soon_s=${120} over="ago: expired, so no" /></div>
    <p class="card-line">Asked by <${WhoText} who=${ask.by} />, <${Time} at=${ask.at} /></p>
    ${ask.facts ? html`<p class="card-text"><q>${ask.facts}</q></p>` : null}
    <p class="card-line"><span class="muted">Who may decide: </span>${ask.who_may?.length ? ask.who_may.join("; ") : "the plan names nobody"}</p>
    ${ask.decision && ask.decision.effect !== "not barred" ? html`<p class="card-line warn-text">When asked: ${[...(ask.decision.missing ?? []), ...(ask.decision.reasons ?? [])].join("; ") || ask.decision.effect}</p>` : null}
    ${open ? html`<div class="pair">
      ${may("GrantLevel") ? html`<button type="button" class="button" onClick=${() => openDrawer("grant", ask.id)}>Grant…</button>` : null}
      ${may("DenyAsk") ? html`<button type="button" class="button" onClick=${() => openDrawer("deny", ask.id)}>Deny…</button>` : null}
      ${mine && may("WithdrawAsk") ? html`<button type="button" class="button" onClick=${() => openDrawer("withdraw", ask.id)}>Withdraw…</button>` : null}
    </div>` : null}
  </li>`;
}

/** The ask itself, above the form that answers it. @param {{id: string}} props */
export function AskFacts({ id }) {
  const ask = /** @type {import("../types.d.ts").AskRow | undefined} */ (rows("asks")[id]);
  if (!ask) return html`<p class="lapse-note">This ask no longer waits: it was decided, withdrawn or has expired.</p>`;
  const level = rows("levels")[ask.level];
  const names = new Map(level?.indicators ?? []);
  return html`<div class="ask-facts">
    <p class="in-force-name">${levelTitle(ask.level)} in ${sectorName(ask.sector)}</p>
    <p><${Countdown} until=${ask.expires} soon_s=${120} over="ago: expired" /> · asked <${Age} at=${ask.at} /> by <${WhoText} who=${ask.by} /></p>
    <dl class="facts">
      <dt>Facts given</dt><dd>${ask.facts ? html`<q>${ask.facts}</q>` : html`<span class="muted">none given, or not shown to your role</span>`}</dd>
      ${ask.extent ? html`<dt>How many</dt><dd>${ask.extent}</dd>` : null}
      ${ask.indicators?.length ? html`<dt>Signs named</dt><dd><ul>${ask.indicators.map((one) => html`<li key=${one}>${names.get(one) ?? one}</li>`)}</ul></dd>` : null}
      <dt>Who may decide</dt><dd>${ask.who_may?.length ? ask.who_may.join("; ") : "the plan names nobody"}</dd>
    </dl>
    ${ask.decision ? html`<h3>How the plan stood when it was asked</h3><${Decision} decision=${ask.decision} />` : null}
  </div>`;
}
