/**
 * The map: our own canvas, moved by mouse, touch and keyboard, and the same content as a list. It shows what the board holds
 * and nothing else; a unit that has no place of its own stands in the middle of its sector.
 */
import { effect, html, signal, untracked, useEffect, useRef } from "../lib.js";
import { incident, rows } from "../store.js";
import { call, incidentPath } from "../api.js";
import { Age, Empty, Panel, Time, isLapsed, levelTitle, sectorName, sectorOrder } from "../parts.js";
import { FindingBadge, agencyName } from "../decision.js";
import { drawer, openDrawer, param, setParams } from "../url.js";
import { View, boxOf, centreOf, inside, project, readRing, readShapes, unproject } from "./geometry.js";
import { drawCross, drawGround, drawPoints, drawSectors, drawUnits, forgetPatterns, spotOf } from "./draw.js";
import { themeChanged } from "./colours.js";
import { picked, picking } from "./pick.js";

/** @type {import("../lib.js").Signal<{shapes: import("./geometry.js").Shape[], box: [number, number, number, number] | null, credit: string, trouble: string}>} */
const ground = signal({ shapes: [], box: null, credit: "", trouble: "" });

/** The basemap never changes during an incident: fetched once. @param {string} id */
export async function loadGround(id) {
  try {
    const found = await call("GET", incidentPath(id, "map"));
    ground.value = { shapes: readShapes(found), box: readBox(found?.bbox), credit: creditText(found?.credits), trouble: "" };
  } catch {
    ground.value = { shapes: [], box: null, credit: "", trouble: "The street map could not be fetched; sectors and units are shown without it." };
  }
}

/** What the ground covers: beyond it nothing is known, and it is not drawn as water. @param {any} bbox west, south, east, north @returns {[number, number, number, number] | null} */
function readBox(bbox) {
  return Array.isArray(bbox) && bbox.length === 4 ? boxOf([[project(bbox[0], bbox[1]), project(bbox[2], bbox[3])]]) : null;
}

/** @param {unknown} credits @returns {string} */
function creditText(credits) {
  return (Array.isArray(credits) ? credits : [credits]).filter((one) => typeof one === "string").join(" · ");
}

export function MapPanel() {
  const asList = param("m") === "list";
  const tools = html`<div class="segmented" role="group" aria-label="Show as">
    <button type="button" aria-pressed=${!asList} onClick=${() => setParams({ m: "" })}>Map</button>
    <button type="button" aria-pressed=${asList} onClick=${() => setParams({ m: "list" })}>List</button></div>`;
  return html`<${Panel} id="map" title="Map" class="map-panel" tools=${tools} scroll=${asList}>${asList ? html`<${MapList} />` : html`<${MapCanvas} />`}<//>`;
}

export function MapCanvas() {
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const api = useRef(/** @type {ReturnType<typeof start> | null} */ (null));
  useEffect(() => {
    if (!host.current) return undefined;
    const made = start(host.current);
    api.current = made;
    return made.stop;
  }, []);
  return html`<div class="map-host" ref=${host}>
    <canvas class="map-ground" aria-hidden="true"></canvas>
    <canvas class="map-top" tabindex="0" role="application" aria-label="Map. Arrow keys move, plus and minus zoom, 0 shows all sectors, Enter opens the sector in the middle. The list has the same content."></canvas>
    <div class="map-tip" hidden></div>
    <div class="map-zoom"><button type="button" class="button" aria-label="Zoom in" onClick=${() => api.current?.zoom(1.6)}>+</button>
      <button type="button" class="button" aria-label="Zoom out" onClick=${() => api.current?.zoom(1 / 1.6)}>−</button>
      <button type="button" class="button" onClick=${() => api.current?.fit()} aria-label="Show all sectors">All</button>
      <button type="button" class="button" onClick=${() => api.current?.fit(true)} aria-label="Show the sectors where something is">Busy</button></div>
    ${picking.value ? html`<p class="map-note" role="status">Press where it was, or move with the arrow keys and press Enter.</p>` : null}
    <${Legend} />
    <p class="map-credit">${ground.value.trouble || ground.value.credit}</p>
  </div>`;
}

function Legend() {
  return html`<details class="map-legend"><summary>Signs</summary><ul>
    <li>P patrol · B bicycle · H mounted (round)</li><li>L liaison · C crisis responder (diamond)</li><li>+ medic · A arrest team · R reserve (square)</li><li>T traffic (octagon)</li>
    <li>Filled: lead agency; outlined: assisting</li><li>▲ ! force reported; filled: not authorized</li><li>■ W warning · ○ o observation</li>
    <li>Sectors: letter and pattern of the level; dashed: lapsed</li></ul></details>`;
}

/** @param {HTMLDivElement} host */
function start(host) {
  const below = /** @type {HTMLCanvasElement} */ (host.querySelector(".map-ground"));
  const top = /** @type {HTMLCanvasElement} */ (host.querySelector(".map-top"));
  const tip = /** @type {HTMLElement} */ (host.querySelector(".map-tip"));
  const g = /** @type {CanvasRenderingContext2D} */ (below.getContext("2d"));
  const t = /** @type {CanvasRenderingContext2D} */ (top.getContext("2d"));
  const view = new View();
  /** @type {import("./draw.js").SectorShape[]} */
  let sectors = [];
  /** @type {import("./draw.js").Mark[]} */
  let units = [];
  /** @type {import("./draw.js").Mark[]} */
  let points = [];
  let fitted = { known: "", why: "" };
  let moved = false;
  let frame = 0;
  let groundStale = true;
  let dpr = 1;

  function request(ground_too = false) {
    groundStale ||= ground_too;
    if (!frame) frame = requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    if (!view.width || !view.height) return;
    if (themeChanged()) {
      forgetPatterns();
      groundStale = true;
    }
    if (groundStale) {
      groundStale = false;
      g.setTransform(dpr, 0, 0, dpr, 0, 0);
      drawGround(g, view, ground.peek().shapes, ground.peek().box);
    }
    t.setTransform(dpr, 0, 0, dpr, 0, 0);
    t.clearRect(0, 0, view.width, view.height);
    const [kind, key] = untracked(drawer);
    drawSectors(t, view, sectors, kind === "sector" || kind === "level" ? key : "", dpr);
    drawPoints(t, view, points);
    drawUnits(t, view, units, untracked(incident)?.lead_agency ?? "");
    if (document.activeElement === top && top.matches(":focus-visible")) drawCross(t, view);
  }

  function gather() {
    const all = rows("sectors");
    const before = new Map(sectors.map((one) => [one.id, one]));
    sectors = Object.values(all).flatMap((row) => {
      const old = before.get(row.id);
      const lapsed = isLapsed(row);
      if (old && old.row.boundary === row.boundary) return [{ ...old, row, lapsed }];
      const ring = readRing(row.boundary);
      return ring ? [{ id: row.id, row, ring, centre: centreOf(ring), box: boxOf([ring]), lapsed, seated: 0 }] : [];
    });
    const centres = new Map(sectors.map((one) => [one.id, one]));
    /** @type {Map<string, number>} */
    const seats = new Map();
    units = Object.values(rows("units")).filter((row) => !row.released).flatMap((row) => {
      if (row.place) return [{ kind: /** @type {const} */ ("unit"), id: row.id, row, ...at(row.place) }];
      const home = row.sector ? centres.get(row.sector) : undefined;
      if (!home) return [];
      const seat = seats.get(home.id) ?? 0;
      seats.set(home.id, seat + 1);
      return [{ kind: /** @type {const} */ ("unit"), id: row.id, row, x: home.centre[0], y: home.centre[1], seat, wide: home.box[2] - home.box[0] }];
    });
    for (const one of sectors) one.seated = seats.get(one.id) ?? 0;
    points = Object.values(rows("points")).map((row) => ({ kind: /** @type {const} */ ("point"), id: row.id, row, ...at(row.place) }));
    const known = sectors.map((one) => one.id).join(",") || (ground.value.shapes.length ? "ground" : "");
    const { why } = busiest();
    if (known && (known !== fitted.known || (why !== fitted.why && !moved))) {
      fitted = { known, why };
      fit(true);
    }
    request();
  }

  /** The sectors where something is, and why these: raised with units, raised, or with units; else all. */
  function busiest() {
    const lowest = Math.min(...sectors.map((one) => one.row.level_order));
    const raised = sectors.filter((one) => one.row.level_order > lowest);
    const held = sectors.filter((one) => one.row.units > 0);
    const both = raised.filter((one) => one.row.units > 0);
    if (both.length) return { why: "both", list: both };
    if (raised.length) return { why: "raised", list: raised };
    return held.length ? { why: "held", list: held } : { why: "all", list: sectors };
  }

  /** All sectors; or, to begin with, those where something is: a city's beats reach far beyond one march. @param {boolean} [busy] */
  function fit(busy = false) {
    const chosen = busy ? busiest().list : sectors;
    const shapes = chosen.length ? chosen.map((one) => one.ring) : ground.peek().shapes.filter((one) => one.layer === "street").flatMap((one) => one.rings);
    view.fit(boxOf(shapes), busy && chosen.length < sectors.length ? 44 : 12, host.querySelector(".map-credit")?.clientHeight ?? 0);
    request(true);
  }

  /** @param {number} px @param {number} py */
  function find(px, py) {
    const near = (/** @type {import("./draw.js").Mark} */ mark) => {
      const spot = spotOf(view, mark);
      if (!spot) return false;
      const [x, y] = spot;
      return Math.hypot(x - px, y - py) < 14;
    };
    const mark = units.findLast(near) ?? points.findLast(near);
    if (mark) return { mark, sector: undefined };
    const [wx, wy] = view.toWorld(px, py);
    return { mark: undefined, sector: sectors.find((one) => inside(one.ring, wx, wy)) };
  }

  /** @param {number} px @param {number} py */
  function press(px, py) {
    const [wx, wy] = view.toWorld(px, py);
    if (picked(unproject(wx, wy))) return;
    const { mark, sector } = find(px, py);
    if (mark?.kind === "point") openDrawer("entry", String(mark.row.seq));
    else if (mark) openDrawer("unit-detail", mark.id);
    else if (sector) openDrawer("sector", sector.id);
  }

  /** @param {import("./draw.js").Mark} mark @param {number} px @param {number} py */
  function showTip(mark, px, py) {
    tip.hidden = false;
    tip.textContent = mark.kind === "unit"
      ? `${mark.row.name} · ${mark.row.kind.replaceAll("-", " ")} · ${agencyName(mark.row.agency)}${mark.row.assignment ? ` · ${mark.row.assignment}` : ""}${mark.row.place ? "" : " · place not known, shown in its sector"}`
      : `${mark.row.label}${mark.row.finding ? ` · ${mark.row.finding}` : ""} · #${mark.row.seq}`;
    tip.style.transform = `translate(${Math.min(px + 12, Math.max(0, view.width - 260))}px, ${py + 14}px)`;
  }

  const touched = () => {
    moved = true; // from now on nothing but who looks moves the map
    request(true);
  };
  const stopGestures = gestures(top, view, { request: touched, press, fit: () => {
    moved = true;
    fit();
  }, hover: (px, py) => {
    const { mark } = find(px, py);
    if (mark) showTip(mark, px, py);
    else tip.hidden = true;
    top.style.cursor = picking.peek() ? "crosshair" : mark ? "pointer" : "grab";
  } });
  const sized = new ResizeObserver(() => {
    const first = view.width <= 1;
    const { width, height } = host.getBoundingClientRect();
    if (!width || !height) return;
    dpr = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [below, top]) {
      canvas.width = Math.round(width * dpr);
      canvas.height = Math.round(height * dpr);
    }
    view.width = width;
    view.height = height;
    if (first) fit(true);
    request(true);
  });
  sized.observe(host);
  const stopData = effect(gather);
  const stopGround = effect(() => {
    void ground.value;
    request(true);
  });
  const stopLook = effect(() => {
    void drawer();
    void document.documentElement.dataset.theme;
    request();
  });
  const again = () => request(true);
  const media = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const one of media) one.addEventListener("change", again);
  window.addEventListener("muster-theme", again);
  top.addEventListener("focus", again);
  top.addEventListener("blur", again);
  return {
    zoom(/** @type {number} */ factor) {
      view.zoomAt(factor, view.width / 2, view.height / 2);
      touched();
    },
    fit(busy = false) {
      moved = true;
      fit(busy);
    },
    stop() {
      cancelAnimationFrame(frame);
      stopGestures();
      sized.disconnect();
      stopData();
      stopGround();
      stopLook();
      for (const one of media) one.removeEventListener("change", again);
      window.removeEventListener("muster-theme", again);
    },
  };
}

/** @param {{lat: number, lon: number}} place */
function at(place) {
  const [x, y] = project(place.lon, place.lat);
  return { x, y };
}

/**
 * Mouse, touch and keyboard, each complete on its own.
 * @param {HTMLCanvasElement} canvas @param {View} view
 * @param {{request: () => void, press: (x: number, y: number) => void, hover: (x: number, y: number) => void, fit: () => void}} act
 */
function gestures(canvas, view, act) {
  /** @type {Map<number, [number, number]>} */
  const down = new Map();
  let moved = 0;
  /** @param {PointerEvent | WheelEvent} event @returns {[number, number]} */
  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onDown = (/** @type {PointerEvent} */ event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, spot(event));
    if (down.size === 1) moved = 0;
  };
  const onMove = (/** @type {PointerEvent} */ event) => {
    const now = spot(event);
    const before = down.get(event.pointerId);
    if (!before) return act.hover(...now);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (other) {
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      const is = Math.hypot(now[0] - other[0], now[1] - other[1]);
      if (was > 4) view.zoomAt(is / was, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    }
    const share = other ? 0.5 : 1;
    if (moved > 5 || other) {
      view.x -= (share * (now[0] - before[0])) / view.scale;
      view.y -= (share * (now[1] - before[1])) / view.scale;
      act.request();
    }
    down.set(event.pointerId, now);
    return undefined;
  };
  const onUp = (/** @type {PointerEvent} */ event) => {
    const had = down.delete(event.pointerId);
    if (had && !down.size && moved <= 5 && event.type === "pointerup") act.press(...spot(event));
  };
  const onWheel = (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    view.zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...spot(event));
    act.request();
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = (event.shiftKey ? 160 : 48) / view.scale;
    const go = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (go) {
      view.x += go[0];
      view.y += go[1];
    } else if (event.key === "+" || event.key === "=") view.zoomAt(1.4, view.width / 2, view.height / 2);
    else if (event.key === "-") view.zoomAt(1 / 1.4, view.width / 2, view.height / 2);
    else if (event.key === "0") act.fit();
    else if (event.key === "Enter") act.press(view.width / 2, view.height / 2);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== "Enter") act.request();
  };
  /** @type {[string, any, any?][]} */
  const all = [["pointerdown", onDown], ["pointermove", onMove], ["pointerup", onUp], ["pointercancel", onUp], ["wheel", onWheel, { passive: false }], ["keydown", onKey]];
  for (const [name, take, options] of all) canvas.addEventListener(name, take, options);
  return () => { for (const [name, take] of all) canvas.removeEventListener(name, take); };
}

/** What the map shows, in words and in the same order of importance. */
function MapList() {
  const sectors = sectorOrder(rows("sectors"));
  const units = Object.values(rows("units")).filter((row) => !row.released);
  const points = Object.values(rows("points")).sort((a, b) => b.seq - a.seq);
  return html`<table class="table"><caption>Sectors and who is in them</caption><thead><tr><th scope="col">Sector</th><th scope="col">Level</th><th scope="col">Units</th></tr></thead>
      <tbody>${sectors.map((row) => html`<tr key=${row.id}><th scope="row"><button type="button" class="linkish" onClick=${() => openDrawer("sector", row.id)}>${sectorName(row.id)}</button></th>
        <td>${levelTitle(row.level, row.level_name)}${isLapsed(row) ? html` <span class="badge badge-bad">lapsed</span>` : null}</td>
        <td>${units.filter((unit) => unit.sector === row.id).map((unit) => unit.name).join(", ") || html`<span class="muted">none</span>`}</td></tr>`)}</tbody></table>
    <table class="table"><caption>Units in no sector</caption><tbody>${units.filter((unit) => !unit.sector).map((unit) => html`<tr key=${unit.id}><th scope="row">${unit.name}</th><td>${unit.kind.replaceAll("-", " ")}</td><td>${agencyName(unit.agency)}</td></tr>`)}</tbody></table>
    ${points.length ? html`<table class="table"><caption>What happened where</caption><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Sector</th><th scope="col">Place</th></tr></thead>
      <tbody>${points.map((row) => html`<tr key=${row.id}><td><${Time} at=${row.at} /><span class="sub"><${Age} at=${row.at} /></span></td>
        <td><button type="button" class="linkish" onClick=${() => openDrawer("entry", String(row.seq))}>${row.label}</button>${row.finding ? html` <${FindingBadge} kind=${row.finding} />` : null}</td>
        <td>${row.sector || "–"}</td><td class="num">${row.place.lat.toFixed(4)}, ${row.place.lon.toFixed(4)}</td></tr>`)}</tbody></table>` : html`<${Empty}>Nothing with a place was recorded yet.<//>`}`;
}
