/** Displays on walls: each a device of its own kind, enrolled by a link that is opened on it. */
import { html, useState } from "../lib.js";
import { callProved } from "../step_up.js";
import { Input, Trouble } from "../sign_in/proof.js";
import { Moment } from "../sign_in/times.js";
import { useAgencies } from "./agencies.js";
import { HOURS, isDisplay } from "./people.js";
import { GivenOnce, Pick, Sure, useAct, useFetch } from "./parts.js";

/** @param {{me: any}} props */
export function Displays({ me }) {
  const [found, words, again] = useFetch("/api/users");
  const [typed, setTyped] = useState({ display: "", name: "", incident: "", hours: "72" });
  const [link, setLink] = useState(/** @type {any} */ (null));
  const agencies = useAgencies();
  const [agency, setAgency] = useState(me.agency);
  const { busy, go, Said } = useAct();
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setTyped({ ...typed, [name]: value });
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const made = await go("", () => callProved("Enrolling a display", "POST", "/api/displays", { display: typed.display.trim(), name: typed.name.trim(), agency: (agencies.length ? agency : me.agency), incident: typed.incident.trim() || "*", hours: typed.hours ? Number(typed.hours) : null }));
    if (made) setLink({ ...made, name: typed.name.trim() });
    await again();
  }
  /** @param {any} account */
  const off = async (account) => {
    await go(`${account.name} shows nothing any more.`, () => callProved("Ending a display", "POST", `/api/users/${encodeURIComponent(account.person)}/disable`, {}));
    await again();
  };
  const all = (found?.users ?? []).filter(isDisplay);
  return html`${link ? html`<${GivenOnce} title=${`A link for ${link.name}`} says="Open it in the browser of that screen, and of no other. It shows the board from then on, and has no form to send anything with." given=${link} done=${() => setLink(null)} />` : null}
    <section class="desk-card" aria-labelledby="displays"><h2 id="displays">Displays <span class="panel-count">${all.length}</span></h2><${Trouble} words=${words} />${Said}
      ${all.length ? html`<ul>${all.map((/** @type {any} */ one) => html`<li class="desk-row" key=${one.account.person}><div><strong>${one.account.name}</strong><span class="muted">${one.account.person} · ${one.grants.map((/** @type {any} */ g) => (g.incident === "*" ? "every incident" : `incident ${g.incident}`)).join(", ")}${one.account.expires_at ? html` · until <${Moment} at=${one.account.expires_at} />` : null}</span></div>
        ${one.account.disabled ? html`<span class="badge badge-bad">off</span>` : html`<${Sure} words="Turn off" sure=${`Turn ${one.account.name} off?`} disabled=${busy} act=${() => off(one.account)} />`}</li>`)}</ul>` : html`<p class="muted">None yet.</p>`}</section>
    <section class="desk-card" aria-labelledby="new-display"><h2 id="new-display">Enrol a display</h2><p class="muted">It follows the board and shows nothing that describes a person. It does not lock, and ends after twelve hours like any session.</p>
      <form class="desk-form" novalidate autocomplete="off" onSubmit=${submit}>
        <${Input} id="f-name" label="Name" hint="Where it hangs: Command post, north wall." value=${typed.name} change=${set("name")} autocomplete="off" />
        <${Input} id="f-display" label="Id" hint="Its own, like wall-1." value=${typed.display} change=${set("display")} autocomplete="off" />
        ${agencies.length ? html`<${Pick} id="f-agency" label="Agency" hint="Whose screen it is." value=${agency} change=${setAgency} options=${agencies} />` : null}
        <${Input} id="f-incident" label="Only at incident" hint="Its id; empty: every incident." value=${typed.incident} change=${set("incident")} autocomplete="off" />
        <${Pick} id="f-hours" label="Ends after" value=${typed.hours} change=${set("hours")} options=${HOURS} />
        <div class="full"><button type="submit" class="button strong" disabled=${busy}>Make the link</button></div></form></section>`;
}
