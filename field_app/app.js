/** The tablets' app: what is on the screen, by the state of the tablet and the address. */
import { html, render, useEffect, useState } from "../static/lib.js";
import { watchAddress } from "./address.js";
import { Door } from "./screens/door.js";
import { Work } from "./screens/work.js";
import { begin, stage } from "./state.js";
import { keepItself } from "./update.js";

function App() {
  if (stage.value === "open") return html`<${Work} />`;
  return html`<${Door} />`;
}

/** For tests and for a mind at rest: whether the first screen stands. */
function Begin() {
  const [ready, setReady] = useState(false);
  useEffect(() => { void begin().then(() => setReady(true)); }, []);
  return html`<div class="field-app" data-ready=${ready || undefined}><${App} /></div>`;
}

watchAddress();
void keepItself();
const root = /** @type {Element} */ (document.getElementById("app"));
root.replaceChildren();
render(html`<${Begin} />`, root);
