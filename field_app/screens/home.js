/** What an officer does, large enough for a glove; above it where they are and at which level. */
import { html } from "../../static/lib.js";
import { may, rows } from "../../static/store.js";
import { Countdown, LevelBadge, levelTitle, sectorName } from "../../static/parts.js";
import { go } from "../address.js";
import { TILES, specOf } from "../forms.js";
import { useDrafts } from "./form.js";
import { mineCount } from "./mine.js";
import { CardAge } from "./plan_card.js";
import { Standing } from "./sent.js";
import { WarningClocks } from "./warned.js";
import { myUnit } from "./work.js";

export function Home() {
  const unit = myUnit();
  const drafts = useDrafts();
  const owed = mineCount();
  const tiles = TILES.filter((one) => may(specOf(one.form)?.command ?? ""));
  return html`<main class="field-screen" id="main"><h1 class="sr" tabindex="-1">Home</h1>
    <${Where} unit=${unit} />
    ${owed ? html`<button type="button" class="button huge wide owed" onClick=${() => go("mine")}>${owed === 1 ? "One thing waits for you" : `${owed} things wait for you`}</button>` : null}
    <${WarningClocks} sector=${unit?.sector ?? ""} counted />
    <div class="at-a-glance"><${CardAge} sector=${unit?.sector ?? ""} /><${Standing} /></div>
    ${drafts.length ? html`<section class="field-card"><h2>Begun and not saved</h2><ul class="plain">${drafts.map((one) => html`<li key=${one.id}><button type="button" class="button big wide" onClick=${() => go("new", one.id)}>${one.title}</button></li>`)}</ul></section>` : null}
    <ul class="tiles">${tiles.map((one) => html`<li key=${one.form}><button type="button" class=${`tile${one.first ? " tile-first" : ""}`} onClick=${() => go("new", one.form)}><strong>${one.words}</strong>${one.under ? html`<span>${one.under}</span>` : null}</button></li>`)}</ul>
    ${tiles.length ? null : html`<p class="empty">Your role here records nothing.</p>`}</main>`;
}

/** @param {{unit: any}} props */
function Where({ unit }) {
  const sector = unit?.sector ? rows("sectors")[unit.sector] : null;
  const level = sector ? rows("levels")[sector.level] : null;
  return html`<section class="field-card field-where" aria-label="Where you are">
    <p>${unit ? html`<strong>${unit.name}</strong>` : html`<span class="warn-text">You are in no unit yet.</span>`} ${sector ? html`in <strong>${sectorName(sector.id)}</strong>` : unit ? html`<span class="warn-text">without a sector</span>` : ""}</p>
    ${level ? html`<p><${LevelBadge} order=${level.order} id=${level.id} /> ${levelTitle(level.id, level.name)}${sector.until ? html` · <${Countdown} until=${sector.until} left="until review" over="lapsed" />` : null}</p>` : null}</section>`;
}
