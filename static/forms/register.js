/** The register of agencies, for the form that lets one take part: asked for once, when the form is first opened. */
import { signal } from "../lib.js";
import { call } from "../api.js";
import { may, mayAnywhere } from "../store.js";

/** @type {import("../lib.js").Signal<readonly any[]>} */
const known = signal([]);
let asked = false;

/**
 * Agencies in force, once the server has told them; none before and without a register. Whoever lets no agency in asks for
 * none, nor who is in command here alone, for the register is the whole server's: every form is made to know its title, and
 * a refusal would stand on the trail as a try.
 */
export function registered() {
  if (!asked && may("AdmitAgency") && mayAnywhere.value.includes("agency.list")) {
    asked = true;
    call("GET", "/api/agencies").then((found) => { known.value = found.agencies.map((/** @type {any} */ one) => one.agency).filter((/** @type {any} */ one) => !one.ended_at); }, () => {});
  }
  return known.value;
}
