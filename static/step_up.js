/** Proving it again, where the server asks for a fresh proof: a dialog above the page, and afterwards the same is sent again. */
import { html, render, useEffect, useRef, useState } from "./lib.js";
import { Problem, call } from "./api.js";
import { Proof, Trouble } from "./sign_in/proof.js";
import { look, sentence } from "./sign_in/ways.js";

/** @type {Promise<boolean> | null} one dialog, however many ask for it at once */
let open = null;

/** Ask the person at the screen to prove themselves; false where they would rather not. @param {string} what what it is for, in a few words */
export function proveAgain(what) {
  open ??= ask(what).finally(() => { open = null; });
  return open;
}

/** A call that may need a fresh proof: asks for it, and sends the same again. @param {string} what @param {string} method @param {string} path @param {unknown} [body] */
export async function callProved(what, method, path, body) {
  try {
    return await call(method, path, body);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "step-up" || !(await proveAgain(what))) throw error;
    return call(method, path, body);
  }
}

/** @param {string} what @returns {Promise<boolean>} */
function ask(what) {
  const before = document.activeElement;
  const host = document.createElement("div");
  document.body.append(host);
  return new Promise((answered) => {
    /** @param {boolean} proved */
    const end = (proved) => {
      render(null, host);
      host.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      answered(proved);
    };
    render(html`<${Dialog} what=${what} end=${end} />`, host);
  });
}

/** @param {{what: string, end: (proved: boolean) => void}} props */
function Dialog({ what, end }) {
  const [found, setFound] = useState(/** @type {import("./sign_in/ways.js").Look | null} */ (null));
  const [words, setWords] = useState("");
  const frame = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    frame.current?.showModal();
    look().then(setFound, (error) => setWords(sentence(error)));
  }, []);
  /** @param {import("./sign_in/ways.js").SignedInAs} as */
  function done(as) {
    // Another person's passkey opens that person's session: nothing of this one's may go out under it.
    if (as.person !== found?.person) return location.replace("/");
    return end(true);
  }
  return html`<dialog class="step-up" ref=${frame} aria-labelledby="step-up-title" onCancel=${(/** @type {Event} */ e) => { e.preventDefault(); end(false); }}>
    <h2 id="step-up-title">Prove that it is you</h2>
    <p><strong>${what}</strong> takes a proof of the last few minutes. What you wrote is kept, and is sent once, after it.</p>
    <${Trouble} words=${words} />
    ${found ? html`<${Proof} look=${found} person=${found.person} keep verb="Prove it" done=${done} />` : null}
    <button type="button" class="button wide" onClick=${() => end(false)}>Not now</button></dialog>`;
}
