/**
 * A form that came back, written again: what its author changes is theirs, and what the form had made up (the number of an
 * arrest, of a report, of a person) stays as it was, so that whatever else names it still does. Only what came back goes again;
 * each goes under a new command id, with a new signature, and takes the place of the old one in one write (outbox_save.js).
 */

/**
 * One record of a tap. `seq`: its number on this tablet, null until it is saved. `state`: what has become of it, "" where its row is gone.
 * @typedef {{seq: number | null, command: any}} Part
 * What a form was when it was saved, sealed to its author beside each record of the tap.
 * @typedef {{name: string, fields: Record<string, any>, tap: Part[]}} Form
 * @typedef {{seq: number, command: any, state: string, occurred_ms: number}} Written
 * @typedef {{name: string, fields: Record<string, any>, tap: Written[]}} Mending
 */

/** What a record is in when its author may write it anew. */
const BACK = /** @type {readonly string[]} */ (["declined", "refused", "returned"]);

/** @param {string} state */
export const isBack = (state) => BACK.includes(state);

/** The draft of a form that is written anew: `form@number`, where no id has an `@`. @param {string} name @param {number} seq */
export const mendName = (name, seq) => `${name}@${seq}`;

/** @param {string} name @returns {[form: string, mends: number]} 0: nothing came back, it is a new one */
export function mendOf(name) {
  const cut = name.lastIndexOf("@");
  return cut < 0 ? [name, 0] : [name.slice(0, cut), Number(name.slice(cut + 1)) || 0];
}

/** The number under which a tap is mended, the same from each of its records. @param {Written[]} tap */
export const firstBack = (tap) => tap.find((one) => isBack(one.state))?.seq ?? 0;

/**
 * What goes again, and which of the old records each new one takes the place of.
 * @param {any[]} made what the form makes now @param {any[]} other the same, made a second time: what differs, the form had made up
 * @param {Written[]} tap @returns {{made: any[], closes: [old: number, place: number][], tap: Part[]}} `tap`: the form's records from here on
 */
export function anew(made, other, tap) {
  const twins = twinsOf(made, tap);
  const ids = new Map();
  for (const [n, twin] of twins.entries()) {
    for (const [field, value] of Object.entries(made[n])) {
      const before = twin?.command[field];
      if (typeof value === "string" && typeof before === "string" && value !== other[n][field]) ids.set(value, before);
    }
  }
  const kept = made.map((one) => Object.fromEntries(Object.entries(one).map(([field, value]) => [field, ids.get(value) ?? value])));
  const goes = kept.map((_, n) => !twins[n] || isBack(twins[n].state));
  const place = (/** @type {number} */ n) => goes.slice(0, n).filter(Boolean).length;
  /** @type {[number, number][]} */
  const closes = tap.filter((one) => isBack(one.state)).map((one) => [one.seq, twins.includes(one) ? place(twins.indexOf(one)) : 0]);
  return { made: kept.filter((_, n) => goes[n]), closes, tap: kept.map((command, n) => (goes[n] ? { seq: null, command } : { seq: twins[n]?.seq ?? null, command: twins[n]?.command })) };
}

/** Of each new record the old one whose place it has: a file by its id, else the next of its kind. @param {any[]} made @param {Written[]} tap @returns {(Written | undefined)[]} */
function twinsOf(made, tap) {
  const left = [...tap];
  return made.map((one) => {
    const at = left.findIndex((old) => old.command.type === one.type && old.command.attachment === one.attachment);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  });
}

/** What a record says, for a tablet that does not know the form it came from. @param {Record<string, any>} command */
export function asNote(command) {
  const said = Object.entries(command).filter(([field, value]) => field !== "type" && value !== null && value !== "" && !(Array.isArray(value) && !value.length));
  return said.map(([field, value]) => `${field.replaceAll("_", " ")}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join("\n");
}
