/** Keys. Single letters work where nobody types, and can be switched off (speech input would press them by accident). */
import { html, signal } from "./lib.js";
import { closeDrawer, drawer, openDrawer, openPage, param, setParams } from "./url.js";
import { live, may, replaying, rows } from "./store.js";
import { sectorOrder } from "./parts.js";
import { stepFeed } from "./feed.js";
import { goPanel } from "./header.js";
import { picking } from "./map/pick.js";

export const keysOn = signal(localStorage.getItem("muster.keys") !== "off");

/** @type {Record<string, string>} */
const PANELS = { s: "sectors", m: "map", f: "feed", a: "asks", d: "duties", n: "findings", t: "grants", c: "aftercare", o: "oversight", u: "forces" };

/** @type {[string, [string, string][]][]} */
const HELP = [
  ["Everywhere", [["?", "this list"], ["Esc", "close what is open; drafts are kept"], ["/", "search the log, or the records"], ["r", "record or order"], ["1 – 9", "open a sector, as numbered in the list"]]],
  ["Go to", [["g s", "levels by sector"], ["g m", "map"], ["g f", "log"], ["g a", "requests that wait"], ["g n", "reports that need a look"], ["g t", "force authorized"], ["g c", "after force: aid, medical help, supervisor"], ["g o", "help and oversight"], ["g d", "duties"], ["g u", "units, orders, positions, people"], ["g p", "arrest processing"], ["g b", "the board"], ["g r", "replay, and back to live"]]],
  ["In the log", [["j", "next entry (older)"], ["k", "previous entry (newer)"], ["Enter", "open the entry"]]],
  ["In lists of records", [["↓ ↑", "next, previous"], ["Home  End", "first, last"], ["Enter", "open the record"], ["a", "street card, on any screen"]]],
  ["On the map", [["← ↑ → ↓", "move"], ["+  −", "zoom"], ["0", "all sectors"], ["Enter", "open the sector in the middle"]]],
];

export function KeysHelp() {
  return html`<div class="keys">
    <label class="choice"><input type="checkbox" checked=${keysOn.value} onChange=${(/** @type {any} */ e) => {
      keysOn.value = e.currentTarget.checked;
      localStorage.setItem("muster.keys", keysOn.value ? "on" : "off");
    }} /><span>Single-letter keys work</span></label>
    ${HELP.map(([title, list]) => html`<h3 key=${`h-${title}`}>${title}</h3><dl class="keys-list" key=${title}>${list.map(([keys, what]) => html`<dt key=${`k-${keys}`}><kbd>${keys}</kbd></dt><dd key=${keys}>${what}</dd>`)}</dl>`)}
  </div>`;
}

/** @param {EventTarget | null} target */
function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) || (target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type)));
}

export function startKeys() {
  let going = false;
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") return escape(event);
    if (typing(event.target) || !keysOn.value) return undefined;
    const act = going ? goAct(event.key) : act1(event.key, () => { going = true; });
    if (event.key !== "g" || going) going = false;
    if (!act) return undefined;
    event.preventDefault();
    act();
    return undefined;
  });
}

/** @param {KeyboardEvent} event */
function escape(event) {
  const open = document.querySelector("details.menu-more[open]");
  if (picking.value) picking.value = null;
  else if (open instanceof HTMLDetailsElement) {
    open.open = false;
    open.querySelector("summary")?.focus();
  } else if (drawer()[0]) closeDrawer();
  else if (event.target instanceof HTMLElement && ["feed-search", "arrest-search"].includes(event.target.id)) event.target.blur();
}

/** @param {string} key @returns {(() => void) | undefined} */
function goAct(key) {
  if (key === "r") return () => setParams({ at: replaying.value ? "" : String(live.position()?.seq ?? 1) });
  if (key === "p") return () => openPage("processing");
  if (key === "b") return () => (param("view") ? goPanel("sectors") : undefined);
  const panel = PANELS[key];
  return panel ? () => goPanel(panel) : undefined;
}

/** @param {string} key @param {() => void} begin @returns {(() => void) | undefined} */
function act1(key, begin) {
  if (/^[1-9]$/.test(key)) {
    const sector = sectorOrder(rows("sectors"))[Number(key) - 1];
    return sector ? () => openDrawer("sector", sector.id) : undefined;
  }
  /** @type {Record<string, () => void>} */
  const acts = {
    "?": () => (drawer()[0] === "keys" ? closeDrawer() : openDrawer("keys")),
    "/": () => {
      const box = document.getElementById("feed-search") ?? document.getElementById("arrest-search");
      if (box instanceof HTMLInputElement) {
        box.focus();
        box.select();
      }
    },
    j: () => stepFeed(1),
    k: () => stepFeed(-1),
    r: () => openDrawer("record"),
    a: () => { if (may("RecordArrest")) openDrawer("arrest"); },
    g: begin,
  };
  return acts[key];
}
