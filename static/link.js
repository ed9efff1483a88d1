/**
 * Redeeming a one-time link. The token travels in the fragment, which no server and no preview robot sees; it is taken out
 * of the address at once and used only when a person presses the button.
 */
import { html, render, useState } from "./lib.js";
import { Problem, Unreachable, call } from "./api.js";
import { dropAll } from "./drafts.js";

const token = decodeURIComponent(location.hash.slice(1)).trim();
if (location.hash) history.replaceState(null, "", location.pathname);

/** @type {Record<string, [string, string]>} */
const ROLES = {
  commander: ["Commander", "You see everything of the incident that a role may see. You may raise, lower and renew levels, decide on asks, give orders, move units, transfer command and record. The plan judges each act: it says what is missing, by which rule, and who may."],
  field: ["Field officer", "You report what happens (observations, warnings, force) and ask for levels. Reports are always kept. You do not decide on asks."],
  assisting: ["Assisting agency’s commander", "You act for your own units, under the lead agency’s command and rules, and see your agency’s share of the incident."],
  reviewer: ["Reviewer", "You read, replay and export. You send nothing."],
  administrator: ["Administrator", "You invite people, end sessions and read the audit trail. You see no incident."],
};

function Link() {
  const [state, setState] = useState(/** @type {{busy?: boolean, words?: string, me?: any, incidents?: any[]}} */ ({}));
  async function signIn() {
    setState({ busy: true });
    try {
      await call("POST", "/api/session", { link: token });
      dropAll(); // the drafts of whoever sat here before
      const found = await call("GET", "/api/me");
      setState({ me: found.me, incidents: found.incidents ?? [] });
    } catch (error) {
      if (error instanceof Unreachable) setState({ words: "The server did not answer. Press again." });
      else if (error instanceof Problem && error.status < 500) setState({ words: "This link does not work: it was used already, is older than ten minutes, or is incomplete. Whoever invited you can make another." });
      else setState({ words: "The server could not do it now. Press again in a moment." });
    }
  }
  if (state.me) return html`<${SignedIn} me=${state.me} incidents=${state.incidents ?? []} />`;
  return html`<main class="page page-narrow" id="main"><header class="page-head"><p class="brand">Muster</p><h1>Sign in</h1></header>
    ${token ? html`<p>You were given a link that signs you in, once. It is used when you press the button, not before.</p>
      ${state.words ? html`<p class="bad-text" role="alert">${state.words}</p>` : null}
      <p><button type="button" class="button strong big" disabled=${!!state.busy} onClick=${signIn}>${state.busy ? "Signing in…" : "Sign in"}</button></p>`
      : html`<p>This page needs the whole link that you were given, with everything after the # sign. Open it again from where you received it, or ask whoever invited you for another.</p>`}</main>`;
}

/** @param {{me: any, incidents: any[]}} props */
function SignedIn({ me, incidents }) {
  /** @type {Map<string, any[]>} what a role may do is said once, with every incident where one has it */
  const seen = new Map(incidents.length ? [] : [[me.role, []]]);
  for (const one of incidents) seen.set(one.role, [...(seen.get(one.role) ?? []), one]);
  return html`<main class="page page-narrow" id="main"><header class="page-head"><p class="brand">Muster</p><h1>You are signed in</h1><p>${me.name || me.person}${me.agency ? ` · ${me.agency}` : ""}</p></header>
    ${[...seen].map(([role, list]) => {
      const [title, says] = ROLES[role] ?? [role ?? "Role not known", ""];
      return html`<section class="role" key=${role}><h2>${title}</h2><p>${says}</p>
        ${list.length ? html`<ul class="role-list">${list.map((one) => html`<li key=${one.id}>${one.name}${one.status ? html`<span class="muted"> · ${one.status}</span>` : null}</li>`)}</ul>` : null}</section>`;
    })}
    <p><a class="button strong big" href="/">Open the dashboard</a></p></main>`;
}

const root = /** @type {Element} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${Link} />`, root);
