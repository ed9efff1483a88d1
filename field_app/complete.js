/**
 * What a record still lacks before which step, from the plan's own list. Not a judgement: the server makes that, by the same
 * list (command/policy/arrest_record.py); tests/data/completeness.json holds both to the same answers.
 */

/** In order. */
export const STEPS = /** @type {const} */ (["transport", "booking", "closing"]);

/** @typedef {typeof STEPS[number]} Step */

/** One line of the plan's list: `otherwise` is when it is needed while a written procedure stands in place of the record. @typedef {{item: string, says: string, before: Step, otherwise: Step, pack: string, rule: string}} Need */

/** @param {Need} need @param {boolean} procedure */
const when = (need, procedure) => STEPS.indexOf(procedure ? need.otherwise : need.before);

/** What is missing before a step, the earliest first. @param {readonly Need[]} needs @param {ReadonlySet<string>} items that are there @param {Step} step @param {boolean} [procedure] @returns {Need[]} */
export function missing(needs, items, step, procedure = false) {
  const lacking = needs.filter((need) => !items.has(need.item) && when(need, procedure) <= STEPS.indexOf(step));
  return lacking.sort((one, other) => when(one, procedure) - when(other, procedure));
}

/** Whether nothing is missing before a step. @param {readonly Need[]} needs @param {ReadonlySet<string>} items @param {Step} step @param {boolean} [procedure] */
export const complete = (needs, items, step, procedure = false) => missing(needs, items, step, procedure).length === 0;

/**
 * The items that a street card holds as it is being written, in the words of the plan's list. What only the server can know
 * (the badge of a person, a review) is not among them.
 * @param {Record<string, any>} arrest RecordArrest @param {Record<string, any>[]} [others] RecordOffence, DescribePerson, AddAttachment of the same arrest
 * @returns {Set<string>}
 */
export function itemsOf(arrest, others = []) {
  const charges = others.filter((one) => one.type === "RecordOffence");
  const person = others.filter((one) => one.type === "DescribePerson");
  const every = (/** @type {(charge: Record<string, any>) => unknown} */ there) => charges.length > 0 && charges.every(there);
  const held = {
    "officer signature": true, // their own street card is their own hand
    observer: filled(arrest.observed_by) || charges.some((one) => filled(one.observed_by)),
    conduct: filled(arrest.conduct),
    place: filled(arrest.place) || filled(arrest.sector),
    offence: filled(arrest.offences) || charges.length > 0,
    "offence place": every((one) => filled(one.place) || filled(one.sector)),
    facts: every((one) => filled(one.facts)),
    evidence: every((one) => filled(one.evidence)),
    name: person.some((one) => filled(one.name) || one.unidentified),
    "photo with officer": others.some((one) => one.type === "AddAttachment" && one.kind === "photo with officer"),
    warning: arrest.warned === "warned, with a chance to comply" || filled(arrest.not_warned_because),
    "injury answered": typeof arrest.injured === "boolean",
    camera: filled(arrest.cameras),
    wristband: filled(arrest.wristband),
  };
  return new Set(Object.entries(held).filter(([, there]) => there).map(([item]) => item));
}

/** @param {unknown} value */
const filled = (value) => (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "");
