/** One's own page: what one signs in with, where one is signed in. Changing any of it takes a fresh proof. */
import { html, render, useEffect, useState } from "./lib.js";
import { Problem, call } from "./api.js";
import { lock, signOut, watchSession } from "./session.js";
import { openVault } from "./vault.js";
import { callProved, proveAgain } from "./step_up.js";
import { honourLock, toSignIn } from "./sign_in/go.js";
import { canPasskey, look, sentence } from "./sign_in/ways.js";
import { NewPasskey, NewPassword, RecoveryCodes } from "./sign_in/enrol.js";
import { Trouble } from "./sign_in/proof.js";
import { HOW } from "./sign_in/how.js";
import { Moment } from "./sign_in/times.js";

function Page() {
  const [me, setMe] = useState(/** @type {any} */ (null));
  const [session, setSession] = useState(/** @type {import("./sign_in/ways.js").Look | null} */ (null));
  const [creds, setCreds] = useState(/** @type {import("./types.d.ts").Credentials | null} */ (null));
  const [sessions, setSessions] = useState(/** @type {readonly import("./types.d.ts").SessionRow[]} */ ([]));
  const [words, setWords] = useState("");
  const [said, setSaid] = useState("");
  const [adding, setAdding] = useState("");
  const [codes, setCodes] = useState(/** @type {readonly string[]} */ ([]));
  useEffect(() => { void begin(); }, []);

  async function begin() {
    try {
      await honourLock();
      const now = await look();
      if (now.state !== "live") return toSignIn();
      await openVault();
      setSession(now);
      watchSession(now, { idles: !now.exercise, asks: true });
      setMe((await call("GET", "/api/me")).me);
      await fetchAll();
    } catch (error) {
      setWords(`${sentence(error)} Trying again.`);
      setTimeout(begin, 3000);
    }
    return undefined;
  }
  async function fetchAll() {
    const [held, list] = await Promise.all([call("GET", "/api/credentials"), call("GET", "/api/sessions")]);
    setCreds(held);
    setSessions(list.sessions);
    setWords("");
  }
  /** @param {string} what @param {string} then @param {() => Promise<any>} act */
  async function act(what, then, act) {
    setWords("");
    setSaid("");
    try {
      const made = await act();
      await fetchAll();
      setSaid(then);
      return made;
    } catch (error) {
      setWords(error instanceof Problem && error.code === "step-up" ? `${what}: not done, for you did not prove yourself.` : sentence(error, "make"));
    }
    return undefined;
  }
  /** Some things ask for a proof before they begin. @param {string} name */
  async function add(name) {
    setWords("");
    setSaid("");
    const fresh = await call("POST", name === "passkey" ? "/api/credentials/passkey/options" : "/api/credentials/totp", {}).then(() => true, (error) => (error instanceof Problem && error.code === "step-up" ? proveAgain(name === "passkey" ? "Adding a passkey" : "Changing your password") : Promise.reject(error))).catch((error) => { setWords(sentence(error, "make")); return false; });
    if (fresh) setAdding(name);
  }
  /** @param {string} then */
  async function added(then) {
    setAdding("");
    await act("", then, async () => null);
  }
  async function recovery() {
    const made = await act("New recovery codes", "", () => callProved("Making new recovery codes", "POST", "/api/credentials/recovery", {}));
    if (made) setCodes(made.recovery);
  }
  async function endOthers() {
    await act("Ending your other sessions", "Your other sessions have ended.", async () => {
      for (const one of sessions) if (!one.current) await callProved("Ending your other sessions", "DELETE", `/api/sessions/${encodeURIComponent(one.id)}`);
    });
  }

  if (!me || !creds || !session) return html`<main class="page" id="main"><p role="status">${words || "One moment…"}</p></main>`;
  const others = sessions.filter((one) => !one.current);
  return html`<main class="desk" id="main"><header class="desk-top"><div><p class="brand">Muster</p><h1>My sign-in</h1><p class="muted">${me.name || me.person} · ${me.person}${me.agency ? ` · ${me.agency}` : ""}</p></div>
    <nav aria-label="Your own"><a class="button" href="/">Dashboard</a>${me.may.includes("user.list") ? html`<a class="button" href="/admin">Administration</a>` : null}<button type="button" class="button" onClick=${lock}>Lock</button><button type="button" class="button" onClick=${signOut}>Sign out</button></nav></header>
    <div class="sr" role="alert" id="announce-now"></div>
    <${Trouble} words=${words} />${said ? html`<p class="done-words" role="status">${said}</p>` : null}
    ${session.exercise ? html`<p class="told">This is an exercise: a link is all you need to sign in, and there is nothing to set up.</p>` : html`
    ${codes.length ? html`<div class="desk-card"><${RecoveryCodes} codes=${codes} done=${() => { setCodes([]); void added("The new codes are the ones that count."); }} /></div>` : null}
    <section class="desk-card" aria-labelledby="passkeys"><h2 id="passkeys">Passkeys</h2>
      ${creds.passkeys.length ? html`<ul>${creds.passkeys.map((one) => html`<li class="desk-row" key=${one.id}><div><strong>${one.label}</strong><span class="muted">for ${one.host} · made <${Moment} at=${one.created_at} /> · last used <${Moment} at=${one.used_at} none="not yet" /></span></div>
        <button type="button" class="button small danger" aria-label=${`Remove ${one.label}`} onClick=${() => act("Removing a passkey", `${one.label} does not sign in any more.`, () => callProved("Removing a passkey", "DELETE", `/api/credentials/passkey/${encodeURIComponent(one.id)}`))}>Remove</button></li>`)}</ul>` : html`<p class="muted">You have none. A passkey is your device's own lock or a security key: nothing to type, nothing to guess, and it works even when wrong tries have locked a password.</p>`}
      ${adding === "passkey" ? html`<${NewPasskey} done=${() => added("The new passkey works from now on.")} /><button type="button" class="button quiet" onClick=${() => setAdding("")}>Not now</button>`
        : canPasskey(session) ? html`<p><button type="button" class="button" onClick=${() => add("passkey")}>Add a passkey on this device</button></p>` : html`<p class="hint">You cannot make one here: the address is a number, or this browser does not support passkeys.</p>`}</section>
    <section class="desk-card" aria-labelledby="password"><h2 id="password">Password and codes</h2>
      <p>${creds.password ? html`You have a password with one-time codes, and <strong>${creds.recovery_left}</strong> recovery codes left.${creds.recovery_left < 3 ? " Make new ones soon." : ""}` : "You have none. It is needed only where a passkey cannot be used."}</p>
      ${adding === "password" ? html`<${NewPassword} person=${me.person} done=${(/** @type {readonly string[]} */ made) => { setCodes(made); void added("The new password counts from now on."); }} /><button type="button" class="button quiet" onClick=${() => setAdding("")}>Not now</button>`
        : html`<div class="desk-acts"><button type="button" class="button" onClick=${() => add("password")}>${creds.password ? "Change password and app" : "Set a password"}</button>${creds.password ? html`<button type="button" class="button" onClick=${recovery}>New recovery codes</button>` : null}</div>`}</section>`}
    <section class="desk-card" aria-labelledby="sessions"><h2 id="sessions">Where you are signed in</h2>
      <ul>${sessions.map((one) => html`<li class="desk-row" key=${one.id}><div><strong>${one.current ? "Here" : one.source}${one.state === "locked" ? " · locked" : ""}</strong><span class="muted">by ${HOW[one.how] ?? one.how} · since <${Moment} at=${one.created_at} /> · last active <${Moment} at=${one.last_active_at} /> · until <${Moment} at=${one.ends_at} /> at the latest</span></div>
        ${one.current ? null : html`<button type="button" class="button small danger" aria-label=${`End the session from ${one.source}`} onClick=${() => act("Ending a session", "That session has ended.", () => callProved("Ending a session", "DELETE", `/api/sessions/${encodeURIComponent(one.id)}`))}>End</button>`}</li>`)}</ul>
      ${others.length > 1 ? html`<p><button type="button" class="button danger" onClick=${endOthers}>End all others</button></p>` : null}</section></main>`;
}

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(html`<${Page} />`, root);
}
