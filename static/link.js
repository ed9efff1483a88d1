/**
 * Redeeming a one-time link. The token travels in the fragment, which no server and no preview robot sees; it is taken out
 * of the address at once and used only when a person presses the button. Outside an exercise it leads to setting up a
 * passkey, or a password with codes; in an exercise it signs in.
 */
import { html, render, useEffect, useState } from "./lib.js";
import { ROLES } from "./roles.js";
import { Problem, Unreachable, call } from "./api.js";
import { BannerText, Trouble } from "./sign_in/proof.js";
import { Enrol } from "./sign_in/enrol.js";
import { Frame } from "./sign_in/frame.js";
import { acknowledge, look, sentence } from "./sign_in/ways.js";

const token = decodeURIComponent(location.hash.slice(1)).trim();
if (location.hash) history.replaceState(null, "", location.pathname);

const SPENT = "This link does not work: it was used already, is older than ten minutes, or is incomplete. Whoever invited you can make another.";

function Link() {
  const [found, setFound] = useState(/** @type {import("./sign_in/ways.js").Look | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState("");
  const [signed, setSigned] = useState(/** @type {{me: any, incidents: any[]} | null} */ (null));
  useEffect(() => { void learn(); }, []);

  async function learn() {
    try {
      const now = await look();
      setFound(now);
      setWords("");
      return now;
    } catch (error) {
      setWords(`${sentence(error)} Trying again.`);
      setTimeout(learn, 2000 + Math.random() * 2000);
    }
    return null;
  }

  async function redeem() {
    if (!found) return;
    setBusy(true);
    setWords("");
    try {
      await call("POST", "/api/session", found.exercise ? { link: token } : { link: token, flow: await acknowledge(found) });
      const now = await look();
      if (now.state === "enrol") setFound(now);
      else await arrived();
    } catch (error) {
      setWords(error instanceof Unreachable ? "The server did not answer. Press again." : error instanceof Problem && (error.status === 403 || error.status === 401) && error.where !== "flow" ? SPENT : sentence(error));
    }
    setBusy(false);
  }

  async function arrived() {
    const now = await call("GET", "/api/me");
    const list = now.incidents ?? [];
    const mine = (await call("GET", "/api/sessions")).sessions.find((/** @type {any} */ one) => one.current);
    if (mine?.how === "display") return location.replace("/wall");
    return setSigned({ me: now.me, incidents: list });
  }

  if (signed) return html`<${SignedIn} me=${signed.me} incidents=${signed.incidents} />`;
  if (!token && found?.state !== "enrol") return html`<${Frame} title="Sign in"><p>This page needs the whole link that you were given, with everything after the # sign. Open it again from where you received it, or ask whoever invited you for another.</p>
    <p><a class="button big" href="/sign-in">Sign in without a link</a></p></${Frame}>`;
  if (!found) return html`<${Frame} title="Sign in"><p role="status">${words || "One moment…"}</p></${Frame}>`;
  if (found.state === "enrol") return html`<${Frame} title="Set up your sign-in"><${Enrol} look=${found} done=${() => void arrived()} /></${Frame}>`;
  if (found.exercise) return html`<${Frame} title="Sign in"><p>You were given a link that signs you in, once. It is used up when you press the button, not before.</p><${Trouble} words=${words} />
    <p><button type="button" class="button strong big" disabled=${busy} onClick=${redeem}>${busy ? "Signing in…" : "Sign in"}</button></p></${Frame}>`;
  return html`<${Frame} title="You are invited"><p>This link lets you in once, to set up how you will sign in. It is used up when you press the button, not before.</p>
    ${found.person ? html`<p class="told"><strong>${found.name || found.person}</strong> is signed in in this browser. Going on signs them out here.</p>` : null}
    <${BannerText} text=${found.banner.text} /><${Trouble} words=${words} />
    <button type="button" class="button strong big wide" aria-describedby="notice" disabled=${busy} onClick=${redeem}>${busy ? "One moment…" : "I have read this and go on"}</button></${Frame}>`;
}

/** @param {{me: any, incidents: any[]}} props */
function SignedIn({ me, incidents }) {
  /** @type {Map<string, any[]>} what a role may do is said once, with every incident where one has it */
  const seen = new Map(incidents.length ? [] : me.may?.includes("user.list") ? [["administrator", []]] : []);
  for (const one of incidents) seen.set(one.role, [...(seen.get(one.role) ?? []), one]);
  const tablet = localStorage.getItem("muster.field.enrolled"); // this browser is an enrolled tablet's (field_app/storage.js)
  return html`<${Frame} title="You are signed in" sub=${me.name || me.person}>
    ${[...seen].map(([role, list]) => {
      const [title, says] = ROLES[role] ?? [role ?? "Role not known", ""];
      return html`<section class="role" key=${role}><h2>${title}</h2><p>${says}</p>
        ${list.length ? html`<ul class="role-list">${list.map((one) => html`<li key=${one.id}>${one.name}${one.status ? html`<span class="muted"> · ${one.status}</span>` : null}</li>`)}</ul>` : null}</section>`;
    })}
    ${seen.size ? null : html`<p>There is no incident yet that you may see. It appears on the dashboard when there is one.</p>`}
    <p class="line-acts">${tablet ? html`<a class="button strong big" href="/field/">Go on to this tablet’s screens</a>` : null}<a class=${`button big${tablet ? "" : " strong"}`} href="/">Open the dashboard</a>${me.may?.includes("user.list") ? html`<a class="button big" href="/admin">Administration</a>` : null}</p></${Frame}>`;
}

// A page that the browser kept to go back to named who was here, and where.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
const root = /** @type {Element} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${Link} />`, root);
