/** Accounts: who they are, what they may be where, what shuts them and opens them again. */
import { html, useEffect, useRef, useState } from "../lib.js";
import { callProved } from "../step_up.js";
import { HOW } from "../sign_in/how.js";
import { Moment } from "../sign_in/times.js";
import { Input, Trouble } from "../sign_in/proof.js";
import { ROLES } from "../roles.js";
import { Release } from "./locked.js";
import { GivenOnce, Pick, Sure, useAct, useFetch } from "./parts.js";

/** @typedef {{account: any, grants: any[]}} User */

/** @param {any} grant */
export const grantWords = (grant) => `${ROLES[grant.role]?.[0] ?? grant.role}${grant.incident === "*" ? ", every incident" : `, incident ${grant.incident.slice(-8)}`}`;

/** Displays are devices, listed apart. @param {User} user */
export const isDisplay = (user) => user.grants.some((one) => one.role === "display");

/** @param {{at: string, me: any}} props */
export function People({ at, me }) {
  const [found, words, again] = useFetch("/api/users");
  const [search, setSearch] = useState("");
  if (!found) return html`<${Trouble} words=${words} />${words ? null : html`<p role="status">One moment…</p>`}`;
  /** @type {User[]} */
  const all = found.users.filter((/** @type {User} */ one) => !isDisplay(one));
  const wanted = search.trim().toLowerCase();
  const shown = all.filter((one) => !wanted || [one.account.person, one.account.name, one.account.agency, ...one.grants.map((/** @type {any} */ g) => g.role)].join(" ").toLowerCase().includes(wanted));
  const person = decodeURIComponent(at);
  const open = all.find((one) => one.account.person === person);
  return html`<div class=${open ? "desk-pair" : ""}><section class="desk-card" aria-labelledby="people"><h2 id="people">People <span class="panel-count">${shown.length === all.length ? all.length : `${shown.length} of ${all.length}`}</span></h2>
    <div class="field"><label for="f-search">Find</label><input id="f-search" type="search" autocomplete="off" value=${search} onInput=${(/** @type {any} */ e) => setSearch(e.currentTarget.value)} /></div>
    <table class="desk-table"><thead><tr><th scope="col">Name</th><th scope="col">Agency</th><th scope="col">May be</th><th scope="col">State</th></tr></thead>
      <tbody>${shown.map((one) => html`<tr key=${one.account.person} aria-current=${one === open ? "true" : undefined}><th scope="row"><a class="linkish" href=${`#people/${encodeURIComponent(one.account.person)}`}>${one.account.name || one.account.person}</a><br /><span class="muted">${one.account.person}</span></th>
        <td data-label="Agency">${one.account.agency} · ${one.account.rank}</td><td data-label="May be">${one.grants.map(grantWords).join("; ") || html`<span class="muted">nothing</span>`}</td>
        <td data-label="State"><${State} account=${one.account} /></td></tr>`)}</tbody></table>
    ${shown.length ? null : html`<p class="muted">Nobody fits.</p>`}</section>
    ${open ? html`<${Person} key=${person} user=${open} me=${me} again=${again} />` : null}</div>`;
}

/** @param {{account: any}} props */
function State({ account }) {
  if (account.disabled) return html`<span class="badge badge-bad">disabled</span>`;
  if (account.expires_at) return html`<span>until <${Moment} at=${account.expires_at} /></span>`;
  return html`<span class="badge badge-ok">may sign in</span>`;
}

/** @param {{user: User, me: any, again: () => Promise<void>}} props */
function Person({ user, me, again }) {
  const { account, grants } = user;
  const base = `/api/users/${encodeURIComponent(account.person)}`;
  const [list, trouble, fetchSessions] = useFetch(`${base}/sessions`);
  const [locks, , fetchLocks] = useFetch("/api/locks");
  const [link, setLink] = useState(/** @type {any} */ (null));
  const [hours, setHours] = useState("72");
  const { busy, go, Said } = useAct();
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => head.current?.focus(), []);
  const name = account.name || account.person;
  const own = account.person === me.person;
  /** @param {string} what @param {string} then @param {string} method @param {string} path @param {unknown} [body] */
  const act = async (what, then, method, path, body) => {
    const made = await go(then, () => callProved(what, method, path, body));
    await Promise.all([again(), fetchSessions(), fetchLocks()]);
    return made;
  };
  return html`<section class="desk-card" aria-labelledby="person-title"><h2 id="person-title" tabindex="-1" ref=${head}>${name}</h2>${Said}
    ${link ? html`<${GivenOnce} title=${`A link for ${name}`} says="Hand it over in person or by a way that you trust: whoever opens it first sets up the sign-in." given=${link} done=${() => setLink(null)} />` : null}
    <dl class="desk-facts"><dt>Id</dt><dd>${account.person}</dd><dt>Agency, rank</dt><dd>${account.agency} · ${account.rank}</dd>
      <dt>Training</dt><dd>${account.training.map((/** @type {any} */ one) => `${one.course}${one.expires ? ` until ${one.expires.slice(0, 10)}` : ""}`).join(", ") || "none on record"}</dd>
      <dt>State</dt><dd><${State} account=${account} /></dd>
      ${grants.map((one, i) => html`<dt key=${`t${i}`}>${i ? "" : "May be"}</dt><dd key=${i}>${grantWords(one)}${one.units?.length ? `, units ${one.units.join(" ")}` : ""}${one.compartments?.length ? `, opens ${one.compartments.join(", ")}` : ""}${one.not_after ? html`, until <${Moment} at=${one.not_after} />` : null} <span class="muted">given by ${one.given_by || "–"}</span></dd>`)}</dl>
    <h3>Sessions</h3><${Trouble} words=${trouble} />
    ${list?.sessions.length ? html`<ul>${list.sessions.map((/** @type {any} */ one) => html`<li class="desk-row" key=${one.id}><div><span>${one.source} · ${HOW[one.how] ?? one.how}${one.state === "locked" ? " · locked" : one.state === "enrol" ? " · sets up a sign-in" : ""}</span><span class="muted">since <${Moment} at=${one.created_at} /> · last active <${Moment} at=${one.last_active_at} /></span></div><${Sure} words="End" label=${`End ${name}'s session from ${one.source}`} sure="End this session?" disabled=${busy} act=${() => act(`Ending a session of ${name}`, "That session has ended; its screens close within seconds.", "DELETE", `${base}/sessions/${encodeURIComponent(one.id)}`)} /></li>`)}</ul>` : html`<p class="muted">Not signed in anywhere.</p>`}
    <div class="desk-acts"><${Sure} words="End all sessions" sure=${`Sign ${name} out everywhere?`} disabled=${busy || !list?.sessions.length} act=${() => act(`Ending ${name}'s sessions`, `${name} is signed out everywhere; screens close within seconds.`, "DELETE", `${base}/sessions`)} /></div>
    <h3>Signing in</h3>
    <${Identities} base=${base} name=${name} />
    ${account.disabled || !locks?.locks.some((/** @type {any} */ one) => one.person === account.person) ? null : html`<p><span class="badge badge-bad">shut after wrong tries</span></p><${Release} person=${account.person} name=${name} busy=${busy} release=${(/** @type {string} */ reason) => act(`Releasing ${name}'s lock`, "The lock after wrong tries is released.", "POST", `${base}/release`, { reason })} />`}
    <div class="desk-acts"><${Sure} words="Lost credentials" sure="End all of them and make a new link?" disabled=${busy || account.disabled} act=${async () => { const made = await act(`A new link for ${name}`, "All old credentials and sessions have ended.", "POST", `${base}/reset`, {}); if (made?.url) setLink(made); }} />
      ${account.disabled || own ? null : html`<${Sure} words="Disable" sure=${`Shut ${name} out at once?`} disabled=${busy} act=${() => act(`Disabling ${name}`, `${name} is shut out; screens close within seconds.`, "POST", `${base}/disable`, {})} />`}</div>
    ${account.disabled || account.expires_at ? html`<div class="desk-form"><${Pick} id="f-hours" label="May sign in for" value=${hours} change=${setHours} options=${HOURS} /><div><button type="button" class="button" disabled=${busy} onClick=${() => act(`Letting ${name} sign in`, `${name} may sign in.`, "POST", `${base}/enable`, { hours: hours ? Number(hours) : null })}>${account.disabled ? "Enable" : "Change the end"}</button></div></div>` : null}
    <p><a class="linkish" href=${`#trail/who=${encodeURIComponent(account.person)}`}>What ${name} did and saw</a> · <a class="linkish" href="#people">Close</a></p></section>`;
}

/** What agencies' own sign-ins call someone. @param {{base: string, name: string}} props */
function Identities({ base, name }) {
  const [found, words, again] = useFetch(`${base}/identities`);
  const [session] = useFetch("/api/session");
  const [typed, setTyped] = useState({ provider: "", subject: "" });
  const { busy, go, Said } = useAct();
  const list = found?.identities ?? [];
  /** @type {[string, string][]} */
  const providers = (session?.providers ?? []).map((/** @type {any} */ one) => [one.id, one.name]);
  const provider = typed.provider || providers[0]?.[0] || "";
  if (!list.length && !providers.length) return words ? html`<${Trouble} words=${words} />` : null;
  async function link() {
    const made = await go(`${name} may sign in by it.`, () => callProved(`Linking ${name}`, "POST", `${base}/identity`, { provider, subject: typed.subject.trim() }));
    if (made) setTyped({ provider, subject: "" });
    await again();
  }
  /** @param {any} one */
  async function end(one) {
    await go(`${name} does not sign in by it any more.`, () => callProved(`Ending a link of ${name}`, "POST", `${base}/identity/end`, { issuer: one.issuer, subject: one.subject }));
    await again();
  }
  return html`<${Trouble} words=${words} />${Said}
    ${list.length ? html`<ul aria-label="Agencies' own sign-ins">${list.map((/** @type {any} */ one) => html`<li class="desk-row" key=${one.issuer + one.subject}><div><span>${one.provider || "no provider of ours"} calls them <code>${one.subject}</code></span><span class="muted">linked <${Moment} at=${one.linked_at} /> by ${one.linked_by}</span></div><${Sure} words="End the link" sure="End this link?" disabled=${busy} act=${() => end(one)} /></li>`)}</ul>` : null}
    ${providers.length ? html`<div class="desk-form"><${Pick} id="f-provider" label="Agency's own sign-in" hint="Of those in the settings." value=${provider} change=${(/** @type {string} */ v) => setTyped({ ...typed, provider: v })} options=${providers} />
      <${Input} id="f-subject" label="What it calls them" hint="Its sub, word for word. Only for an account without a passkey, a password or another link." value=${typed.subject} change=${(/** @type {string} */ v) => setTyped({ ...typed, subject: v })} autocomplete="off" />
      <div><button type="button" class="button" disabled=${busy || !typed.subject.trim()} onClick=${link}>Link</button></div></div>` : null}`;
}

/** @type {readonly (readonly [string, string])[]} */
export const HOURS = [["12", "12 hours"], ["24", "a day"], ["72", "3 days"], ["168", "a week"], ["720", "30 days"], ["8760", "a year"], ["", "no end"]];
