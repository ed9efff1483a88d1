/** Agencies that accounts, devices and incidents may name: under whose law, reached how, helping under which agreement. */
import { html, useState } from "../lib.js";
import { callProved } from "../step_up.js";
import { Input, Trouble } from "../sign_in/proof.js";
import { Moment } from "../sign_in/times.js";
import { dayEnding, endOfDay } from "./days.js";
import { Pick, Sure, useAct, useFetch } from "./parts.js";

/** @type {readonly (readonly [string, string])[]} */
export const KINDS = [["local", "local"], ["county", "county"], ["state", "state"], ["federal", "federal"], ["campus", "campus"], ["transit", "transit"], ["tribal", "tribal"], ["medical", "medical"], ["oversight", "oversight"], ["other", "other"], ["unstated", "not stated yet"]];
const NEW = { id: "", name: "", kind: "local", contact: "", agreement: "", until: "" };

/** @param {{at: string, me: any}} props */
export function Agencies({ at, me }) {
  const [found, words, again] = useFetch("/api/agencies");
  const { busy, go, Said } = useAct();
  const all = found?.agencies ?? [];
  const wanted = decodeURIComponent(at);
  const open = all.find((/** @type {any} */ one) => one.agency.id === wanted);
  const may = me.may.includes("agency.add");
  /** @param {string} what @param {string} then @param {string} path @param {unknown} body */
  const act = async (what, then, path, body) => {
    const made = await go(then, () => callProved(what, "POST", path, body));
    await again();
    return made;
  };
  return html`<section class="desk-card" aria-labelledby="agencies"><h2 id="agencies">Agencies <span class="panel-count">${all.length}</span></h2><${Trouble} words=${words} />${Said}
      ${all.length ? html`<table class="desk-table"><thead><tr><th scope="col">Agency</th><th scope="col">Kind</th><th scope="col">Reached by</th><th scope="col">Agreement</th><th scope="col">Accounts</th><th scope="col">State</th><th scope="col"><span class="sr">Acts</span></th></tr></thead>
      <tbody>${all.map((/** @type {any} */ { agency: one, accounts, administrators }) => html`<tr key=${one.id} aria-current=${one.id === wanted ? "true" : undefined}><th scope="row">${may ? html`<a class="linkish" href=${`#agencies/${encodeURIComponent(one.id)}`}>${one.name}</a>` : one.name}<br /><span class="muted">${one.id}</span></th>
        <td data-label="Kind">${one.kind === "unstated" ? html`<span class="badge badge-warn">not stated</span>` : one.kind}</td><td data-label="Reached by">${one.contact || html`<span class="muted">–</span>`}</td>
        <td data-label="Agreement">${one.agreement || html`<span class="muted">–</span>`}${one.agreement_until ? html` <span class="muted">until ${dayEnding(one.agreement_until)}</span>` : null}</td>
        <td data-label="Accounts">${accounts}${administrators ? html` <span class="muted">${administrators} administer</span>` : null}</td>
        <td data-label="State">${one.ended_at ? html`<span class="badge badge-bad">ended</span> <${Moment} at=${one.ended_at} />` : html`<span class="badge badge-ok">in force</span>`}</td>
        <td>${may && !one.ended_at ? html`<${Sure} words="End" label=${`End ${one.name}`} sure=${`Let nothing new name ${one.name}?`} disabled=${busy} act=${() => act(`Ending ${one.name}`, `Nothing new names ${one.name}. Its accounts stay until they end or are disabled.`, `/api/agencies/${encodeURIComponent(one.id)}/end`, {})} />` : null}</td></tr>`)}</tbody></table>` : html`<p class="muted">None yet. Until there is one, any agency name is accepted.</p>`}
      <p class="hint">An invitation, device or incident that names an agency which is not listed here is refused, with a suggestion. When an agency is let in to an incident, its agreement is taken from here.</p></section>
    ${may ? html`<${Words} key=${open ? wanted : ""} open=${open?.agency} busy=${busy} act=${act} />` : null}`;
}

/** A new agency, or other words for one. @param {{open: any, busy: boolean, act: (what: string, then: string, path: string, body: unknown) => Promise<any>}} props */
function Words({ open, busy, act }) {
  const [typed, setTyped] = useState(open ? { ...NEW, ...open, until: dayEnding(open.agreement_until) } : NEW);
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setTyped({ ...typed, [name]: value });
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const words = { name: typed.name.trim(), kind: typed.kind, contact: typed.contact.trim(), agreement: typed.agreement.trim(), agreement_until: endOfDay(typed.until) };
    const made = open ? await act(`Changing ${open.name}`, "Changed.", `/api/agencies/${encodeURIComponent(open.id)}`, words) : await act(`Adding ${words.name}`, `${words.name} may be named from now on.`, "/api/agencies", { id: typed.id.trim(), ...words });
    if (made && !open) setTyped(NEW);
  }
  return html`<section class="desk-card" aria-labelledby="agency-words"><h2 id="agency-words">${open ? `Change ${open.name}` : "Add an agency"}</h2>
    <form class="desk-form" novalidate autocomplete="off" onSubmit=${submit}>
      ${open ? null : html`<${Input} id="f-id" label="Id" hint="Short, like kcso. It stays." value=${typed.id} change=${set("id")} autocomplete="off" />`}
      <${Input} id="f-name" label="Name" hint="As screens show it." value=${typed.name} change=${set("name")} autocapitalize="words" autocomplete="off" />
      <${Pick} id="f-kind" label="Kind" hint="Under whose law it is." value=${typed.kind} change=${set("kind")} options=${KINDS} />
      <${Input} id="f-contact" label="Reached by" hint="A desk or a channel, never a person." value=${typed.contact} change=${set("contact")} autocomplete="off" />
      <${Input} id="f-agreement" label="Agreement" hint="What it helps under, as it is cited." value=${typed.agreement} change=${set("agreement")} autocomplete="off" />
      <${Input} id="f-until" label="Its last day" hint="Empty: no end." type="date" value=${typed.until} change=${set("until")} />
      <div class="full desk-acts"><button type="submit" class="button strong" disabled=${busy || !typed.name.trim()}>${open ? "Change" : "Add"}</button>${open ? html`<a class="button" href="#agencies">Close</a>` : null}</div></form></section>`;
}

/** The agencies that something new may name; none where there is no register yet. @returns {readonly (readonly [string, string])[]} */
export function useAgencies() {
  const [found] = useFetch("/api/agencies");
  return (found?.agencies ?? []).filter((/** @type {any} */ one) => !one.agency.ended_at).map((/** @type {any} */ one) => [one.agency.id, one.agency.name === one.agency.id ? one.agency.id : `${one.agency.name} (${one.agency.id})`]);
}
