/** Administration: people, agencies, displays, devices and what is held back of them, who sees what, the audit trail. An administrator sees no incident here. */
import { html, render, signal, useEffect, useState } from "../lib.js";
import { Problem, call } from "../api.js";
import { lock, signOut, watchSession } from "../session.js";
import { openVault } from "../vault.js";
import { honourLock, toSignIn } from "../sign_in/go.js";
import { look, sentence } from "../sign_in/ways.js";
import { People } from "./people.js";
import { Invite } from "./invite.js";
import { Displays } from "./displays.js";
import { Agencies } from "./agencies.js";
import { Devices } from "./devices.js";
import { Held } from "./held.js";
import { Locked } from "./locked.js";
import { Sight } from "./sight.js";
import { Trail } from "./trail.js";

/** @type {readonly (readonly [string, string, string, any])[]} hash, title, what it takes, part */
const PARTS = [
  ["people", "People", "user.list", People], ["locked", "Locked", "user.release", Locked], ["agencies", "Agencies", "agency.list", Agencies], ["invite", "Invite", "user.invite", Invite], ["displays", "Displays", "display.invite", Displays],
  ["devices", "Devices", "device.list", Devices], ["held", "Held back", "device.list", Held], ["sight", "Who sees what", "user.list", Sight], ["trail", "Audit trail", "audit.read", Trail],
];

const at = signal(location.hash.slice(1));
window.addEventListener("hashchange", () => { at.value = location.hash.slice(1); });

function Page() {
  const [me, setMe] = useState(/** @type {any} */ (null));
  const [words, setWords] = useState("");
  useEffect(() => { void begin(); }, []);
  async function begin() {
    try {
      await honourLock();
      const now = await look();
      if (now.state !== "live") return toSignIn();
      const [answer] = await Promise.all([call("GET", "/api/me"), openVault()]);
      watchSession(now, { asks: true });
      setMe(answer.me);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return toSignIn();
      setWords(`${sentence(error, "make")} Trying again.`);
      setTimeout(begin, 3000);
    }
    return undefined;
  }
  if (!me) return html`<main class="page" id="main"><p role="status">${words || "One moment…"}</p></main>`;
  const mine = PARTS.filter(([, , act]) => me.may.includes(act));
  const [name, title, , Part] = mine.find(([hash]) => hash === at.value.split("/")[0]) ?? mine[0] ?? ["", "", "", null];
  return html`<main class="desk" id="main"><header class="desk-top"><div><p class="brand">Muster</p><h1>Administration</h1><p class="muted">${me.name || me.person}${me.agency ? ` · ${me.agency}` : ""}</p></div>
    <nav aria-label="Your own"><a class="button" href="/">Dashboard</a><a class="button" href="/account">My sign-in</a><button type="button" class="button" onClick=${lock}>Lock</button><button type="button" class="button" onClick=${signOut}>Sign out</button></nav></header>
    <div class="sr" role="alert" id="announce-now"></div>
    ${Part ? html`<nav class="desk-tabs" aria-label="Administration">${mine.map(([hash, words]) => html`<a key=${hash} href=${`#${hash}`} aria-current=${hash === name ? "page" : undefined}>${words}</a>`)}</nav>
      <${Part} key=${name} me=${me} title=${title} at=${at.value.split("/").slice(1).join("/")} />`
      : html`<p class="told">You are no administrator. What you may do is on the <a href="/">dashboard</a>.</p>`}</main>`;
}

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(html`<${Page} />`, root);
}
