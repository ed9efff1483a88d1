/** Devices that sign: enrolling one by a code, ending one, and what each has sent. */
import { html, useState } from "../lib.js";
import { callProved } from "../step_up.js";
import { Input, Trouble } from "../sign_in/proof.js";
import { Moment } from "../sign_in/times.js";
import { useAgencies } from "./agencies.js";
import { GivenOnce, Pick, Sure, useAct, useFetch } from "./parts.js";

/** @param {{me: any}} props */
export function Devices({ me }) {
  const [found, words, again] = useFetch("/api/devices");
  const [label, setLabel] = useState("");
  const agencies = useAgencies();
  const [agency, setAgency] = useState(me.agency);
  const [code, setCode] = useState(/** @type {any} */ (null));
  const { busy, go, Said } = useAct();
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const made = await go("", () => callProved("Enrolling a device", "POST", "/api/devices/invite", { label: label.trim(), agency: (agencies.length ? agency : me.agency) || null }));
    if (made) setCode({ ...made, label: label.trim() });
  }
  /** @param {any} one */
  const revoke = async (one) => {
    await go(`${one.label} is revoked. What it sends from now on is held back for a decision, and never lost.`, () => callProved("Revoking a device", "POST", `/api/devices/${encodeURIComponent(one.device)}/revoke`, {}));
    await again();
  };
  const all = found?.devices ?? [];
  /** A tablet whose browser lost everything enrols again under its name; what the older one numbered and never sent is lost with it. @param {any} one */
  const replaced = (one) => !one.revoked_at && all.some((/** @type {any} */ other) => !other.revoked_at && other.label === one.label && other.agency === one.agency && other.enrolled_at > one.enrolled_at);
  return html`${code ? html`<${GivenOnce} title=${`A code for ${code.label}`} says="Scan it with the device that is to be enrolled, and with no other." given=${code} done=${() => { setCode(null); setLabel(""); void again(); }} />` : null}
    <section class="desk-card" aria-labelledby="devices"><h2 id="devices">Devices <span class="panel-count">${all.length}</span></h2><${Trouble} words=${words} />${Said}
      ${all.length ? html`<table class="desk-table"><thead><tr><th scope="col">Device</th><th scope="col">Key</th><th scope="col">Enrolled</th><th scope="col">Seen</th><th scope="col">Statements</th><th scope="col"><span class="sr">Acts</span></th></tr></thead><tbody>${all.map((/** @type {any} */ one) => html`<tr key=${one.device}><th scope="row"><strong>${one.label}</strong><br /><span class="muted">${one.agency} · ${one.device}</span>${replaced(one) ? html` <span class="badge badge-warn">enrolled anew since: revoke this one if it is the same tablet</span>` : null}</th>
        <td data-label="Key"><code class="code" title=${one.fingerprint}>${one.fingerprint.slice(0, 16)}</code> ${one.alg}</td><td data-label="Enrolled"><${Moment} at=${one.enrolled_at} /> <span class="muted">by ${one.enrolled_by}</span></td><td data-label="Seen"><${Moment} at=${one.seen_at} none="never" /></td>
        <td data-label="Statements">${one.statements}${one.missing ? html` <span class="badge badge-warn">${one.missing} missing</span>` : null}${one.held ? html` <span class="badge badge-bad">${one.held} held back</span>` : null}</td>
        <td>${one.revoked_at ? html`<span class="badge badge-bad">revoked</span> <${Moment} at=${one.revoked_at} />` : html`<${Sure} words="Revoke" label=${`Revoke ${one.label}`} sure=${`End ${one.label} for good?`} disabled=${busy} act=${() => revoke(one)} />`}</td></tr>`)}</tbody></table>` : html`<p class="muted">None yet.</p>`}
      <p class="hint">Held back are statements that a revoked device sent, or that nobody can vouch for: an administrator lets each in or turns it down, under <a href="#held">Held back</a>.</p></section>
    <section class="desk-card" aria-labelledby="new-device"><h2 id="new-device">Enrol a device</h2><p class="muted">The code works once, within ten minutes. The device makes its own key, which never leaves it.</p>
      <form class="desk-form" novalidate autocomplete="off" onSubmit=${submit}><${Input} id="f-label" label="What it is called" hint="As on its sticker: tablet 14." value=${label} change=${setLabel} autocomplete="off" />
        ${agencies.length ? html`<${Pick} id="f-agency" label="Whose it is" hint="Its agency." value=${agency} change=${setAgency} options=${agencies} />` : null}
        <div class="full"><button type="submit" class="button strong" disabled=${busy || !label.trim()}>Make a code</button></div></form></section>`;
}
