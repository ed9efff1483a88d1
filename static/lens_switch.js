/** As what someone with several roles here acts and looks: said in the header, and chosen there. Never wider than the grants. */
import { html, useState } from "./lib.js";
import { live } from "./store.js";
import { Problem, call } from "./api.js";
import { ROLES } from "./roles.js";
import { shutVault } from "./vault.js";
import { otherTabs } from "./session.js";

/** Nothing for whoever has one role here. */
export function LensSwitch() {
  const me = live.me.value;
  const [busy, setBusy] = useState(false);
  const roles = me?.roles ?? [];
  if (!me || roles.length < 2) return null;
  /** @param {string} role */
  async function choose(role) {
    setBusy(true);
    try {
      await call("POST", "/api/session/role", { incident: live.position()?.log, role });
      // What the other role showed is in this page's memory, and goes with it; what was typed stays, sealed.
      await shutVault();
      otherTabs("role");
      location.reload();
    } catch (error) {
      setBusy(false);
      document.getElementById("announce-now")?.replaceChildren(error instanceof Problem ? `Not changed: ${error.message}` : "Not changed: the server did not answer.");
    }
  }
  return html`<div class="top-lens"><label for="lens-switch">You act as</label>
    <select id="lens-switch" disabled=${busy} value=${me.role} title=${ROLES[me.role]?.[1]} onChange=${(/** @type {any} */ e) => choose(e.currentTarget.value)}>${roles.map((role) => html`<option key=${role} value=${role}>${ROLES[role]?.[0] ?? role}</option>`)}</select></div>`;
}
