/** Where an agency's own sign-in sends the browser back to. What it brought is used once and taken out of the address at once. */
import { html, render, useEffect, useState } from "../lib.js";
import { call } from "../api.js";
import { Frame } from "./frame.js";
import { Trouble } from "./proof.js";
import { goOn, leftFrom } from "./go.js";
import { sentence } from "./ways.js";

const brought = new URLSearchParams(location.search);
history.replaceState(null, "", location.pathname);
const from = leftFrom();
const door = from.startsWith("/field/") ? "/field/" : `/sign-in${from ? `?${new URLSearchParams({ next: from })}` : ""}`;

function Back() {
  const [words, setWords] = useState("");
  useEffect(() => { void finish(); }, []);
  async function finish() {
    const state = brought.get("state");
    const code = brought.get("code");
    if (!state || !code) return setWords("Your agency's sign-in sent you back without an answer: it was cancelled, or it refused.");
    try {
      const as = await call("POST", "/api/session/oidc", { state, code });
      return as.state === "enrol" ? location.replace("/sign-in") : void goOn(from);
    } catch (error) {
      return setWords(`${sentence(error)} An administrator says who is who: your agency's sign-in alone makes no account here.`);
    }
  }
  return html`<${Frame} title=${words ? "You are not signed in" : "Signing in"}>${words ? html`<${Trouble} words=${words} /><p><a class="button strong big" href=${door}>Back to signing in</a></p>` : html`<p role="status">One moment…</p>`}</${Frame}>`;
}

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(html`<${Back} />`, root);
}
