/** Proving who one is: passkey first, else password and code, else the agency's own sign-in. Used to sign in, unlock and step up. */
import { html, useEffect, useRef, useState } from "../lib.js";
import { Problem, call } from "../api.js";
import { leaveFor } from "./go.js";
import { acknowledge, canOffer, canPasskey, sentence, withPasskey, withPassword } from "./ways.js";

const OFFER_AGAIN_MS = 240_000; // a challenge lives five minutes

/** A field of these pages: label, hint and complaint are tied to it. @param {any} props */
export function Input({ id, label, hint, value, change, wide = true, ...more }) {
  return html`<div class="field"><label for=${id}>${label}</label>${hint ? html`<p class="hint" id=${`${id}-hint`}>${hint}</p>` : null}
    <input id=${id} class=${wide ? "" : "short"} type="text" aria-describedby=${hint ? `${id}-hint` : undefined} autocapitalize="none" spellcheck=${false} value=${value}
      onInput=${(/** @type {any} */ e) => change(e.currentTarget.value)} ...${more} /></div>`;
}

/** What went wrong, told to a screen reader as well. @param {{words: string}} props */
export function Trouble({ words }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [words]);
  return words ? html`<p class="trouble" role="alert" ref=${place}><span class="mark" aria-hidden="true">✕</span> ${words}</p>` : null;
}

/** The words that everyone acknowledges. @param {{text: string}} props */
export function BannerText({ text }) {
  return html`<div class="notice" id="notice">${text.split("\n").filter(Boolean).map((line) => html`<p key=${line}>${line}</p>`)}</div>`;
}

/**
 * `flow`: of the acknowledged banner; none where it is acknowledged by going on (unlocking, step-up). `person`: only this
 * one is asked for. `keep`: whoever else is signed in here is locked and not signed out.
 * @param {{look: import("./ways.js").Look, flow?: string, person?: string | null, keep?: boolean, verb?: string, offer?: boolean,
 *   done: (as: import("./ways.js").SignedInAs) => void, again?: () => void}} props
 */
export function Proof({ look, flow, person, keep = false, verb = "Sign in", offer = false, done, again }) {
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState("");
  const [typed, setTyped] = useState({ person: person ?? "", password: "", code: "" });
  const quiet = useRef(/** @type {AbortController | null} */ (null));
  const passkeys = canPasskey(look);

  useEffect(() => {
    if (!passkeys || !offer || !flow) return undefined;
    let over = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    async function wait() {
      if (over || !(await canOffer()) || over) return;
      const mine = (quiet.current = new AbortController());
      timer = setTimeout(() => mine.abort("again"), OFFER_AGAIN_MS);
      try {
        done(await withPasskey(/** @type {string} */ (flow), { keep, offer: true, abort: mine.signal }));
      } catch (error) {
        if (mine.signal.reason === "again") return void wait();
        if (error instanceof Problem) setWords(sentence(error));
      } finally {
        clearTimeout(timer);
      }
    }
    void wait();
    return () => { over = true; quiet.current?.abort(); };
  }, [flow]);

  /** @param {string} what @param {(flow: string) => Promise<any>} act */
  async function go(what, act) {
    quiet.current?.abort();
    setBusy(what);
    setWords("");
    try {
      const as = await act(flow ?? (await acknowledge(look)));
      if (as) return done(as);
    } catch (error) {
      if (error instanceof Problem && error.where === "flow" && again) again();
      setWords(sentence(error));
      setTyped((old) => ({ ...old, code: "" }));
    }
    setBusy("");
    return undefined;
  }

  /** @param {string} provider */
  async function away(provider) {
    await go(provider, async (current) => {
      const { url } = await call("POST", "/api/session/oidc/start", { flow: current, provider, keep });
      leaveFor(url);
      return null;
    });
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if (!typed.person.trim() || !typed.password || !typed.code.trim()) return setWords("Name, password and code are all needed.");
    return go("password", (current) => withPassword(current, { ...typed, keep }));
  }

  return html`<div class="proof">
    <${Trouble} words=${words} />
    ${passkeys ? html`<button type="button" class="button strong big wide" disabled=${!!busy} onClick=${() => go("passkey", (current) => withPasskey(current, { keep }))}>${busy === "passkey" ? "Waiting for your passkey…" : `${verb} with a passkey`}</button>
      <p class="or"><span>or</span></p>` : look.passkeys ? null : html`<p class="hint">Passkeys do not work under this address: they need a host name, and this is a number.</p>`}
    <form class="proof-form" novalidate onSubmit=${submit}>
      <fieldset disabled=${!!busy}><legend class="sr">With a password and a one-time code</legend>
        ${person ? html`<input type="hidden" name="username" autocomplete="username" value=${person} />` : html`<${Input} id="f-person" label="Your id" hint="As your agency's administrator entered it, like lopez." value=${typed.person} autocomplete="username webauthn" change=${(/** @type {string} */ v) => setTyped({ ...typed, person: v })} />`}
        <${Input} id="f-password" label="Password" type="password" value=${typed.password} autocomplete="current-password" change=${(/** @type {string} */ v) => setTyped({ ...typed, password: v })} />
        <${Input} id="f-code" label="Code" hint="Six digits from your app, or a recovery code." wide=${false} value=${typed.code} inputmode="text" maxlength="40" autocomplete="one-time-code" change=${(/** @type {string} */ v) => setTyped({ ...typed, code: v })} />
        <button type="submit" class=${`button ${passkeys ? "" : "strong"} big wide`}>${busy === "password" ? "One moment…" : `${verb} with a password`}</button>
      </fieldset>
    </form>
    ${look.providers.length ? html`<p class="or"><span>or</span></p>${look.providers.map((one) => html`<button type="button" key=${one.id} class="button big wide" disabled=${!!busy} onClick=${() => away(one.id)}>${one.name}</button>`)}` : null}
  </div>`;
}
