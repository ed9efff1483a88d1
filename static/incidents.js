/** The list of incidents, and starting one at once when something happens that nobody planned. */
import { html, useEffect, useState } from "./lib.js";
import { Problem, Unreachable, call } from "./api.js";
import { uuid7 } from "./ids.js";
import { wallNow } from "./time.js";
import { Decision } from "./decision.js";
import { lock, signOut } from "./session.js";

/** @param {{me: any, list: readonly any[]}} props */
export function Incidents({ me, list }) {
  return html`<main class="page" id="main">
    <header class="page-head"><p class="brand">Muster</p><h1>Incidents</h1><p class="muted">${me.name || me.person}${me.agency ? ` · ${me.agency}` : ""}</p></header>
    ${list.length ? html`<ul class="incident-list">${list.map((one) => html`<li key=${one.id}><a href=${`/?incident=${encodeURIComponent(one.id)}`}>
      <strong>${one.name}</strong><span><span class=${`badge ${one.status === "open" ? "badge-ok" : ""}`}>${one.status}</span> ${one.role}${one.lens && one.lens !== one.role ? ` · sees as ${one.lens}` : ""}</span></a></li>`)}</ul>`
      : html`<p class="empty">There is no incident that you may see.</p>`}
    ${(me.may ?? []).includes("incident.open") ? html`<${Start} me=${me} />` : null}
    <nav class="door-more" aria-label="Your own">${(me.may ?? []).includes("user.list") ? html`<a class="button" href="/admin">Administration</a>` : null}
      <a class="button" href="/account">My sign-in and sessions</a><button type="button" class="button" onClick=${lock}>Lock, or switch user</button>
      <button type="button" class="button" onClick=${signOut}>Sign out</button></nav>
    <div class="sr" role="alert" id="announce-now"></div>
  </main>`;
}

/** @param {{me: any}} props */
function Start({ me }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [state, setState] = useState(/** @type {{words?: string, decision?: any, busy?: boolean, cmd?: string, body?: string}} */ ({}));
  async function start() {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const title = name.trim() || "Spontaneous gathering";
    // The same bytes again after a lost answer: the server then opens no second incident.
    const now = wallNow() ?? performance.timeOrigin + performance.now();
    const body = state.body ?? JSON.stringify({ cmd: uuid7(now), issued_at: new Date(now).toISOString(), command: { type: "OpenIncident", name: title, kind: "spontaneous", lead_agency: me.agency, lead_agency_name: me.agency, time_zone: here, commander: me.person, commander_name: me.name } });
    setState({ busy: true, body });
    try {
      const made = await call("POST", "/api/incidents", body);
      const { incident: id, answer } = made;
      if (answer.status === "refused") setState({ decision: answer.decision, words: answer.problem });
      else location.assign(`/?incident=${encodeURIComponent(id)}`);
    } catch (error) {
      setState(error instanceof Unreachable ? { words: "No answer. Press again: it opens once only.", body } : { words: error instanceof Problem ? error.message : String(error) });
    }
  }
  if (!open) return html`<p><button type="button" class="button strong big" onClick=${() => setOpen(true)}>Start an incident now</button></p>`;
  return html`<section class="page-form"><h2>Start an incident now</h2>
    <p>It opens from the standing template at the plan’s lowest level, with you in command. What the plan still needs becomes duties; you fill in nothing first.</p>
    <div class="field"><label for="f-name">Name<span class="optional"> optional</span></label><input id="f-name" type="text" maxlength="200" autocomplete="off" value=${name} onInput=${(/** @type {any} */ e) => { setName(e.currentTarget.value); setState({}); }} /></div>
    ${state.decision ? html`<${Decision} decision=${state.decision} heading="Refused by the plan" />` : state.words ? html`<p class="bad-text" role="alert">${state.words}</p>` : null}
    <button type="button" class="button strong big" disabled=${!!state.busy} onClick=${start}>Start</button></section>`;
}
