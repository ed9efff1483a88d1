/** The tablets' app: what is on the screen, by the state of the tablet and the address. */
import { html, render, useEffect, useState } from "../static/lib.js";
import { watchAddress } from "./address.js";
import { Door } from "./screens/door.js";
import { Work } from "./screens/work.js";
import { begin, stage } from "./state.js";
import { keepItself, kept } from "./update.js";

function App() {
  if (stage.value === "open") return html`<${Work} />`;
  return html`<${Door} />`;
}

/** Whether the first screen stands, and whether it will with no network: for tests. */
function Begin() {
  const [ready, setReady] = useState(false);
  useEffect(() => { void begin().then(() => setReady(true)); }, []);
  return html`<div class="field-app" data-ready=${ready || undefined} data-kept=${kept.value || undefined}><${App} /></div>`;
}

// A page that the browser kept to go back to was somebody's screen.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
watchAddress();
void keepItself();
const root = /** @type {Element} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${Begin} />`, root);
