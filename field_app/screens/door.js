/** The tablet before anybody is at it: starting, coming in by a code, locked. A locked one captures, and shows nothing. */
import { html, useEffect, useState } from "../../static/lib.js";
import { Problem, call } from "../../static/api.js";
import { BannerText, Proof, Trouble } from "../../static/sign_in/proof.js";
import { honourLock } from "../../static/sign_in/go.js";
import { look as lookAtSession, sentence } from "../../static/sign_in/ways.js";
import { tick } from "../../static/time.js";
import { enrolled, here, outdated, stage, tablet, unlock } from "../state.js";
import { Capture } from "./capture.js";
import { Said, Unkept } from "./said.js";
import { Scanner } from "./scanner.js";
import { ScreenSwitch } from "./screen_switch.js";
import { ago } from "./parts.js";

const APP = "/field/";

export function Door() {
  if (stage.value === "starting") return html`<main class="field-screen door" id="main"><p class="empty" role="status">One moment…</p></main>`;
  if (stage.value === "broken") return html`<${Broken} />`;
  if (stage.value === "enrol") return html`<${Enrol} />`;
  return html`<${Locked} />`;
}

/** The browser gives no storage: nothing could be kept, so nothing is begun. */
function Broken() {
  if (outdated.value) return html`<main class="field-screen door" id="main"><h1>A newer Muster was here</h1>
    <p>What is kept on this tablet was kept by a newer version than this one, which cannot read it. Nothing of it is lost, and it must not be cleared. Bring the tablet within reach of the server, close every tab of Muster, and open it again.</p>
    <button type="button" class="button strong big wide" onClick=${() => location.reload()}>Try again</button></main>`;
  return html`<main class="field-screen door" id="main"><h1>This browser keeps nothing</h1>
    <p>Muster needs storage on this tablet, so that a record outlasts a dead battery. It is off, forbidden (a private window?) or full.</p>
    <button type="button" class="button strong big wide" onClick=${() => location.reload()}>Try again</button></main>`;
}

/** The code behind the # of the address it was scanned with. */
function codeOfAddress() {
  return new URLSearchParams(location.hash.replace(/^#/, "")).get("code") ?? "";
}

/** What was scanned or typed: an address with the code in it, or the code. @param {string} text */
const codeIn = (text) => (text.includes("code=") ? new URLSearchParams(text.slice(text.indexOf("#") + 1)).get("code") ?? "" : text.trim());

/** Coming in by a code that is good once, for ten minutes. */
function Enrol() {
  const [code, setCode] = useState(codeOfAddress());
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [scanning, setScanning] = useState(false);
  const lost = tablet.value?.taken === "all";
  /** @param {string} given */
  async function enrol(given) {
    setBusy(true);
    setWords("");
    try {
      await here().enrol(given);
      if (location.pathname !== APP) return location.replace(APP); // from the code's address: the worker keeps what lies under the app's
      history.replaceState(null, "", APP);
      await enrolled();
    } catch (error) {
      setWords(error instanceof Problem ? "This code lets no tablet in: it was used, is older than ten minutes, or was mistyped. Ask for another." : "The server did not answer. Look at the network and try again with the same code.");
      setBusy(false);
    }
    return undefined;
  }
  return html`<main class="field-screen door" id="main"><p class="brand">Muster</p><h1>Enrol this tablet</h1>
    ${lost ? html`<p class="told" role="alert"><strong>This browser was enrolled before and has lost everything it kept.</strong> Tell an administrator: the server knows how many records it had numbered and never sent.</p>` : null}
    <${Unkept} /><p>An administrator makes a code, on the administration page or with <code>muster device invite</code>. It lets one tablet in, once, for ten minutes.</p>
    <${Trouble} words=${words} />
    ${scanning ? html`<${Scanner} say="Hold the code in front of the camera." found=${(/** @type {string} */ text) => { setScanning(false); setCode(codeIn(text)); void enrol(codeIn(text)); }} close=${() => setScanning(false)} />`
      : html`<button type="button" class="button big wide" disabled=${busy} onClick=${() => setScanning(true)}>Scan the code</button>`}
    <form novalidate onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); if (code.trim()) void enrol(codeIn(code)); }}>
      <div class="field"><label for="f-code">Code</label><input id="f-code" type="text" autocomplete="off" autocapitalize="characters" spellcheck=${false} value=${code} onInput=${(/** @type {any} */ e) => setCode(e.currentTarget.value)} /></div>
      <button type="submit" class="button strong big wide" disabled=${busy || !code.trim()}>${busy ? "One moment…" : "Enrol this tablet"}</button>
    </form></main>`;
}

/** Nobody is at it. What lies here is counted, and not shown. */
function Locked() {
  const [capturing, setCapturing] = useState(false);
  if (capturing) return html`<${Capture} close=${() => setCapturing(false)} />`;
  return html`<main class="field-screen door" id="main"><p class="brand">Muster</p><h1>Locked</h1>
    <p class="muted">${tablet.value?.device?.label ?? ""}</p><${Said} /><${Unkept} />
    <button type="button" class="button strong huge wide" onClick=${() => setCapturing(true)}>Capture an arrest or a note</button>
    <p class="hint">Works with no network and nobody signed in. It is sealed at once, said to command when it arrives, and yours when you claim it.</p>
    <${Waiting} /><${SignIn} /><${ScreenSwitch} /></main>`;
}

/** How much lies here, and for how long. */
function Waiting() {
  const outbox = tablet.value?.outbox;
  const [counts, setCounts] = useState(/** @type {any} */ (null));
  const changes = outbox?.changes.value;
  useEffect(() => { void outbox?.counts().then(setCounts); }, [changes, tick.value % 5 === 0]);
  if (!counts) return null;
  const waiting = (counts.waiting ?? 0) + (counts.sent ?? 0);
  return html`<section class="field-card" aria-label="What lies on this tablet"><p>${waiting ? html`<strong>${waiting}</strong> ${waiting === 1 ? "record waits" : "records wait"} to be sent${counts.oldest_ms ? `, the oldest for ${ago(counts.oldest_ms)}` : ""}.` : "Nothing waits to be sent."}
    ${counts.held ? html` <strong>${counts.held}</strong> wait at the server for their author.` : ""}${(counts.refused ?? 0) + (counts.returned ?? 0) ? html` <strong>${counts.refused + counts.returned}</strong> came back and wait for their author.` : ""}</p>
    ${outbox?.cut ? html`<p class="warn-text">The server has cut this tablet off. It goes on handing in what it has.</p>` : null}</section>`;
}

/** Signing in takes the server: the key to what lies here is in no tablet. */
function SignIn() {
  const [found, setFound] = useState(/** @type {import("../../static/sign_in/ways.js").Look | null} */ (null));
  const [words, setWords] = useState("");
  const [open, setOpen] = useState(false);
  const [other, setOther] = useState(false);
  useEffect(() => {
    let over = false;
    async function learn() {
      if (over) return;
      try {
        await honourLock();
        const look = await lookAtSession();
        if (look.state === "live" && (await unlock())) return;
        if (!over) setFound(look);
        setWords("");
      } catch {
        setWords("No network: signing in takes the server. Capturing does not.");
      }
      setTimeout(learn, 4000 + Math.random() * 2000);
    }
    void learn();
    return () => { over = true; };
  }, []);
  async function done() {
    if (!(await unlock())) setWords("Signed in, and the server did not answer again. One moment…");
  }
  if (!found) return html`<p class="muted" role="status">${words || "Looking for the server…"}</p>`;
  const locked = found.state === "locked";
  if (found.exercise) return html`${locked ? html`<${Played} look=${found} done=${done} />` : null}<${ByLink} done=${done} />`;
  if (!open) return html`<button type="button" class="button big wide" onClick=${() => setOpen(true)}>${locked ? `Unlock: ${found.name || found.person}` : "Sign in"}</button>${words ? html`<p class="muted" role="status">${words}</p>` : null}`;
  const own = locked && !other;
  return html`<section class="field-card"><${BannerText} text=${found.banner.text} /><p class="hint">Going on acknowledges this notice.</p>
    <${Proof} key=${own ? "own" : "other"} look=${found} person=${own ? found.person : undefined} keep=${locked} verb=${own ? "Unlock" : "Sign in"} done=${done} />
    ${own ? html`<button type="button" class="button big wide" onClick=${() => setOther(true)}>Someone else signs in</button>` : null}</section>`;
}

/** A locked tablet of an exercise: one press, for there is nothing to prove it with. @param {{look: import("../../static/sign_in/ways.js").Look, done: () => Promise<void>}} props */
function Played({ look, done }) {
  const [words, setWords] = useState("");
  async function open() {
    try {
      await call("POST", "/api/session/unlock", {});
      await done();
    } catch (error) {
      setWords(sentence(error));
    }
  }
  return html`<section class="field-card"><${Trouble} words=${words} /><button type="button" class="button big wide" onClick=${open}>Go on as ${look.name || look.person}</button></section>`;
}

/** An exercise signs in by a link that is good once: scanned from a screen, or pasted. @param {{done: () => Promise<void>}} props */
function ByLink({ done }) {
  const [scanning, setScanning] = useState(false);
  const [text, setText] = useState("");
  const [words, setWords] = useState("");
  /** @param {string} given */
  async function redeem(given) {
    setWords("");
    try {
      await call("POST", "/api/session", { link: decodeURIComponent(given.slice(given.indexOf("#") + 1).trim()) });
      await done();
    } catch (error) {
      setWords(error instanceof Problem ? "This link does not work: it was used already, is older than ten minutes, or is incomplete. Ask for another." : "The server did not answer. Try again.");
    }
  }
  if (scanning) return html`<${Scanner} say="Hold the code of your link in front of the camera." close=${() => setScanning(false)} found=${(/** @type {string} */ read) => { setScanning(false); void redeem(read); }} />`;
  return html`<section class="field-card"><h2>Sign in to the exercise</h2><p class="muted">With the link that you were given. It is good once.</p><${Trouble} words=${words} />
    <button type="button" class="button big wide" onClick=${() => setScanning(true)}>Scan its code</button>
    <form novalidate onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); if (text.trim()) void redeem(text); }}>
      <div class="field"><label for="f-link">Link</label><input id="f-link" type="url" autocomplete="off" autocapitalize="none" spellcheck=${false} value=${text} onInput=${(/** @type {any} */ e) => setText(e.currentTarget.value)} /></div>
      <button type="submit" class="button big wide" disabled=${!text.trim()}>Sign in</button></form></section>`;
}
