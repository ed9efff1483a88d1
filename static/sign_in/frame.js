/** The frame of the pages at the door: one column, one heading, the page's title. */
import { html, useEffect } from "../lib.js";

/** @param {{title: string, sub?: any, children?: any}} props */
export function Frame({ title, sub, children }) {
  useEffect(() => { document.title = `${title} · Muster`; }, [title]);
  return html`<main class="page page-narrow door" id="main"><header class="page-head"><p class="brand">Muster</p><h1>${title}</h1>${sub ? html`<p>${sub}</p>` : null}</header>${children}</main>`;
}
