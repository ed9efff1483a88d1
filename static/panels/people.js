/** People on duty and the ICS positions they hold. Officers act under their own name; nobody else is listed anywhere. */
import { html } from "../lib.js";
import { incident, may, rows, shown, world } from "../store.js";
import { Age, Empty, Time } from "../parts.js";
import { agencyName, positionName } from "../decision.js";
import { openDrawer } from "../url.js";

/** @type {Record<string, string>} what a check-in can say beyond what counts */
const CLAIMS = { presence: "that they are on duty here", agency: "their agency", rank: "their rank", training: "training that is not on their account" };

export function Positions() {
  const all = Object.values(rows("positions"));
  if (!all.length) return html`<${Empty}>No position is defined.<//>`;
  return html`<table class="table positions"><thead><tr><th scope="col">Position</th><th scope="col">Held by</th><th scope="col">Since</th>${may("AssignPosition") ? html`<th><span class="sr">Act</span></th>` : null}</tr></thead>
    <tbody>${all.map((one) => html`<tr key=${one.id}><th scope="row">${one.title}</th>
      <td>${one.holder ? html`${one.holder.name || one.holder.person}<span class="sub">${agencyName(one.holder.agency ?? "")}</span>` : html`<span class="badge badge-warn">empty</span>`}</td>
      <td><${Time} at=${one.since} zoned=${false} /></td>
      ${may("AssignPosition") ? html`<td class="right">${one.id === "incident-commander"
        ? may("TransferCommand") ? html`<button type="button" class="button small" onClick=${() => openDrawer("transfer")}>Transfer…</button>` : null
        : html`<button type="button" class="button small" onClick=${() => openDrawer("position", one.id)} aria-label=${`Assign ${one.title}`}>Assign…</button>`}</td>` : null}
    </tr>`)}</tbody></table>`;
}

export function People() {
  const all = Object.values(rows("people")).sort((a, b) => Number(b.on_scene !== false) - Number(a.on_scene !== false) || a.name.localeCompare(b.name));
  if (!all.length) return html`<${Empty}>${shown("people") ? "Nobody has checked in yet." : "Who is on duty is not shown to your role."}<//>`;
  return html`<table class="table"><thead><tr><th scope="col">Name</th><th scope="col">Agency, unit</th><th scope="col">To look at</th></tr></thead>
    <tbody>${all.map((one) => html`<tr key=${one.id} class=${one.on_scene === false ? "row-off" : ""}>
      <th scope="row"><button type="button" class="linkish" onClick=${() => openDrawer("person", one.id)}>${one.name}</button><span class="sub">${one.rank.replaceAll("-", " ")}${one.badge ? ` · ${one.badge}` : ""}</span></th>
      <td>${agencyName(one.agency)}<span class="sub">${one.unit || "no unit"}</span></td>
      <td><${Concerns} one=${one} /></td></tr>`)}</tbody></table>`;
}

/** What stands in the way of relying on someone's record; never a reason why they could not check in. @param {{one: import("../types.d.ts").PersonRow}} props */
function Concerns({ one }) {
  const list = [
    one.unconfirmed?.length ? `not confirmed: ${one.unconfirmed.join(", ")}` : "",
    !one.rank && !one.unconfirmed?.includes("rank") && "rank not confirmed",
    one.on_scene === false && "checked out",
    one.lapsed_training?.length ? `training lapsed: ${one.lapsed_training.join(", ")}` : "",
    !one.camera && (one.camera_absent ? `no camera: ${one.camera_absent}` : "camera not stated"),
    one.identification_visible === false && "identification not visible",
  ].filter(Boolean);
  return list.length ? html`<ul class="concerns">${list.map((words) => html`<li key=${words}>${words}</li>`)}</ul>` : html`<span class="muted">–</span>`;
}

/** @param {{id: string}} props */
export function PersonDetail({ id }) {
  const one = /** @type {import("../types.d.ts").PersonRow | undefined} */ (rows("people")[id]);
  if (!one) return html`<p class="empty">Nobody with that id is on duty here.</p>`;
  return html`<div class="detail"><p class="in-force-name">${one.name}</p><p>${one.rank.replaceAll("-", " ")} · ${agencyName(one.agency)}</p>
    <dl class="facts">
      <dt>Badge</dt><dd>${one.badge || "not stated"}</dd><dt>Helmet</dt><dd>${one.helmet || "not stated"}</dd>
      <dt>Camera</dt><dd>${one.camera || (one.camera_absent ? `none: ${one.camera_absent}` : "not stated")}</dd>
      <dt>Name and badge visible</dt><dd>${one.identification_visible === null || one.identification_visible === undefined ? "not stated" : one.identification_visible ? "yes" : "no"}</dd>
      <dt>Unit</dt><dd>${one.unit || "none"}</dd><dt>Positions</dt><dd>${one.positions?.length ? one.positions.map(positionName).join(", ") : "none"}</dd>
      <dt>On duty here since</dt><dd><${Time} at=${one.since} /> · <${Age} at=${one.since} /></dd>
      <dt>Training</dt><dd>${one.training?.length ? html`<ul>${one.training.map(([course, until]) => html`<li key=${course}>${course.replaceAll("-", " ")}${one.lapsed_training?.includes(course) ? html` <span class="badge badge-bad">lapsed</span>` : null}${until ? html` <span class="muted">until ${until.slice(0, 10)}</span>` : null}</li>`)}</ul>` : "none on record"}</dd>
    </dl>
    <${Doubt} one=${one} />
    ${may("CheckIn") && incident()?.status !== "closed" ? html`<div class="acts"><button type="button" class="button" onClick=${() => openDrawer("checkin", id)}>Confirm or state anew…</button></div>` : null}
    ${may("CheckOut") && one.on_scene !== false && incident()?.status !== "closed" ? html`<div class="acts"><button type="button" class="button" onClick=${() => openDrawer("checkout", id)}>Check out…</button></div>` : null}
  </div>`;
}

/** What was said of someone and counts for nothing until someone who can know it has said so. @param {{one: import("../types.d.ts").PersonRow}} props */
function Doubt({ one }) {
  const claims = one.unconfirmed ?? [];
  const feed = world.value.feed;
  void feed.version.value;
  if (!claims.length) return null;
  const entry = feed.all().findLast((line) => line.type === "PersonCheckedIn" && line.record === one.id);
  return html`<div class="lapse-note"><p><strong>Not confirmed.</strong> The last check-in says more than counts until someone who can know it confirms it:</p>
    <ul class="permits">${claims.map((claim) => html`<li key=${claim}>${CLAIMS[claim] ?? claim}</li>`)}</ul>
    ${entry ? html`<button type="button" class="linkish" onClick=${() => openDrawer("entry", String(entry.seq))}>#${entry.seq}</button>` : null}</div>`;
}
