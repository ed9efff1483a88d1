/**
 * What is being typed. A draft belongs to the author and not to the record: it survives navigation, reload and reconnects,
 * is never redrawn by what arrives, and is gone once its command was answered.
 */

/** @param {string} incident @param {string} form */
const key = (incident, form) => `muster.draft.${incident}.${form}`;

/** @param {string} incident @param {string} form @returns {Record<string, any>} */
export function readDraft(incident, form) {
  try {
    const found = JSON.parse(sessionStorage.getItem(key(incident, form)) ?? "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}

/** @param {string} incident @param {string} form @param {Record<string, any>} values */
export function writeDraft(incident, form, values) {
  try {
    if (Object.values(values).some((value) => value !== "" && value !== null && !(Array.isArray(value) && !value.length))) {
      sessionStorage.setItem(key(incident, form), JSON.stringify(values));
    } else {
      sessionStorage.removeItem(key(incident, form));
    }
  } catch {
    // A full or forbidden store costs the draft its reload, nothing else.
  }
}

/** @param {string} incident @param {string} form */
export function dropDraft(incident, form) {
  sessionStorage.removeItem(key(incident, form));
}

/** Forms of this incident that hold something typed. @param {string} incident */
export function openDrafts(incident) {
  const start = key(incident, "");
  return Object.keys(sessionStorage).filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)).sort();
}

/** Everything typed, for signing out: the next person at this screen sees none of it. */
export function dropAll() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("muster.")) sessionStorage.removeItem(name);
}
