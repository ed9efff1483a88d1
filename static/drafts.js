/**
 * What is being typed. A draft belongs to its author and not to the record: it survives navigation, reload, reconnects and a
 * locked screen, is never redrawn by what arrives, is gone once its command was answered, and is sealed for its author
 * (vault.js): whoever signs in next at this screen neither sees it nor can read it.
 */
import { keep, kept, keptNames } from "./vault.js";

/** @param {string} incident @param {string} form */
const key = (incident, form) => `draft.${incident}.${form}`;

/** @param {string} incident @param {string} form @returns {Record<string, any>} */
export function readDraft(incident, form) {
  const found = kept(key(incident, form));
  return found && typeof found === "object" && !Array.isArray(found) ? found : {};
}

/** @param {string} incident @param {string} form @param {Record<string, any>} values */
export function writeDraft(incident, form, values) {
  const typed = Object.values(values).some((value) => value !== "" && value !== null && !(Array.isArray(value) && !value.length));
  keep(key(incident, form), typed ? values : undefined);
}

/** @param {string} incident @param {string} form */
export function dropDraft(incident, form) {
  keep(key(incident, form), undefined);
}

/** Forms of this incident that hold something typed. @param {string} incident */
export function openDrafts(incident) {
  const start = key(incident, "");
  return keptNames(start).map((name) => name.slice(start.length)).sort();
}
