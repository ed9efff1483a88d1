/** Who can see what, by which grant: every grant that shows something, by incident. */
import { html } from "../lib.js";
import { Trouble } from "../sign_in/proof.js";
import { Moment } from "../sign_in/times.js";
import { COMPARTMENTS, ROLES, SEES } from "../roles.js";
import { useFetch } from "./parts.js";

export function Sight() {
  const [found, words] = useFetch("/api/users");
  if (!found) return html`<${Trouble} words=${words} />${words ? null : html`<p role="status">One moment…</p>`}`;
  /** @type {Map<string, {account: any, grant: any}[]>} */
  const places = new Map();
  for (const { account, grants } of found.users) {
    if (account.disabled) continue;
    for (const grant of grants) places.set(grant.incident, [...(places.get(grant.incident) ?? []), { account, grant }]);
  }
  const order = [...places].sort(([a], [b]) => Number(b === "*") - Number(a === "*") || (a < b ? 1 : -1));
  return html`<p class="muted">Each line is a grant, by whoever gave it. What is not granted here is not seen; authors always read their own. Disabled accounts see nothing and are left out.</p>
    ${order.map(([incident, list]) => html`<section class="desk-card" key=${incident} aria-label=${incident === "*" ? "Every incident" : `Incident ${incident}`}><h2>${incident === "*" ? "Every incident" : `Incident ${incident}`} <span class="panel-count">${list.length}</span></h2>
      ${incident === "*" ? null : html`<p><a href=${`/api/incidents/${encodeURIComponent(incident)}/sight.html`}>Every lens of this incident, event by event and field by field</a></p>`}
      <table class="desk-table"><thead><tr><th scope="col">Who</th><th scope="col">As</th><th scope="col">Sees</th><th scope="col">Opens besides</th><th scope="col">From, until</th><th scope="col">Given by</th></tr></thead><tbody>${list.map(({ account, grant }, i) => html`<tr key=${i}><th scope="row"><a class="linkish" href=${`#${grant.role === "display" ? "displays" : `people/${encodeURIComponent(account.person)}`}`}>${account.name || account.person}</a><br /><span class="muted">${account.agency}</span></th>
        <td data-label="As">${ROLES[grant.role]?.[0] ?? grant.role}${grant.units?.length ? html`<br /><span class="muted">units ${grant.units.join(", ")}</span>` : null}</td><td data-label="Sees">${SEES[grant.role] ?? "not known here"}</td>
        <td data-label="Opens besides">${grant.compartments?.length ? grant.compartments.map((/** @type {string} */ one) => html`<span class="badge badge-warn" key=${one}>${COMPARTMENTS[one] ?? one}</span> `) : html`<span class="muted">nothing</span>`}</td>
        <td data-label="From, until">${grant.not_before ? html`from <${Moment} at=${grant.not_before} /> ` : null}${grant.not_after ? html`until <${Moment} at=${grant.not_after} />` : "no end"}</td><td data-label="Given by">${grant.given_by || "–"}</td></tr>`)}</tbody></table></section>`)}`;
}
