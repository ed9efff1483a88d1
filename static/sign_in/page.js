/** The page that signs in: notice, proof; the first administrator; a credential that must be set up; a locked screen. */
import { html, render, useEffect, useRef, useState } from "../lib.js";
import { Problem, call } from "../api.js";
import { BannerText, Input, Proof, Trouble } from "./proof.js";
import { Frame } from "./frame.js";
import { Enrol } from "./enrol.js";
import { goOn, honourLock } from "./go.js";
import { acknowledge, look, sentence } from "./ways.js";

/** @typedef {import("./ways.js").Look} Look */

/** @type {Record<string, string>} */
const WHY = {
  ended: "Your session was ended: someone ended it, your access ended, or twelve hours have passed. What you had typed is kept, sealed, for when you are back at this screen.",
  out: "You are signed out. Nothing that you typed is left on this screen.",
  locked: "",
};

function Page() {
  const [found, setFound] = useState(/** @type {Look | null} */ (null));
  const [words, setWords] = useState("");
  const [other, setOther] = useState(false);
  const why = new URLSearchParams(location.search).get("why") ?? "";
  useEffect(() => { void learn(); }, []);
  async function learn() {
    try {
      await honourLock();
      const now = await look();
      if (now.state === "live") return void goOn();
      setFound(now);
      setWords("");
    } catch (error) {
      setWords(`${sentence(error)} Trying again.`);
      setTimeout(learn, 2000 + Math.random() * 2000);
    }
    return undefined;
  }
  /** @param {import("./ways.js").SignedInAs} as */
  function entered(as) {
    if (as.recovery_left !== null && as.recovery_left !== undefined) sessionStorage.setItem("muster.recovery_left", String(as.recovery_left));
    return as.state === "enrol" ? void learn() : void goOn();
  }
  if (!found) return html`<${Frame} title="Sign in"><p role="status">${words || "One moment…"}</p></${Frame}>`;
  if (found.state === "enrol") return html`<${Frame} title="Set up your sign-in"><${Enrol} look=${found} done=${() => void goOn()} /></${Frame}>`;
  if (found.exercise) return found.state === "locked" ? html`<${Played} look=${found} done=${() => void goOn()} />` : html`<${Exercise} why=${WHY[why] ?? ""} />`;
  if (found.state === "locked" && !other) return html`<${Locked} look=${found} done=${entered} other=${() => setOther(true)} />`;
  if (found.setup && found.state === "none" && !other) return html`<${FirstRun} look=${found} done=${entered} other=${() => setOther(true)} />`;
  return html`<${Enter} look=${found} keep=${found.state === "locked"} why=${WHY[why] ?? ""} done=${entered} back=${other ? () => setOther(false) : undefined} />`;
}

/** @param {{why: string}} props */
function Exercise({ why }) {
  return html`<${Frame} title="You are not signed in">${why ? html`<p class="told" role="alert">${why}</p>` : null}<p>This server runs an exercise: nothing in it is real, and a link is all you need to sign in.</p>
    <p>Open the link that you were given. A link works once and for ten minutes; whoever invited you can make another.</p></${Frame}>`;
}

/** A locked screen of an exercise: one press, for there is nothing to prove it with. @param {{look: Look, done: () => void}} props */
function Played({ look: found, done }) {
  const [words, setWords] = useState("");
  async function open() {
    try {
      await call("POST", "/api/session/unlock", {});
      done();
    } catch (error) {
      setWords(sentence(error));
    }
  }
  return html`<${Frame} title="Locked" sub=${html`<strong>${found.name || found.person}</strong> is signed in here. What was on the screen and what was typed come back.`}>
    <p>This server runs an exercise: nothing in it is real, and no sign-in is needed.</p><${Trouble} words=${words} />
    <button type="button" class="button strong big wide" onClick=${open}>Go on as ${found.name || found.person}</button>
    <p class="muted">Someone else opens the link that they were given.</p></${Frame}>`;
}

/** First the notice, alone on the screen; then the ways in. @param {{look: Look, keep: boolean, why: string, done: any, back?: () => void}} props */
function Enter({ look: found, keep, why, done, back }) {
  const [flow, setFlow] = useState("");
  const [words, setWords] = useState("");
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { if (flow) head.current?.focus(); }, [flow]);
  async function read() {
    setWords("");
    try {
      setFlow(await acknowledge(found));
    } catch (error) {
      setWords(sentence(error));
    }
  }
  if (!flow) return html`<${Frame} title="Before you sign in">${why ? html`<p class="told" role="alert">${why}</p>` : null}
    <${BannerText} text=${found.banner.text} /><${Trouble} words=${words} />
    <button type="button" class="button strong big wide" aria-describedby="notice" onClick=${read}>I have read this and go on</button>
    ${back ? html`<button type="button" class="button big wide" onClick=${back}>Back</button>` : null}<${Waiting} look=${found} /></${Frame}>`;
  return html`<${Frame} title="Sign in"><h2 class="sr" tabindex="-1" ref=${head}>How you sign in</h2>
    <${Proof} look=${found} flow=${flow} keep=${keep} offer done=${done} again=${() => setFlow("")} /><${Lost} /></${Frame}>`;
}

/** @param {{look: Look}} props */
function Waiting({ look: found }) {
  if (!found.desk.length) return null;
  return html`<p class="muted">Locked at this screen, and waiting: ${found.desk.map((one) => one.name || one.person).join(", ")}. Whoever of them signs in goes on where they were.</p>`;
}

function Lost() {
  return html`<details class="lost"><summary>I cannot sign in</summary><dl>
    <dt>My passkey or its device is lost</dt><dd>Use another passkey of yours, or your password and code if you set them up. Otherwise ask an administrator for a new link, which ends all that you had.</dd>
    <dt>My app with the codes is lost</dt><dd>Type a recovery code in place of the code. Then make new ones under My sign-in.</dd>
    <dt>Too many wrong tries</dt><dd>Your password is locked at this location after five wrong tries within fifteen minutes. A passkey still works, so does another location, and an administrator can unlock it.</dd>
    <dt>My account has ended</dt><dd>A mutual-aid account ends by itself. The agency that invited you can extend it.</dd></dl></details>`;
}

/** A locked screen: nothing of an incident is in this page. @param {{look: Look, done: any, other: () => void}} props */
function Locked({ look: found, done, other }) {
  return html`<${Frame} title="Locked" sub=${html`<strong>${found.name || found.person}</strong> is signed in here. What was on the screen and what was typed come back when they unlock it.`}>
    <${BannerText} text=${found.banner.text} /><p class="hint">Unlocking acknowledges this notice.</p>
    <${Proof} look=${found} person=${found.person} keep verb="Unlock" done=${done} />
    <div class="door-more"><button type="button" class="button" onClick=${other}>Someone else signs in</button></div><${Lost} /></${Frame}>`;
}

/** @param {{look: Look, done: any, other: () => void}} props */
function FirstRun({ look: found, done, other }) {
  const [typed, setTyped] = useState({ code: "", person: "", name: "", agency: "", rank: "officer" });
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (Object.values(typed).some((one) => !one.trim())) return setWords("All of it is needed.");
    setBusy(true);
    setWords("");
    try {
      const flow = await acknowledge(found);
      return done(await call("POST", "/api/session/set-up", { flow, ...Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value.trim()])) }));
    } catch (error) {
      const asked = error instanceof Problem && error.status === 403 && !error.where;
      setWords(asked ? "This code does not work: it was used already, is older than half an hour, or is not the one that was printed. Print another with: muster user setup" : error instanceof Problem && error.where ? `${sentence(error, "make")} (${error.where.replace(/^\$?\.?/, "")})` : sentence(error, "make"));
    }
    setBusy(false);
    return undefined;
  }
  const field = (/** @type {"code" | "person" | "name" | "agency" | "rank"} */ name, /** @type {any} */ more) => html`<${Input} id=${`f-${name}`} value=${typed[name]} change=${(/** @type {string} */ v) => setTyped({ ...typed, [name]: v })} ...${more} />`;
  return html`<${Frame} title="The first administrator" sub="This server has no administrator yet. Whoever holds its set-up code becomes the first, and invites the others.">
    <${BannerText} text=${found.banner.text} /><p class="hint">Going on acknowledges this notice.</p><${Trouble} words=${words} />
    <form class="proof-form" novalidate autocomplete="off" onSubmit=${submit}><fieldset disabled=${busy}><legend class="sr">The first administrator</legend>
      ${field("code", { label: "Set-up code", hint: "Printed where the server was started. It works once, for half an hour.", autocomplete: "off" })}
      ${field("person", { label: "Your id", hint: "Small letters and digits, like lopez. You sign in with it, and the record names you by it.", autocomplete: "username" })}
      ${field("name", { label: "Your name", hint: "As others see it: A. Lopez.", autocomplete: "name", autocapitalize: "words" })}
      ${field("agency", { label: "Your agency's id", hint: "Short, like spd.", autocomplete: "off" })}
      ${field("rank", { label: "Your rank", hint: "As the plan calls it, like officer, sergeant, captain.", autocomplete: "off" })}
      <button type="submit" class="button strong big wide">${busy ? "One moment…" : "Go on"}</button></fieldset></form>
    <div class="door-more"><button type="button" class="button" onClick=${other}>I have an account already</button></div></${Frame}>`;
}

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(html`<${Page} />`, root);
}
