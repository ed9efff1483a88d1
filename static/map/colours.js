/** The colours of the theme in force, as a canvas needs them: read back from CSS so that there is one palette. */

/** @type {HTMLElement | null} */
let probe = null;
/** @type {Map<string, string>} */
let known = new Map();
let key = "";

function themeKey() {
  const media = (/** @type {string} */ query) => (matchMedia(query).matches ? "1" : "0");
  return [document.documentElement.dataset.theme ?? "", media("(prefers-color-scheme: dark)"), media("(prefers-contrast: more)"), media("(forced-colors: active)")].join("|");
}

/** @param {string} name a custom property, without the dashes */
export function colour(name) {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!probe) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  const read = getComputedStyle(probe).color;
  known.set(name, read);
  return read;
}

/** The same colour, seen through whole: a gradient of a canvas to "transparent", which is a black, would pass through grey. @param {string} rgb as `colour` gives it */
export function clear(rgb) {
  return rgb.replace(/^rgb\((.*)\)$/, "rgba($1, 0)");
}

/** Did the theme change since the last call? Forgets the old colours if so. */
export function themeChanged() {
  const now = themeKey();
  if (now === key) return false;
  key = now;
  known = new Map();
  return true;
}
