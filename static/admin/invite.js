/** Inviting someone: what they may be, where, until when, and what it opens to them. */
import { html, useState } from "../lib.js";
import { callProved } from "../step_up.js";
import { Input } from "../sign_in/proof.js";
import { COMPARTMENTS, MAY_HOLD, ROLES, SEES } from "../roles.js";
import { useAgencies } from "./agencies.js";
import { HOURS } from "./people.js";
import { endOfDay } from "./days.js";
import { GivenOnce, Pick, useAct } from "./parts.js";

const NEW = { person: "", name: "", agency: "", rank: "officer", role: "field", incident: "", hours: "72", training: "", units: "" };

/** "crowd-management=2027-05-01, incident-command" @param {string} text */
function courses(text) {
  return text.split(/[,\n]/).map((one) => one.trim()).filter(Boolean).map((one) => {
    const [course, expires] = one.split("=").map((part) => part.trim());
    return expires ? { course, expires: /^\d{4}-\d\d-\d\d$/.test(expires) ? endOfDay(expires) : expires } : { course };
  });
}

/** @param {{me: any}} props */
export function Invite({ me }) {
  const [typed, setTyped] = useState({ ...NEW, agency: me.agency });
  const [opens, setOpens] = useState(/** @type {string[]} */ ([]));
  const [link, setLink] = useState(/** @type {any} */ (null));
  const { busy, go, Said } = useAct();
  const agencies = useAgencies();
  const may = MAY_HOLD[typed.role] ?? [];
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setTyped({ ...typed, [name]: value });
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const body = { person: typed.person.trim(), name: typed.name.trim(), agency: typed.agency.trim(), role: typed.role, rank: typed.rank.trim() || "officer", incident: typed.incident.trim() || "*", hours: typed.hours ? Number(typed.hours) : null, training: courses(typed.training), ...(typed.role === "supervisor" ? { units: typed.units.split(/[\s,]+/).filter(Boolean) } : {}), ...(opens.length ? { compartments: opens.filter((one) => may.includes(one)) } : {}) };
    const made = await go("", () => callProved(`Inviting ${body.name || body.person}`, "POST", "/api/users", body));
    if (made) setLink({ ...made, name: body.name });
  }
  if (link) return html`<${GivenOnce} title=${`A link for ${link.name}`} says="Hand it over in person or by a way that you trust. It leads to setting up a passkey, or a password with codes." given=${link} done=${() => { setLink(null); setTyped({ ...NEW, agency: me.agency }); setOpens([]); }} />`;
  return html`<section class="desk-card" aria-labelledby="invite-title"><h2 id="invite-title">Invite someone</h2>
    <p class="muted">Someone who has an account gets this role in addition; if the account has an end date, it keeps it. The link works once, within ten minutes.</p>${Said}
    <form class="desk-form" novalidate autocomplete="off" onSubmit=${submit}>
      <${Input} id="f-name" label="Name" hint="As others see it." value=${typed.name} change=${set("name")} autocapitalize="words" autocomplete="off" />
      <${Input} id="f-person" label="Id" hint="Small letters and digits, like lopez." value=${typed.person} change=${set("person")} autocomplete="off" />
      ${agencies.length ? html`<${Pick} id="f-agency" label="Agency" hint="Others are added under Agencies." value=${typed.agency} change=${set("agency")} options=${agencies} />` : html`<${Input} id="f-agency" label="Agency" hint="Its id, like spd." value=${typed.agency} change=${set("agency")} autocomplete="off" />`}
      <${Input} id="f-rank" label="Rank" hint="In the plan's words." value=${typed.rank} change=${set("rank")} autocomplete="off" />
      <${Pick} id="f-role" label="Role" value=${typed.role} change=${(/** @type {string} */ v) => { set("role")(v); setOpens([]); }} options=${Object.entries(ROLES).filter(([name]) => name !== "display").map(([name, [words]]) => /** @type {[string, string]} */ ([name, words]))} />
      <${Pick} id="f-hours" label="Ends after" hint=${typed.role === "assisting" ? "Mutual aid ends with its account." : "The role ends; the account stays."} value=${typed.hours} change=${set("hours")} options=${HOURS} />
      <${Input} id="f-incident" label="Only at incident" hint="Its id; empty: every incident." value=${typed.incident} change=${set("incident")} autocomplete="off" />
      <${Input} id="f-training" label="Training on record" hint="Courses with commas, each with its end: crowd-management=2027-05-01" value=${typed.training} change=${set("training")} autocomplete="off" />
      ${typed.role === "supervisor" ? html`<${Input} id="f-units" label="Units they answer for" hint="Ids with spaces, like bike-1." value=${typed.units} change=${set("units")} autocomplete="off" />` : null}
      <p class="told full"><strong>${ROLES[typed.role][0]}</strong> sees ${SEES[typed.role]}.</p>
      ${may.length ? html`<fieldset class="field full"><legend>Opens besides <span class="optional">only where the work needs it</span></legend><div class="choices">${may.map((one) => html`<label class="choice" key=${one}><input type="checkbox" checked=${opens.includes(one)} onChange=${() => setOpens(opens.includes(one) ? opens.filter((other) => other !== one) : [...opens, one])} /><span>${COMPARTMENTS[one]}</span></label>`)}</div></fieldset>` : null}
      <div class="full"><button type="submit" class="button strong big" disabled=${busy}>${busy ? "One moment…" : "Make the link"}</button></div></form></section>`;
}
