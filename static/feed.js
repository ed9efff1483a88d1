/**
 * The feed: a virtual list over the whole log. Only the rows in view are in the document, whatever the log's length. It
 * follows the newest, or holds still while somebody reads; filters live in the address.
 */
import { html, useEffect, useLayoutEffect, useMemo, useRef, useSignal } from "./lib.js";
import { live, rows, world, zone } from "./store.js";
import { GROUPS, groupOf } from "./feed_data.js";
import { call, incidentPath } from "./api.js";
import { Panel, sectorOrder, spanText } from "./parts.js";
import { FINDINGS, FindingBadge, OriginMark } from "./decision.js";
import { clockText, fullText, roughText, zoneName } from "./time.js";
import { drawer, openDrawer, param, setParams } from "./url.js";

export const ROW_PX = 46; // two lines of text; see .feed-row in css/feed.css
const SPARE = 6; // rows drawn beyond the edges, so that a fast scroll shows no gap
const PAGE = 500;
const AUTO_PAGES = 6;
const SHORT_LINE = 20;

/** The lowest seq that was asked for so far, per world. @type {WeakMap<object, number>} */
const floors = new WeakMap();

export function Feed() {
  const shown = world.value;
  const feed = shown.feed;
  const version = feed.version.value;
  const filter = { text: param("q"), group: param("t"), sector: param("s"), look: param("look") === "1" };
  const held = useSignal(0); // the newest seq on screen while holding; 0 follows
  const list = useMemo(() => feed.select(filter), [shown, version, filter.text, filter.group, filter.sector, filter.look]);
  const start = held.value ? firstAtOrBelow(list, held.value) : 0;
  const visible = start ? list.slice(start) : list;
  const total = feed.all().length;
  const filtered = !!(filter.text || filter.group || filter.sector || filter.look);
  useEffect(() => { held.value = 0; }, [shown]);

  return html`<${Panel} id="feed" title="Log" class="feed-panel" scroll=${false}
    count=${filtered ? `${list.length.toLocaleString("en-US")} of ${total.toLocaleString("en-US")}` : total.toLocaleString("en-US")}
    tools=${html`<${Tools} fresh=${start} held=${held} newest=${list[0]?.seq ?? 0} />`}>
    <${Filters} filter=${filter} />
    <${Rows} list=${visible} held=${held} feed=${feed} filtered=${filtered} filterKey=${`${filter.text}|${filter.group}|${filter.sector}|${filter.look}`} />
  <//>`;
}

/** @param {readonly {seq: number}[]} list newest first @param {number} seq */
function firstAtOrBelow(list, seq) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (list[mid].seq <= seq) high = mid;
    else low = mid + 1;
  }
  return low;
}

/** @param {{fresh: number, held: any, newest: number}} props */
function Tools({ fresh, held, newest }) {
  return html`<div class="segmented" role="group" aria-label="When new entries come">
    <button type="button" aria-pressed=${!held.value} onClick=${() => {
      held.value = 0;
      document.querySelector(".feed-scroll")?.scrollTo({ top: 0 });
    }}>Follow${held.value && fresh ? html` <span class="badge badge-info">${fresh} new</span>` : null}</button>
    <button type="button" aria-pressed=${!!held.value} onClick=${() => { held.value = newest; }}>Hold</button></div>`;
}

/** @param {{filter: {text: string, group: string, sector: string, look: boolean}}} props */
function Filters({ filter }) {
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  // The box is the person's: it is filled from the address once, and again only when the address changed elsewhere.
  useEffect(() => { if (box.current && document.activeElement !== box.current && box.current.value !== filter.text) box.current.value = filter.text; }, [filter.text]);
  /** @param {string} text */
  const search = (text) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setParams({ q: text }), 120);
  };
  const sectors = sectorOrder(rows("sectors"));
  return html`<div class="feed-filters" role="search" aria-label="Filter the log">
    <input ref=${box} id="feed-search" type="search" aria-label="Search the log" placeholder="Search  ( / )" autocomplete="off" spellcheck="false" onInput=${(/** @type {any} */ e) => search(e.currentTarget.value)} />
    <select aria-label="Kind of entry" value=${filter.group} onChange=${(/** @type {any} */ e) => setParams({ t: e.currentTarget.value })}>
      <option value="">All kinds</option>${GROUPS.map((group) => html`<option key=${group.id} value=${group.id}>${group.name}</option>`)}</select>
    <select aria-label="Sector" value=${filter.sector} onChange=${(/** @type {any} */ e) => setParams({ s: e.currentTarget.value })}>
      <option value="">All sectors</option>${filter.sector && !sectors.some((one) => one.id === filter.sector) ? html`<option value=${filter.sector}>${filter.sector}</option>` : null}
      ${sectors.map((one) => html`<option key=${one.id} value=${one.id}>${one.id}</option>`)}</select>
    <label class="toggle"><input type="checkbox" checked=${filter.look} onChange=${(/** @type {any} */ e) => setParams({ look: e.currentTarget.checked ? "1" : "" })} /><span>Needs a look</span></label>
    ${filter.text || filter.group || filter.sector || filter.look ? html`<button type="button" class="linkish" onClick=${() => {
      if (box.current) box.current.value = "";
      setParams({ q: "", t: "", s: "", look: "" });
    }}>Clear</button>` : null}
  </div>
  <div class="feed-legend" aria-hidden="true"><span>Happened<br />recorded, ${zoneName(world.value.clock.now(), zone())}</span><span>Sector</span><span>What, and by whom</span></div>`;
}

/** @param {{list: import("./types.d.ts").Entry[], held: any, feed: any, filtered: boolean, filterKey: string}} props */
function Rows({ list, held, feed, filtered, filterKey }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const from = useSignal(0);
  const high = useSignal(600);
  const busy = useSignal(false);
  const [kind, key] = drawer();
  const chosen = kind === "entry" ? Number(key) : 0;

  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const sized = new ResizeObserver(() => { high.value = node.clientHeight; });
    sized.observe(node);
    return () => sized.disconnect();
  }, []);

  /** @param {Event} event */
  function scrolled(event) {
    const top = /** @type {HTMLElement} */ (event.currentTarget).scrollTop;
    from.value = Math.floor(top / ROW_PX);
    if (top > ROW_PX / 2 && !held.value && list.length) held.value = list[0].seq;
    else if (top < 2 && held.value && list[0]?.seq === held.value && document.activeElement?.closest(".feed-row") === null) held.value = 0;
    const left = list.length * ROW_PX - top - high.value;
    if (left < ROW_PX * 20 && !filtered) void older();
  }

  async function older() {
    // A lens may hide every event that came with the picture: then the look back begins at the log's end, not at nothing.
    const first = Math.min(feed.first() || (live.position()?.seq ?? 0) + 1, floors.get(feed) ?? Infinity);
    if (busy.peek() || first <= 1 || !Number.isFinite(first)) return false;
    busy.value = true;
    try {
      const page = await call("GET", incidentPath(live.position()?.log ?? "", `events?before=${first}&limit=${PAGE}`));
      floors.set(feed, page.first); // an empty page was looked through as well
      feed.prepend(page.entries);
      return true;
    } catch {
      return false;
    } finally {
      busy.value = false;
    }
  }

  // A filter that finds less than a screenful looks further back by itself, a few pages and not the whole log.
  const auto = useRef({ key: "", pages: 0 });
  const short = list.length * ROW_PX < high.value + ROW_PX * 4;
  useEffect(() => {
    if (auto.current.key !== filterKey) auto.current = { key: filterKey, pages: 0 };
    if (!short || busy.value || auto.current.pages >= AUTO_PAGES) return;
    auto.current.pages += 1;
    void older();
  }, [short, filterKey, busy.value, list.length]);

  async function everything() {
    while (await older());
  }

  const a = Math.max(0, Math.min(from.value, list.length - 1) - SPARE);
  const b = Math.min(list.length, from.value + Math.ceil(high.value / ROW_PX) + SPARE);
  const more = (floors.get(feed) ?? (feed.first() || (live.position()?.seq ?? 0))) > 1;
  return html`<div class="feed-scroll scroll" ref=${box} tabindex="0" role="feed" aria-label="Log entries, newest first" aria-busy=${busy.value} onScroll=${scrolled}
      onKeyDown=${(/** @type {KeyboardEvent} */ e) => { if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); stepFeed(e.key === "ArrowDown" ? 1 : -1); } }}>
    <div class="feed-all" style=${{ height: `${list.length * ROW_PX}px` }}>
      ${list.slice(a, b).map((entry, i) => html`<${Row} key=${entry.seq} entry=${entry} y=${(a + i) * ROW_PX} n=${a + i + 1} of=${list.length} chosen=${entry.seq === chosen} struck=${feed.isStruck(entry)} />`)}
    </div>
    ${list.length ? null : html`<p class="empty">${filtered ? "Nothing that is loaded matches." : more ? "Nothing that is loaded is shown to your role." : "Nothing was recorded yet."}</p>`}
    ${more ? html`<p class="feed-more">${busy.value ? "Fetching older entries…" : html`<button type="button" class="button small" onClick=${older}>Older entries</button> ${filtered ? html`<button type="button" class="button small" onClick=${everything}>Fetch the whole log</button>` : null}`}</p>` : null}
  </div>`;
}

/** @param {{entry: import("./types.d.ts").Entry, y: number, n: number, of: number, chosen: boolean, struck: boolean}} props */
function Row({ entry, y, n, of, chosen, struck }) {
  const tone = entry.finding ? FINDINGS[entry.finding.kind]?.[0] ?? "warn" : entry.type === "AskRefused" ? "warn" : "none";
  const here = zone();
  const who = entry.who.name || entry.who.person;
  const owed = /** @type {{owed?: number}} */ (entry).owed ?? 0;
  const short = !!entry.text && entry.line.length < SHORT_LINE; // "Log entry" says little: what was written comes first
  const marks = html`${entry.finding && entry.finding.kind !== "authorized" ? html`<${FindingBadge} kind=${entry.finding.kind} />` : null}${entry.type === "AskRefused" ? html`<span class="badge badge-warn">refused</span>` : null}${entry.redacted ? html`<span class="badge badge-warn">redacted</span>` : null}${struck ? html`<span class="badge badge-warn">struck</span>` : null}<${OriginMark} origin=${entry.origin} />${owed ? html`<span class="badge" title="duties that this began; choose the kind Duties and plan to see each">${owed} owed</span>` : null}`;
  return html`<article class=${`feed-row edge-${tone} kind-${groupOf(entry.type)}${chosen ? " feed-chosen" : ""}${struck ? " feed-struck" : ""}`} style=${{ transform: `translateY(${y}px)` }} aria-posinset=${n} aria-setsize=${of} aria-labelledby=${`e${entry.seq}`}>
    <button type="button" class="feed-open" data-seq=${entry.seq} onClick=${() => openDrawer("entry", String(entry.seq))}>
      <span class="feed-times"><time datetime=${entry.occurred_at} title=${`Happened ${fullText(entry.occurred_at, here)}`}>${clockText(entry.occurred_at, here)}</time>
        <time class=${entry.late_s ? "late" : ""} datetime=${entry.recorded_at} title=${`Recorded ${fullText(entry.recorded_at, here)}${entry.late_s ? `, ${spanText(entry.late_s)} later` : ""}`}>${clockText(entry.recorded_at, here)}</time></span>
      <span class="feed-late">${entry.clock_off_s ? html`<span title=${`the clock that says when it happened may be off by ${spanText(entry.clock_off_s)}`}>±${roughText(entry.clock_off_s)}</span>` : null}${entry.late_s ? html`<span title=${`recorded ${spanText(entry.late_s)} after it happened`}>+${roughText(entry.late_s)}</span>` : null}</span>
      <span class="feed-sector">${entry.sector || ""}</span>
      <span class="feed-main" id=${`e${entry.seq}`}><span class="feed-line"><span class="feed-words">${entry.line}${short ? `: ${entry.text}` : ""}</span></span>
        <span class="feed-sub">${marks}${entry.text && !short ? html`<span class="feed-text">${entry.text}</span>` : null}<span class="feed-who">${who}</span><span class="feed-seq num">#${entry.seq}</span></span></span>
    </button></article>`;
}

/** Move through the entries from the keyboard. @param {number} by */
export function stepFeed(by) {
  const box = /** @type {HTMLElement | null} */ (document.querySelector(".feed-scroll"));
  if (!box) return;
  const now = document.activeElement instanceof HTMLElement && document.activeElement.classList.contains("feed-open") ? document.activeElement.parentElement : null;
  const n = now ? Number(now.getAttribute("aria-posinset")) - 1 + by : Math.round(box.scrollTop / ROW_PX);
  const total = Number(box.querySelector(".feed-row")?.getAttribute("aria-setsize") ?? 0);
  if (n < 0 || n >= total) return;
  const y = n * ROW_PX;
  if (y < box.scrollTop) box.scrollTop = y;
  else if (y + ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = y + ROW_PX - box.clientHeight;
  const focus = (/** @type {number} */ tries) => {
    const row = box.querySelector(`.feed-row[aria-posinset="${n + 1}"] .feed-open`);
    if (row instanceof HTMLElement) row.focus({ preventScroll: true });
    else if (tries) requestAnimationFrame(() => focus(tries - 1));
  };
  focus(8);
}
