/**
 * Numbers of wristbands and paper forms as people read and type them: `W-204-0173-W`, the last one a check character
 * (ISO/IEC 7064, MOD 37,36). A number that does not fit is said, and never keeps a card from being kept.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** @type {Record<string, string>} */
const MEANT = { I: "1", L: "1", O: "0", Q: "0", S: "5", Z: "2" };

/** @param {string} text digits and capital letters */
export function checkCharacter(text) {
  let carry = 36;
  for (const character of text) carry = ((((carry + ALPHABET.indexOf(character)) % 36) || 36) * 2) % 37;
  return ALPHABET[(37 - carry) % 36];
}

/**
 * What was typed, as it is printed; other numbers (a city's own bands) are left as they are.
 * @param {string} typed @returns {{number: string, state: "ours" | "wrong" | "other" | ""}}
 */
export function readBand(typed) {
  const text = typed.trim();
  if (!text) return { number: "", state: "" };
  const found = /^([WF])-?([0-9A-Z]{1,6}?)-?([0-9A-Z]{4})-?([0-9A-Z])$/.exec(text.toUpperCase().replace(/\s+/g, "-"));
  if (!found || !text.includes("-")) return { number: text, state: "other" };
  const [, kind, series, place, check] = found;
  const mend = (/** @type {string} */ part) => [...part].map((one) => MEANT[one] ?? one).join("");
  const [own, number] = [mend(series), mend(place)];
  if (!/^\d{4}$/.test(number)) return { number: text, state: "other" };
  return checkCharacter(kind + own + number) === check ? { number: `${kind}-${own}-${number}-${check}`, state: "ours" } : { number: text, state: "wrong" };
}
