/** Days as an administrator types them: they end at midnight of the place where that is done, by the clock of this machine. */

/**
 * The moment at which a day ends here, as the record has it; a day of 23 or 25 hours ends at its midnight too.
 * @param {string} day "2027-05-01", or nothing
 */
export function endOfDay(day) {
  if (!day) return null;
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + 1).toISOString();
}

/** And back: the last day that ends by that moment. @param {string | null | undefined} at */
export function dayEnding(at) {
  if (!at) return "";
  const last = new Date(Date.parse(at) - 1);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${last.getFullYear()}-${two(last.getMonth() + 1)}-${two(last.getDate())}`;
}
