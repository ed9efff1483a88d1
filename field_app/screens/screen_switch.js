/** Light, dark, high contrast, in one row of large buttons. */
import { html } from "../../static/lib.js";
import { choose, theme } from "../../static/theme.js";

/** @type {[string, string][]} */
const THEMES = [["auto", "Automatic"], ["light", "Light"], ["dark", "Dark"], ["contrast", "High contrast"]];

export function ScreenSwitch() {
  return html`<div class="screen-switch" role="group" aria-label="Screen">${THEMES.map(([name, words]) => html`<button type="button" key=${name} class="button" aria-pressed=${theme.value === name} onClick=${() => choose(name)}>${words}</button>`)}</div>`;
}
