/** Setting up what one signs in with: a passkey on this device, or a password with one-time codes and recovery codes. */
import { html, useEffect, useRef, useState } from "../lib.js";
import { call } from "../api.js";
import { Input, Trouble } from "./proof.js";
import { canPasskey, makePasskey, sentence } from "./ways.js";

export const PASSWORD_LEAST = 15;

/** A picture that the server drew, without putting its markup into this page. @param {{svg: string, words: string}} props */
export function Picture({ svg, words }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg.includes("xmlns=") ? svg : svg.replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")], { type: "image/svg+xml" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return url ? html`<img class="qr" src=${url} alt=${words} width="220" height="220" />` : null;
}

/** @param {{label?: string, done: () => void, first?: boolean}} props */
export function NewPasskey({ done, first = false }) {
  const [label, setLabel] = useState("");
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  async function make() {
    setBusy(true);
    setWords("");
    try {
      await makePasskey(label.trim() || "passkey");
      return done();
    } catch (error) {
      setWords(sentence(error, "make"));
    }
    setBusy(false);
    return undefined;
  }
  return html`<div class="proof"><${Trouble} words=${words} />
    <${Input} id="f-label" label="What you call this device" hint="Only you and this list see it: work phone, blue key." value=${label} change=${setLabel} maxlength="80" />
    <button type="button" class=${`button ${first ? "strong big wide" : "strong"}`} disabled=${busy} onClick=${make}>${busy ? "Waiting for your device…" : "Make a passkey"}</button></div>`;
}

/** @param {{person?: string | null, done: (codes: readonly string[]) => void}} props */
export function NewPassword({ person, done }) {
  const [offer, setOffer] = useState(/** @type {import("../types.d.ts").TotpOffer | null} */ (null));
  const [typed, setTyped] = useState({ password: "", again: "", code: "" });
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => { call("POST", "/api/credentials/totp", {}).then(setOffer, (error) => setWords(sentence(error, "make"))); }, []);
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if ([...typed.password].length < PASSWORD_LEAST) return setWords(`A password here has ${PASSWORD_LEAST} characters or more, like a sentence; this one has ${[...typed.password].length}.`);
    if (typed.password !== typed.again) return setWords("The two passwords are not the same.");
    if (!/^\d{6}$/.test(typed.code.replace(/\s/g, ""))) return setWords("The code is the six digits that the app shows now.");
    setBusy(true);
    setWords("");
    try {
      const made = await call("POST", "/api/credentials/password", { ceremony: offer?.ceremony, password: typed.password, code: typed.code.replace(/\s/g, "") });
      return done(made.recovery);
    } catch (error) {
      setWords(sentence(error, "make"));
    }
    setBusy(false);
    return undefined;
  }
  if (!offer) return html`<${Trouble} words=${words} />${words ? null : html`<p role="status">One moment…</p>`}`;
  return html`<form class="proof" novalidate onSubmit=${submit}><${Trouble} words=${words} />
    <ol class="steps">
      <li><h3>Add it to an authenticator app</h3><p>Scan this, or type the secret into the app.</p>
        <${Picture} svg=${offer.qr} words="The secret of your one-time codes, to scan. It stands below as text." />
        <p class="secret"><code>${(offer.secret.match(/.{1,4}/g) ?? []).join(" ")}</code></p></li>
      <li><h3>Choose a password</h3><p class="hint">${PASSWORD_LEAST} characters or more; any characters, spaces too. Several words are good. It never has to be changed on a date.</p>
        ${person ? html`<input type="hidden" name="username" autocomplete="username" value=${person} />` : null}
        <${Input} id="f-new" label="New password" type="password" autocomplete="new-password" value=${typed.password} change=${(/** @type {string} */ v) => setTyped({ ...typed, password: v })} />
        <${Input} id="f-again" label="The same again" type="password" autocomplete="new-password" value=${typed.again} change=${(/** @type {string} */ v) => setTyped({ ...typed, again: v })} /></li>
      <li><h3>Show that the app works</h3>
        <${Input} id="f-first-code" label="Code that the app shows now" wide=${false} inputmode="numeric" autocomplete="one-time-code" maxlength="10" value=${typed.code} change=${(/** @type {string} */ v) => setTyped({ ...typed, code: v })} /></li>
    </ol>
    <button type="submit" class="button strong big wide" disabled=${busy}>${busy ? "One moment…" : "Keep password and codes"}</button></form>`;
}

/** Shown once. @param {{codes: readonly string[], done: () => void}} props */
export function RecoveryCodes({ codes, done }) {
  const [kept, setKept] = useState(false);
  const [words, setWords] = useState("");
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => head.current?.focus(), []);
  async function copy() {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      setWords("Copied.");
    } catch {
      setWords("This browser does not let us copy: select them, or print.");
    }
  }
  return html`<section class="proof" aria-labelledby="codes-title"><h2 id="codes-title" tabindex="-1" ref=${head}>Your recovery codes</h2>
    <p>Each works once, in the place of the app's code, when the app is lost. <strong>They are shown now and never again.</strong> Keep them on paper, apart from your password.</p>
    <ul class="codes">${codes.map((one) => html`<li key=${one}><code>${one}</code></li>`)}</ul>
    <div class="line-acts"><button type="button" class="button" onClick=${copy}>Copy</button><button type="button" class="button" onClick=${() => window.print()}>Print</button><span role="status">${words}</span></div>
    <label class="choice"><input type="checkbox" checked=${kept} onChange=${(/** @type {any} */ e) => setKept(e.currentTarget.checked)} /><span>I have kept them</span></label>
    <button type="button" class="button strong big wide" disabled=${!kept} onClick=${done}>Go on</button></section>`;
}

/** The first credential of someone who came by a link or a set-up code. @param {{look: import("./ways.js").Look, done: () => void}} props */
export function Enrol({ look, done }) {
  const passkeys = canPasskey(look);
  const [way, setWay] = useState(passkeys ? "passkey" : "password");
  const [codes, setCodes] = useState(/** @type {readonly string[]} */ ([]));
  if (codes.length) return html`<${RecoveryCodes} codes=${codes} done=${done} />`;
  return html`<section class="proof"><h2>${look.name || look.person}, choose how you will sign in</h2>
    <p>Your link or code let you in this once. Choose what you will sign in with from now on.</p>
    ${passkeys ? html`<div class="ways" role="group" aria-label="How you will sign in">
      <button type="button" class="way" aria-pressed=${way === "passkey"} onClick=${() => setWay("passkey")}><strong>Passkey</strong><span>Your device's lock, or a security key. Nothing to remember, and a fake page cannot steal it.</span></button>
      <button type="button" class="way" aria-pressed=${way === "password"} onClick=${() => setWay("password")}><strong>Password and codes</strong><span>For places where a passkey cannot be used. Needs an authenticator app.</span></button></div>`
      : html`<p class="hint">Passkeys cannot be made here: ${look.passkeys ? "this browser knows none" : "they need a host name, and this address is a number"}.</p>`}
    ${way === "passkey" ? html`<${NewPasskey} first done=${done} />` : html`<${NewPassword} person=${look.person} done=${setCodes} />`}</section>`;
}
