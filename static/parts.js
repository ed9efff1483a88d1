/** Small parts that every panel uses: times that name their zone, countdowns, level badges, panel frames. */
import { html } from "./lib.js";
import { world, zone } from "./store.js";
import { clockText, countText, fullText, minuteText, spanText, tick, zoneName } from "./time.js";

/** A time of day; the tooltip and what is read aloud hold date, zone and UTC. @param {{at?: string | null, seconds?: boolean, zoned?: boolean}} props */
export function Time({ at, seconds, zoned = true }) {
  if (!at) return html`<span class="muted">–</span>`;
  const text = seconds ? clockText(at, zone()) : minuteText(at, zone());
  return html`<time datetime=${at} title=${fullText(at, zone())}>${text}${zoned ? html`<span class="zone"> ${zoneName(at, zone())}</span>` : null}</time>`;
}

/** How long ago, counted by the incident's clock. @param {{at?: string | null}} props */
export function Age({ at }) {
  void tick.value;
  if (!at) return null;
  return html`<span class="age">${spanText((world.value.clock.now() - Date.parse(at)) / 1000)} ago</span>`;
}

/** Seconds until a moment, negative after it; reading it makes the component tick. @param {string} at */
export function secondsLeft(at) {
  void tick.value;
  return (Date.parse(at) - world.value.clock.now()) / 1000;
}

/** @param {{until: string, soon_s?: number, left?: string, over?: string}} props */
export function Countdown({ until, soon_s = 300, left = "left", over = "over" }) {
  const seconds = secondsLeft(until);
  const tone = seconds <= 0 ? "bad" : seconds < soon_s ? "warn" : "calm";
  return html`<span class=${`count count-${tone}`} title=${fullText(until, zone())}>
    <span class="num">${countText(Math.abs(seconds))}</span> ${seconds <= 0 ? over : left}</span>`;
}

/** The number in the level's own colour and pattern: never colour alone. @param {{order: number, id: string, lapsed?: boolean, big?: boolean}} props */
export function LevelBadge({ order, id, lapsed, big }) {
  return html`<span class=${`level level-${levelClass(order)}${lapsed ? " level-lapsed" : ""}${big ? " level-big" : ""}`} aria-hidden="true">${levelSign(id)}</span>`;
}

/**
 * One or two letters for a rung. Not its number: several cities number their force reports, and the two must not be mixed up.
 * A plan that numbers its own levels keeps its numbers.
 * @param {string} id
 */
export function levelSign(id) {
  if (id.length <= 2) return id;
  const all = /** @type {import("./types.d.ts").LevelRow[]} */ (Object.values(world.value.sections.levels.value));
  const name = all.find((rung) => rung.id === id)?.name ?? id;
  const first = all.filter((rung) => rung.name[0] === name[0]).sort((a, b) => a.order - b.order)[0];
  if (!first || first.id === id) return name[0].toUpperCase();
  return name.split(/[\s-]+/).slice(0, 2).map((word) => word[0]).join("").toUpperCase();
}

/** "Engage", or "Level 3 · Ready force" where the plan numbers its levels. @param {string} id @param {string} [name] */
export function levelTitle(id, name) {
  const words = name ?? /** @type {any} */ (world.value.sections.levels.value[id])?.name ?? id;
  return id.length <= 2 ? `Level ${id} · ${words}` : words;
}

/** Where a ladder has more rungs than we have colours, the highest share one. @param {number} order */
export function levelClass(order) {
  return Math.max(0, Math.min(5, order));
}

/** @param {{id: string, title: any, count?: any, tools?: any, class?: string, children?: any, scroll?: boolean}} props */
export function Panel({ id, title, count, tools, class: name = "", children, scroll = true }) {
  return html`<section class=${`panel ${name}`} id=${id} aria-labelledby=${`${id}-title`}>
    <header class="panel-head">
      <h2 id=${`${id}-title`} tabindex="-1">${title}${count !== undefined && count !== null ? html` <span class="panel-count">${count}</span>` : null}</h2>
      <div class="panel-tools">${tools}</div>
    </header>
    ${scroll ? html`<div class="panel-body scroll" tabindex="0" role="group" aria-labelledby=${`${id}-title`}>${children}</div>` : children}
  </section>`;
}

/** @param {{children?: any}} props */
export function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}

/** "1 unit", "3 units" @param {number} n @param {string} one @param {string} [many] */
export function plural(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}

/** @param {any} sector a SectorRow */
export function isLapsed(sector) {
  return !!sector.until && secondsLeft(sector.until) <= 0;
}

/** "K2 Westlake", or the id where there is no such sector on this board. @param {string | null | undefined} id */
export function sectorName(id) {
  if (!id) return "";
  const found = /** @type {any} */ (world.value.sections.sectors.value[id]);
  return found && found.name !== id ? `${id} ${found.name}` : id;
}

/** Sectors as the list shows them: lapsed, then the highest level, then trouble, then by name; number keys follow this order. @param {Record<string, any>} all */
export function sectorOrder(all) {
  const lapsed = new Set(Object.values(all).filter(isLapsed));
  return Object.values(all).sort((a, b) => Number(lapsed.has(b)) - Number(lapsed.has(a)) || b.level_order - a.level_order
    || Number((b.unauthorized ?? 0) > 0) - Number((a.unauthorized ?? 0) > 0) || a.name.localeCompare(b.name, "en", { numeric: true }));
}

export { spanText };
