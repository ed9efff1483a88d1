/** Drawing: the ground first, then sectors with level tint, pattern and number, then units and points by shape and letter. */
import { clear, colour } from "./colours.js";
import { levelClass, levelSign } from "../parts.js";
import { unitLetter } from "../panels/units.js";

/** @typedef {import("./geometry.js").View} View */
/** @typedef {import("./geometry.js").Shape} Shape */
/** @typedef {{id: string, row: any, ring: [number, number][], centre: [number, number], box: [number, number, number, number], lapsed: boolean, seated: number}} SectorShape */
/** @typedef {{kind: "unit" | "point", id: string, row: any, x: number, y: number, seat?: number, wide?: number}} Mark a seat: without a place of its own, in a row below its sector's label */

const ROOM_PX = 64; // a sector narrower than this says how many units it holds instead of showing them

/** Where a mark stands on the screen, or null where there is no room for it. @param {View} view @param {Mark} mark @returns {[number, number] | null} */
export function spotOf(view, mark) {
  const [x, y] = view.toScreen(mark.x, mark.y);
  if (mark.seat === undefined) return [x, y];
  const wide = (mark.wide ?? 0) * view.scale;
  if (wide < ROOM_PX) return null;
  const across = Math.max(3, Math.min(6, Math.floor(wide / 26)));
  return [x + ((mark.seat % across) - (across - 1) / 2) * 22, y + 25 + Math.floor(mark.seat / across) * 22];
}

const FONT = "system-ui, 'DejaVu Sans', sans-serif";

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {[number, number][][]} rings @param {boolean} closed */
function trace(ctx, view, rings, closed) {
  const kx = view.scale;
  const dx = view.width / 2 - view.x * kx;
  const dy = view.height / 2 - view.y * kx;
  ctx.beginPath();
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 1) {
      const px = ring[i][0] * kx + dx;
      const py = ring[i][1] * kx + dy;
      if (i) ctx.lineTo(px, py);
      else ctx.moveTo(px, py);
    }
    if (closed) ctx.closePath();
  }
}

const FADE_PX = 56;

/** Where the ground that we have ends, it fades: an edge drawn hard would read as a shore. @param {CanvasRenderingContext2D} ctx @param {number} ax @param {number} ay @param {number} bx @param {number} by */
function fade(ctx, ax, ay, bx, by) {
  const deep = Math.min(FADE_PX, (bx - ax) / 4, (by - ay) / 4);
  if (!(deep > 1)) return;
  const land = colour("map-land");
  for (const [x0, y0, x1, y1, x, y, w, h] of [
    [ax, 0, ax + deep, 0, ax, ay, deep, by - ay], [bx, 0, bx - deep, 0, bx - deep, ay, deep, by - ay],
    [0, ay, 0, ay + deep, ax, ay, bx - ax, deep], [0, by, 0, by - deep, ax, by - deep, bx - ax, deep],
  ]) {
    const mist = ctx.createLinearGradient(x0, y0, x1, y1);
    mist.addColorStop(0, land);
    mist.addColorStop(1, clear(land));
    ctx.fillStyle = mist;
    ctx.fillRect(x, y, w, h);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {readonly Shape[]} shapes @param {[number, number, number, number] | null} box what the shapes cover */
export function drawGround(ctx, view, shapes, box) {
  ctx.fillStyle = colour(box ? "map-land" : "map-water");
  ctx.fillRect(0, 0, view.width, view.height);
  if (box) {
    const [ax, ay] = view.toScreen(box[0], box[1]);
    const [bx, by] = view.toScreen(box[2], box[3]);
    ctx.fillStyle = colour("map-water");
    ctx.fillRect(ax, ay, bx - ax, by - ay);
    fade(ctx, ax, ay, bx, by);
  }
  for (const [layer, fill, line] of [["city", "map-land", "map-edge"], ["park", "map-park", ""]]) {
    for (const shape of shapes) {
      if (shape.layer !== layer || !view.sees(shape.box)) continue;
      trace(ctx, view, shape.rings, true);
      ctx.fillStyle = colour(fill);
      ctx.fill("evenodd");
      if (line) {
        ctx.strokeStyle = colour(line);
        ctx.lineWidth = 1;
        ctx.stroke();
      }
    }
  }
  const near = view.scale > 3e6;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  ctx.strokeStyle = colour("map-street");
  ctx.lineWidth = near ? Math.min(9, view.scale / 2.2e6) : 1;
  for (const shape of shapes) {
    if (shape.layer !== "street" || !view.sees(shape.box)) continue;
    trace(ctx, view, shape.rings, false);
    ctx.stroke();
  }
  ctx.setLineDash([6, 4]);
  ctx.lineWidth = 1;
  ctx.strokeStyle = colour("map-edge");
  for (const shape of shapes) {
    if (shape.layer !== "sector-outline" || !view.sees(shape.box)) continue;
    trace(ctx, view, shape.rings, true);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  if (near) drawStreetNames(ctx, view, shapes);
}

/** Each name a few times at most, along its street, never over another. @param {CanvasRenderingContext2D} ctx @param {View} view @param {readonly Shape[]} shapes */
function drawStreetNames(ctx, view, shapes) {
  /** @type {[number, number, number][]} */
  const taken = [];
  /** @type {Map<string, number>} */
  const times = new Map();
  ctx.font = `500 10px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.strokeStyle = colour("map-land");
  ctx.fillStyle = colour("map-label");
  for (const shape of shapes) {
    if (shape.layer !== "street" || !shape.name || !view.sees(shape.box) || (times.get(shape.name) ?? 0) > 1) continue;
    const ring = shape.rings[0];
    const a = view.toScreen(...ring[0]);
    const b = view.toScreen(...ring[ring.length - 1]);
    const x = (a[0] + b[0]) / 2;
    const y = (a[1] + b[1]) / 2;
    const wide = ctx.measureText(shape.name).width;
    if (Math.hypot(b[0] - a[0], b[1] - a[1]) < wide * 0.9 || x < 0 || y < 0 || x > view.width || y > view.height) continue;
    if (taken.some(([tx, ty, tw]) => Math.hypot(tx - x, ty - y) < (tw + wide) / 2 + 24)) continue;
    taken.push([x, y, wide]);
    times.set(shape.name, (times.get(shape.name) ?? 0) + 1);
    let angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
    if (angle > Math.PI / 2) angle -= Math.PI;
    if (angle < -Math.PI / 2) angle += Math.PI;
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(angle);
    ctx.strokeText(shape.name, 0, 0);
    ctx.fillText(shape.name, 0, 0);
    ctx.restore();
  }
}

/** @type {Map<string, CanvasPattern | null>} */
const patterns = new Map();

export function forgetPatterns() {
  patterns.clear();
}

/** Level 1 plain, 2 dots, 3 strokes, 4 close strokes, 5 crossed: told apart without colour. @param {CanvasRenderingContext2D} ctx @param {number} level @param {number} dpr */
function pattern(ctx, level, dpr) {
  const key = `${level}`;
  if (level <= 1) return null;
  const found = patterns.get(key);
  if (found !== undefined) return found;
  const size = level === 2 ? 12 : level === 3 ? 14 : 8;
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(size * dpr);
  const t = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  t.scale(dpr, dpr);
  t.strokeStyle = t.fillStyle = colour(`level-${level}`);
  t.globalAlpha = 0.55;
  t.lineWidth = level === 3 ? 1.4 : 1.6;
  if (level === 2) {
    t.beginPath();
    t.arc(3, 3, 1.3, 0, 7);
    t.arc(9, 9, 1.3, 0, 7);
    t.fill();
  } else {
    t.beginPath();
    for (const shift of [-size, 0, size]) {
      t.moveTo(shift, size);
      t.lineTo(shift + size, 0);
      if (level === 5) {
        t.moveTo(shift, 0);
        t.lineTo(shift + size, size);
      }
    }
    t.stroke();
  }
  const made = ctx.createPattern(tile, "repeat");
  made?.setTransform(new DOMMatrix().scale(1 / dpr));
  patterns.set(key, made);
  return made;
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {readonly SectorShape[]} sectors @param {string} chosen @param {number} dpr */
export function drawSectors(ctx, view, sectors, chosen, dpr) {
  const ordered = [...sectors].sort((a, b) => a.row.level_order - b.row.level_order);
  for (const sector of ordered) {
    if (!view.sees(sector.box)) continue;
    const level = levelClass(sector.row.level_order);
    trace(ctx, view, [sector.ring], true);
    ctx.globalAlpha = level <= 1 ? 0.06 : 0.15;
    ctx.fillStyle = colour(`level-${level}`);
    ctx.fill();
    ctx.globalAlpha = 1;
    const fill = pattern(ctx, level, dpr);
    if (fill) {
      ctx.fillStyle = fill;
      ctx.fill();
    }
    ctx.strokeStyle = colour(`level-${level}`);
    ctx.lineWidth = sector.id === chosen ? 4 : level <= 1 ? 1.25 : 2.25;
    ctx.setLineDash(sector.lapsed ? [3, 4] : []);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  for (const sector of ordered) if (view.sees(sector.box)) label(ctx, view, sector);
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {SectorShape} sector */
function label(ctx, view, sector) {
  const wide = (sector.box[2] - sector.box[0]) * view.scale;
  if (wide < 26) return;
  const [x, y] = view.toScreen(...sector.centre);
  const level = levelClass(sector.row.level_order);
  const number = levelSign(sector.row.level);
  const quiet = level <= 1 && !sector.lapsed;
  ctx.textBaseline = "middle";
  ctx.font = `600 ${quiet ? 11 : 13}px ${FONT}`;
  const held = wide < ROOM_PX && sector.seated ? ` ·${sector.seated}` : "";
  const box = (quiet ? 15 : 20) + (number.length - 1) * 8;
  // The most that fits: name, units and lapse; else the name; else the letter alone.
  const room = wide * 0.86 - box - 8;
  const text = [`${sector.id}${held}${sector.lapsed ? " lapsed" : ""}`, sector.id].find((one) => ctx.measureText(one).width < room) ?? "";
  const textWide = text ? ctx.measureText(text).width : -6;
  const tall = quiet ? 15 : 20;
  const total = box + 5 + textWide + (text ? 6 : 4);
  const left = x - total / 2;
  const top = y - tall / 2 - 2;
  ctx.globalAlpha = 0.94;
  ctx.fillStyle = colour("panel");
  round(ctx, left - 3, top, total + 3, tall + 4, 4);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1;
  ctx.strokeStyle = colour(`level-${level}`);
  ctx.stroke();
  ctx.fillStyle = colour(sector.lapsed ? "panel" : `level-${level}`);
  round(ctx, left, top + 2, box, tall, 3);
  ctx.fill();
  if (sector.lapsed) ctx.stroke();
  ctx.fillStyle = colour(sector.lapsed ? `level-${level}` : "on-level");
  ctx.textAlign = "center";
  ctx.fillText(number, left + box / 2, y + 0.5);
  ctx.fillStyle = colour("ink");
  ctx.textAlign = "left";
  ctx.fillText(text, left + box + 5, y + 0.5);
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} w @param {number} h @param {number} r */
function round(ctx, x, y, w, h, r) {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, r);
}

/** The outline of a unit's kind. @param {CanvasRenderingContext2D} ctx @param {string} kind @param {number} x @param {number} y @param {number} r */
function unitShape(ctx, kind, x, y, r) {
  ctx.beginPath();
  if (kind === "patrol" || kind === "bicycle" || kind === "mounted") ctx.arc(x, y, r, 0, 7);
  else if (kind === "liaison" || kind === "crisis-responder") {
    ctx.moveTo(x, y - r * 1.25);
    ctx.lineTo(x + r * 1.25, y);
    ctx.lineTo(x, y + r * 1.25);
    ctx.lineTo(x - r * 1.25, y);
    ctx.closePath();
  } else if (kind === "traffic") {
    for (let i = 0; i < 8; i += 1) ctx.lineTo(x + r * 1.12 * Math.cos((i + 0.5) * Math.PI / 4), y + r * 1.12 * Math.sin((i + 0.5) * Math.PI / 4));
    ctx.closePath();
  } else ctx.roundRect(x - r, y - r, 2 * r, 2 * r, kind === "medic" ? 1 : 3);
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {readonly Mark[]} marks @param {string} lead the lead agency */
export function drawUnits(ctx, view, marks, lead) {
  const r = view.scale > 1.5e6 ? 9 : 7;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.font = `700 ${r + 2}px ${FONT}`;
  for (const mark of marks) {
    const spot = spotOf(view, mark);
    if (!spot) continue;
    const [x, y] = spot;
    if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
    const kind = mark.row.kind;
    const own = mark.row.agency === lead;
    unitShape(ctx, kind, x, y, r);
    ctx.lineWidth = 3;
    ctx.strokeStyle = colour("map-land");
    ctx.stroke();
    ctx.fillStyle = colour(kind === "medic" ? "unit-medic" : own ? "unit" : "panel");
    ctx.fill();
    ctx.lineWidth = own ? 1 : 2;
    ctx.strokeStyle = colour(kind === "medic" ? "unit-medic-edge" : "unit");
    ctx.stroke();
    ctx.fillStyle = colour(kind === "medic" ? "unit-medic-ink" : own ? "on-unit" : "unit");
    ctx.fillText(unitLetter(kind), x, y + 0.5);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view @param {readonly Mark[]} marks */
export function drawPoints(ctx, view, marks) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.font = `800 10px ${FONT}`;
  for (const mark of marks) {
    const spot = spotOf(view, mark);
    if (!spot) continue;
    const [x, y] = spot;
    if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
    const kind = mark.row.kind;
    const bad = mark.row.finding === "no authorization on record" || mark.row.finding === "contrary to plan";
    ctx.beginPath();
    if (kind === "force") {
      ctx.moveTo(x, y - 9);
      ctx.lineTo(x + 9, y + 7);
      ctx.lineTo(x - 9, y + 7);
      ctx.closePath();
    } else if (kind === "warning") ctx.rect(x - 7, y - 7, 14, 14);
    else ctx.arc(x, y, 6, 0, 7);
    ctx.lineWidth = 3;
    ctx.strokeStyle = colour("map-land");
    ctx.stroke();
    ctx.fillStyle = colour(kind === "force" ? (bad ? "bad" : "panel") : kind === "warning" ? "warn" : "panel");
    ctx.fill();
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = colour(kind === "force" ? "bad" : kind === "warning" ? "warn" : "ink");
    ctx.stroke();
    ctx.fillStyle = colour(kind === "force" ? (bad ? "on-level" : "bad") : kind === "warning" ? "on-level" : "ink");
    ctx.fillText(kind === "force" ? "!" : kind === "warning" ? "W" : "o", x, y + (kind === "force" ? 2 : 0.5));
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {View} view */
export function drawCross(ctx, view) {
  const x = Math.round(view.width / 2) + 0.5;
  const y = Math.round(view.height / 2) + 0.5;
  ctx.beginPath();
  ctx.moveTo(x - 10, y);
  ctx.lineTo(x + 10, y);
  ctx.moveTo(x, y - 10);
  ctx.lineTo(x, y + 10);
  ctx.lineWidth = 2;
  ctx.strokeStyle = colour("accent");
  ctx.stroke();
}
