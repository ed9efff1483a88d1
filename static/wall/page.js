/** The board on the command post's wall: read from across a room, through a lens of its own. It shows and sends nothing. */
import { html, render, useEffect, useState } from "../lib.js";
import { Problem, call } from "../api.js";
import { Banners, Clock, Command, LinkPill, Summary } from "../header.js";
import { MapCanvas, loadGround } from "../map/map.js";
import { LevelBadge, Time, isLapsed, levelClass, levelTitle, Countdown, plural, sectorOrder } from "../parts.js";
import { connect } from "../socket.js";
import { incident, rows, world, zone } from "../store.js";
import { param, setParams } from "../url.js";
import { watchSession } from "../session.js";
import { honourLock, toSignIn } from "../sign_in/go.js";
import { look, sentence } from "../sign_in/ways.js";
import { clockText, tick, zoneName } from "../time.js";

const LINES = 12;
const ENDS_SOON_S = 1800;

function Page() {
  const [list, setList] = useState(/** @type {any[] | null} */ (null));
  const [me, setMe] = useState(/** @type {any} */ (null));
  const [words, setWords] = useState("");
  useEffect(() => { void begin(); }, []);
  async function begin() {
    try {
      await honourLock();
      const now = await look();
      if (now.state !== "live") return toSignIn();
      const answer = await call("GET", "/api/me");
      const mine = (await call("GET", "/api/sessions")).sessions.find((/** @type {any} */ one) => one.current);
      const wall = mine?.how === "display" || (answer.incidents.length > 0 && answer.incidents.every((/** @type {any} */ one) => one.role === "display"));
      // A person who looks at the wall's picture on their own screen is locked like anywhere else.
      watchSession(now, { idles: !wall && !now.exercise });
      setMe({ ...answer.me, wall, ends_at: now.ends_at });
      const open = answer.incidents.filter((/** @type {any} */ one) => one.status === "open");
      const id = param("incident") || (open.length === 1 ? open[0].id : "");
      if (id) {
        setParams({ incident: id });
        connect(id);
        void loadGround(id);
      } else if (!open.length) setTimeout(begin, 15_000 + Math.random() * 5000); // one opens when it opens
      setList(answer.incidents);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return toSignIn();
      setWords(`${sentence(error, "make")} Trying again.`);
      setTimeout(begin, 3000);
    }
    return undefined;
  }
  if (!list) return html`<main class="page" id="main"><p role="status">${words || "One moment…"}</p></main>`;
  if (!param("incident")) return html`<main class="page" id="main"><header class="page-head"><p class="brand">Muster</p><h1>${me.name}</h1></header>
    ${list.length ? html`<ul class="incident-list">${list.map((one) => html`<li key=${one.id}><a href=${`/wall?incident=${encodeURIComponent(one.id)}`}><strong>${one.name}</strong><span class="badge">${one.status}</span></a></li>`)}</ul>` : html`<p class="empty">There is no incident to show yet. It appears here by itself.</p>`}</main>`;
  if (!world.value.ready.value) return html`<main class="page" id="main"><${Banners} /><p class="empty" role="status">Fetching the picture…</p></main>`;
  return html`<${Board} me=${me} />`;
}

/** @param {{me: any}} props */
function Board({ me }) {
  const here = incident();
  const sectors = sectorOrder(rows("sectors"));
  void tick.value;
  const left_s = me.wall && me.ends_at ? (Date.parse(me.ends_at) - world.value.clock.now()) / 1000 : Infinity;
  useEffect(() => { document.title = `${here?.name ?? "Muster"} · wall`; }, [here?.name]);
  return html`<div class="wall"><header class="wall-top">
      <p class="wall-mark"><strong>DISPLAY</strong><span>${me.name || me.person}</span></p>
      <div class="wall-name"><h1>${here?.name}</h1><p><${Command} /></p></div>
      <div class="wall-clock"><${Clock} /></div><${LinkPill} /></header>
    <${Banners} />
    ${left_s < ENDS_SOON_S && !world.value.clock.exercise.value ? html`<p class="banner banner-cut"><strong>This display ends at ${clockText(me.ends_at, zone())} ${zoneName(me.ends_at, zone())}.</strong> <span>An administrator makes a link for another twelve hours.</span></p>` : null}
    <main class="wall-board" id="main">
      <section class="wall-sectors" aria-labelledby="wall-sectors"><h2 id="wall-sectors" class="sr">Levels by sector</h2><${Summary} />
        ${sectors.length ? html`<ol class="wall-tiles">${sectors.map((one) => html`<${Tile} key=${one.id} sector=${one} />`)}</ol>` : html`<p class="empty">No sector is defined yet.</p>`}</section>
      <section class="wall-map" aria-label="Map"><${MapCanvas} /></section>
      <section class="wall-log" aria-labelledby="wall-log"><h2 id="wall-log">Last entries <span class="panel-count">times ${zoneName(world.value.clock.now(), zone())}</span></h2><${Lines} /></section>
    </main></div>`;
}

/** @param {{sector: import("../types.d.ts").SectorRow}} props */
function Tile({ sector }) {
  const lapsed = isLapsed(sector);
  return html`<li class=${`wall-tile tint-${levelClass(sector.level_order)}${lapsed ? " wall-lapsed" : ""}`} data-sector=${sector.id}>
    <${LevelBadge} order=${sector.level_order} id=${sector.level} lapsed=${lapsed} big />
    <div><h3>${sector.name === sector.id ? sector.id : `${sector.id} · ${sector.name}`}</h3><p class="wall-level">${levelTitle(sector.level, sector.level_name)}${lapsed ? html` <strong class="bad-text">LAPSED</strong>` : null}</p>
      <p class="muted">since <${Time} at=${sector.since} zoned=${false} /> · ${plural(sector.units ?? 0, "unit")}</p></div>
    <p class="wall-until">${sector.until ? html`<${Countdown} until=${sector.until} soon_s=${900} over="ago" />` : null}</p></li>`;
}

function Lines() {
  void world.value.at.value;
  const last = world.value.feed.all().slice(-LINES).reverse();
  return last.length ? html`<ol class="wall-lines">${last.map((one) => html`<li key=${one.seq}><${Time} at=${one.recorded_at} zoned=${false} /><span>${one.line}</span></li>`)}</ol>` : html`<p class="empty">Nothing yet.</p>`;
}

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(html`<${Page} />`, root);
}
