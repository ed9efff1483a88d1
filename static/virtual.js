/**
 * A long list of which only the rows in view are in the document. One row has the focus at a time; arrow keys, Home and End
 * move it, and bring into view what was not drawn yet.
 */
import { html, useLayoutEffect, useRef, useSignal } from "./lib.js";

const SPARE = 5; // rows drawn beyond the edges, so that a fast scroll shows no gap
const TRIES = 8; // frames until a row that was scrolled to is drawn

/**
 * @template T
 * @param {{id: string, label: string, list: readonly T[], row_px: number, keyOf: (one: T) => string, draw: (one: T) => any, tone?: (one: T) => string, none: any}} props
 */
export function VirtualList({ id, label, list, row_px, keyOf, draw, tone, none }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const from = useSignal(0);
  const high = useSignal(600);
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const sized = new ResizeObserver(() => { high.value = node.clientHeight; });
    sized.observe(node);
    return () => sized.disconnect();
  }, []);

  /** @param {number} n */
  function go(n) {
    const node = box.current;
    if (!node || n < 0 || n >= list.length) return;
    const y = n * row_px;
    if (y < node.scrollTop) node.scrollTop = y;
    else if (y + row_px > node.scrollTop + node.clientHeight) node.scrollTop = y + row_px - node.clientHeight;
    const focus = (/** @type {number} */ tries) => {
      const found = node.querySelector(`[aria-posinset="${n + 1}"] button`);
      if (found instanceof HTMLElement) found.focus({ preventScroll: true });
      else if (tries) requestAnimationFrame(() => focus(tries - 1));
    };
    focus(TRIES);
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const now = /** @type {HTMLElement} */ (event.target).closest("[aria-posinset]");
    const at = now ? Number(now.getAttribute("aria-posinset")) - 1 : Math.ceil((box.current?.scrollTop ?? 0) / row_px) - 1;
    const page = Math.max(1, Math.floor(high.value / row_px) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, j: at + 1, k: at - 1, Home: 0, End: list.length - 1, PageDown: Math.min(list.length - 1, at + page), PageUp: Math.max(0, at - page) }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  }

  const a = Math.max(0, Math.min(from.value, list.length - 1) - SPARE);
  const b = Math.min(list.length, from.value + Math.ceil(high.value / row_px) + SPARE);
  return html`<div class="virtual scroll" id=${id} ref=${box} tabindex="0" role="group" aria-label=${label} onKeyDown=${move} onScroll=${(/** @type {any} */ e) => { from.value = Math.floor(e.currentTarget.scrollTop / row_px); }}>
    ${list.length ? html`<div class="virtual-all" role="list" aria-label=${label} style=${{ height: `${list.length * row_px}px` }}>${list.slice(a, b).map((one, i) => html`<div class=${`virtual-row ${tone?.(one) ?? ""}`} key=${keyOf(one)} role="listitem" aria-posinset=${a + i + 1} aria-setsize=${list.length} style=${{ transform: `translateY(${(a + i) * row_px}px)`, height: `${row_px}px` }}>${draw(one)}</div>`)}</div>` : html`<p class="empty">${none}</p>`}
  </div>`;
}
