/** What the parts of administration share: fetching, doing, and the one link that is shown once. */
import { html, useEffect, useRef, useState } from "../lib.js";
import { Problem, call } from "../api.js";
import { Picture } from "../sign_in/enrol.js";
import { Trouble } from "../sign_in/proof.js";
import { sentence } from "../sign_in/ways.js";
import { Second } from "../sign_in/times.js";

/** Fetch a path, and again on demand. @param {string} path @returns {[any, string, () => Promise<void>]} what came, what went wrong, again */
export function useFetch(path) {
  const [found, setFound] = useState(/** @type {any} */ (null));
  const [words, setWords] = useState("");
  const wanted = useRef("");
  async function again() {
    wanted.current = path;
    try {
      const data = await call("GET", path);
      if (wanted.current !== path) return;
      setFound(data);
      setWords("");
    } catch (error) {
      if (wanted.current === path) setWords(sentence(error, "make"));
    }
  }
  useEffect(() => { if (path) void again(); }, [path]);
  return [found, words, again];
}

/** Do something and say what came of it. @returns {{busy: boolean, words: string, said: string, go: (then: string, act: () => Promise<any>) => Promise<any>, Said: any}} */
export function useAct() {
  const [state, setState] = useState({ busy: false, words: "", said: "" });
  /** @param {string} then @param {() => Promise<any>} act */
  async function go(then, act) {
    setState({ busy: true, words: "", said: "" });
    try {
      const made = await act();
      setState({ busy: false, words: "", said: then });
      return made ?? {};
    } catch (error) {
      const words = error instanceof Problem && error.code === "step-up" ? "Not done: it takes a fresh proof that it is you." : error instanceof Problem && error.where ? `${sentence(error, "make")} (${error.where})` : sentence(error, "make");
      setState({ busy: false, words, said: "" });
      return null;
    }
  }
  return { ...state, go, Said: html`<${Trouble} words=${state.words} />${state.said ? html`<p class="done-words" role="status">${state.said}</p>` : null}` };
}

/** A link or code that lets someone in, once; kept nowhere. @param {{title: string, says: any, given: any, done: () => void}} props */
export function GivenOnce({ title, says, given, done }) {
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  const [words, setWords] = useState("");
  useEffect(() => head.current?.focus(), [given]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(given.url);
      setWords("Copied.");
    } catch {
      setWords("This browser does not let us copy: select the text.");
    }
  }
  return html`<section class="given-link" aria-labelledby="given-title"><h2 id="given-title" tabindex="-1" ref=${head}>${title}</h2><p>${says}</p>
    ${given.qr ? html`<${Picture} svg=${given.qr} words="The link, to scan." />` : null}${given.code ? html`<p>Or typed: <code>${given.code}</code></p>` : null}
    <code>${given.url}</code><p class="muted">Works once, until <${Second} at=${given.expires_at} />. It is shown now and kept nowhere.</p>
    <div class="desk-acts"><button type="button" class="button" onClick=${copy}>Copy</button><button type="button" class="button strong" onClick=${done}>Done</button><span role="status">${words}</span></div></section>`;
}

/** A choice from a list. @param {{id: string, label: string, hint?: string, value: string, options: readonly (readonly [string, string])[], change: (value: string) => void}} props */
export function Pick({ id, label, hint, value, options, change }) {
  return html`<div class="field"><label for=${id}>${label}</label>${hint ? html`<p class="hint" id=${`${id}-hint`}>${hint}</p>` : null}
    <select id=${id} aria-describedby=${hint ? `${id}-hint` : undefined} value=${value} onChange=${(/** @type {any} */ e) => change(e.currentTarget.value)}>${options.map(([word, words]) => html`<option key=${word} value=${word}>${words}</option>`)}</select></div>`;
}

/** Asks before it does. @param {{words: string, sure: string, act: () => void, disabled?: boolean, label?: string}} props */
export function Sure({ words, sure, act, disabled, label }) {
  const [asking, setAsking] = useState(false);
  if (!asking) return html`<button type="button" class="button small danger" aria-label=${label} disabled=${disabled} onClick=${() => setAsking(true)}>${words}</button>`;
  return html`<span class="desk-acts" role="group" aria-label=${sure}><span>${sure}</span><button type="button" class="button small danger" onClick=${() => { setAsking(false); act(); }}>${words}</button><button type="button" class="button small" onClick=${() => setAsking(false)}>No</button></span>`;
}
