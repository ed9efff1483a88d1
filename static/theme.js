/** Light, dark, high contrast, or as the system says. Kept per browser. */
import { html, signal } from "./lib.js";

/** @type {[string, string][]} */
const THEMES = [["auto", "As the system"], ["light", "Light"], ["dark", "Dark"], ["contrast", "High contrast"]];

export const theme = signal(document.documentElement.dataset.theme ?? "auto");

/** @param {string} name */
export function choose(name) {
  theme.value = name;
  document.documentElement.dataset.theme = name;
  localStorage.setItem("muster.theme", name);
  window.dispatchEvent(new Event("muster-theme"));
}

export function ThemeSwitch() {
  return html`<fieldset class="menu-set"><legend>Screen</legend>${THEMES.map(([name, words]) => html`<label class="choice small" key=${name}>
    <input type="radio" name="theme" checked=${theme.value === name} onChange=${() => choose(name)} /><span>${words}</span></label>`)}</fieldset>`;
}
