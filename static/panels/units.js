/** Who is here: units by agency, people on duty, ICS positions, orders with what is outstanding. One panel, four views. */
import { html } from "../lib.js";
import { may, ownShare, rows, shown } from "../store.js";
import { param, openDrawer, setParams } from "../url.js";
import { Age, Empty, Panel, Time, plural, sectorName } from "../parts.js";
import { WhoText, agencyName } from "../decision.js";
import { People, Positions } from "./people.js";

/** @type {[string, string][]} */
const VIEWS = [["units", "Units"], ["orders", "Orders"], ["positions", "Positions"], ["people", "People"]];

export function Forces() {
  const view = VIEWS.some(([id]) => id === param("v")) ? param("v") : "units";
  const outstanding = Object.values(rows("orders")).filter((order) => !order.superseded_by && order.outstanding?.length).length;
  /** @param {KeyboardEvent} event */
  function move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = VIEWS[(VIEWS.findIndex(([id]) => id === view) + step + VIEWS.length) % VIEWS.length][0];
    setParams({ v: next });
    document.getElementById(`tab-${next}`)?.focus();
  }
  const tabs = html`<div class="tabs" role="tablist" aria-label="Units, orders, positions, people" onKeyDown=${move}>
    ${VIEWS.map(([id, words]) => html`<button key=${id} type="button" role="tab" id=${`tab-${id}`} aria-selected=${id === view} aria-controls="forces-view" tabindex=${id === view ? 0 : -1} onClick=${() => setParams({ v: id })}>${words}${id === "orders" && outstanding ? html` <span class="badge badge-warn" title="orders not yet acknowledged by all">${outstanding}</span>` : null}</button>`)}</div>`;
  return html`<${Panel} id="forces" title=${html`<span class="sr">Units, orders, positions, people</span>`} class="forces" tools=${tabs} scroll=${false}>
    <div class="panel-body scroll" id="forces-view" role="tabpanel" aria-labelledby=${`tab-${view}`} tabindex="0">
      ${view === "units" ? html`<${Units} />` : view === "orders" ? html`<${Orders} />` : view === "positions" ? html`<${Positions} />` : html`<${People} />`}
    </div>
  <//>`;
}

function Units() {
  const agencies = Object.values(rows("agencies")).sort((a, b) => (a.kind === "lead" ? -1 : b.kind === "lead" ? 1 : a.name.localeCompare(b.name)));
  const units = Object.values(rows("units")).filter((unit) => !unit.released);
  const known = new Set(agencies.map((agency) => agency.id));
  const others = [...new Set(units.map((unit) => unit.agency).filter((id) => !known.has(id)))].map((id) => ({ id, name: id, kind: "not admitted", accepted_plan: false, agreement: "" }));
  if (!agencies.length && !units.length) return html`<${Empty}>No agency has joined yet.<//>`;
  return html`${[...agencies, ...others].map((agency) => {
    const own = units.filter((unit) => unit.agency === agency.id).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    return html`<section class="agency" key=${agency.id}>
      <h3>${agency.name} <span class="muted">${agency.kind}${agency.kind !== "lead" ? `, ${agency.accepted_plan ? "plan accepted" : "plan not accepted"}${agency.agreement ? `, ${agency.agreement}` : ""}` : ""}${own.length || !ownShare() ? ` · ${plural(own.length, "unit")}` : ""}</span></h3>
      ${own.length ? html`<table class="table"><thead><tr><th scope="col">Unit</th><th scope="col">Sector</th><th scope="col">Doing</th><th scope="col" class="right">Since</th></tr></thead>
        <tbody>${own.map((unit) => html`<tr key=${unit.id}>
          <th scope="row" class="unit-cell"><span><span class=${`unit-mark unit-${unit.kind}`} aria-hidden="true">${unitLetter(unit.kind)}</span><span><button type="button" class="linkish plain" onClick=${() => openDrawer("unit-detail", unit.id)}>${unit.name}</button><span class="sub">${unit.kind.replaceAll("-", " ")}${unit.size ? ` · ${unit.size}` : ""}</span></span></span></th>
          <td>${unit.sector || html`<span class="muted">staging</span>`}</td>
          <td>${unit.assignment || html`<span class="muted">–</span>`}</td>
          <td class="right"><${Time} at=${unit.since} zoned=${false} /></td>
        </tr>`)}</tbody></table>` : html`<p class="muted">${ownShare() ? "Units that your role is not shown, or none." : "No units."}</p>`}
    </section>`;
  })}`;
}

/** @param {{id: string}} props */
export function UnitDetail({ id }) {
  const unit = /** @type {import("../types.d.ts").UnitRow | undefined} */ (rows("units")[id]);
  if (!unit) return html`<p class="empty">There is no such unit on this board.</p>`;
  return html`<div class="detail"><p class="in-force-name">${unit.name}</p><p>${unit.kind.replaceAll("-", " ")} · ${agencyName(unit.agency)}${unit.released ? " · released" : ""}</p>
    ${unit.released ? null : html`<div class="acts">${may("AssignUnit") ? html`<button type="button" class="button" onClick=${() => openDrawer("assign", id)}>Assign…</button>` : null}
      ${may("ReleaseUnit") ? html`<button type="button" class="button" onClick=${() => openDrawer("release", id)}>Release…</button>` : null}</div>`}
    <dl class="facts"><dt>Sector</dt><dd>${unit.sector ? sectorName(unit.sector) : "staging"}</dd><dt>Doing</dt><dd>${unit.assignment || "not stated"}</dd>
      <dt>Since</dt><dd><${Time} at=${unit.since} /> · <${Age} at=${unit.since} /></dd><dt>Leader</dt><dd><${WhoText} who=${unit.leader} none="not named" /></dd>
      <dt>People</dt><dd>${unit.size || "not stated"}</dd><dt>Place</dt><dd class="num">${unit.place ? `${unit.place.lat.toFixed(5)}, ${unit.place.lon.toFixed(5)}` : "not known; shown in its sector"}</dd></dl></div>`;
}

/** The letter of a unit's kind, on the map and in the list. @param {string} kind */
export function unitLetter(kind) {
  return ({ patrol: "P", bicycle: "B", mounted: "H", medic: "+", "crisis-responder": "C", liaison: "L", "arrest-team": "A", traffic: "T", reserve: "R" })[kind] ?? (kind[0] ?? "?").toUpperCase();
}

function Orders() {
  const all = Object.values(rows("orders")).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const standing = all.filter((order) => !order.superseded_by);
  const gone = all.filter((order) => order.superseded_by);
  if (!all.length) return html`<${Empty}>${!shown("orders") ? "Orders are not shown to your role." : ownShare() ? "No order to your units was given yet." : "No order was given yet."}<//>`;
  return html`<ul class="lines">${[...standing, ...gone].map((order) => html`<${OrderLine} key=${order.id} order=${order} />`)}</ul>`;
}

/** @param {{order: import("../types.d.ts").OrderRow}} props */
function OrderLine({ order }) {
  const waiting = order.outstanding ?? [];
  const name = (/** @type {string} */ id) => rows("units")[id]?.name ?? id;
  return html`<li class=${`line-item ${order.superseded_by ? "order-gone" : waiting.length ? "edge-warn" : "edge-none"}`}>
    <div class="line-open">
      <span class="line-text">${order.superseded_by ? html`<s>${order.text || "order text not shown to your role"}</s>` : order.text || html`<span class="muted">order text not shown to your role</span>`}</span>
      <span class="line-sub"><${WhoText} who=${order.by} /> · <${Time} at=${order.at} /> · ${plural(order.to?.length ?? 0, "unit")}${order.superseded_by ? " · superseded" : ""}</span>
      ${order.superseded_by ? null : html`<span class="line-sub">${waiting.length ? html`<span class="badge badge-warn">${waiting.length} not acknowledged</span> ${waiting.map(name).join(", ")}` : html`<span class="badge badge-ok">✓ all acknowledged</span>`}</span>
      <span class="line-acts">${waiting.length && may("AcknowledgeOrder") ? html`<button type="button" class="button small" onClick=${() => openDrawer("ack", order.id)}>Acknowledge…</button>` : null}
        ${may("GiveOrder") ? html`<button type="button" class="button small" onClick=${() => openDrawer("order", order.id)}>Supersede…</button>` : null}</span>`}
    </div></li>`;
}
