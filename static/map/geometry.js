/** Web Mercator on a unit square, and the few questions a map asks of its shapes. */

/** @param {number} lon @param {number} lat @returns {[number, number]} */
export function project(lon, lat) {
  const sin = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

/** @param {number} x @param {number} y @returns {{lat: number, lon: number}} */
export function unproject(x, y) {
  return { lon: (x - 0.5) * 360, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI };
}

/** @typedef {{layer: string, name: string, rings: [number, number][][], closed: boolean, box: [number, number, number, number]}} Shape */

/** @param {[number, number][][]} rings @returns {[number, number, number, number]} */
export function boxOf(rings) {
  const box = /** @type {[number, number, number, number]} */ ([Infinity, Infinity, -Infinity, -Infinity]);
  for (const ring of rings) {
    for (const [x, y] of ring) {
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
  }
  return box;
}

/** Read a GeoJSON feature collection; what is neither line nor polygon is left out. @param {any} collection @returns {Shape[]} */
export function readShapes(collection) {
  /** @type {Shape[]} */
  const shapes = [];
  for (const feature of collection?.features ?? []) {
    const { type, coordinates } = feature.geometry ?? {};
    const lists = { LineString: [coordinates], MultiLineString: coordinates, Polygon: coordinates, MultiPolygon: (coordinates ?? []).flat(1) }[/** @type {string} */ (type)];
    if (!lists) continue;
    const rings = lists.map((/** @type {[number, number][]} */ list) => list.map(([lon, lat]) => project(lon, lat)));
    const { layer = "", name = "" } = feature.properties ?? {};
    shapes.push({ layer: String(layer), name: String(name ?? ""), rings, closed: type.endsWith("Polygon"), box: boxOf(rings) });
  }
  return shapes;
}

/** @param {readonly (readonly [number, number])[] | undefined} boundary (lon, lat) pairs @returns {[number, number][] | null} */
export function readRing(boundary) {
  return boundary && boundary.length >= 3 ? boundary.map(([lon, lat]) => project(lon, lat)) : null;
}

/** A point to hang a label on: the centre of area. @param {[number, number][]} ring @returns {[number, number]} */
export function centreOf(ring) {
  let area = 0;
  let cx = 0;
  let cy = 0;
  const [ox, oy] = ring[0];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const ax = ring[j][0] - ox;
    const ay = ring[j][1] - oy;
    const bx = ring[i][0] - ox;
    const by = ring[i][1] - oy;
    const cross = ax * by - bx * ay;
    area += cross;
    cx += (ax + bx) * cross;
    cy += (ay + by) * cross;
  }
  return area ? [ox + cx / (3 * area), oy + cy / (3 * area)] : ring[0];
}

/** @param {[number, number][]} ring @param {number} x @param {number} y */
export function inside(ring, x, y) {
  let hit = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [ax, ay] = ring[i];
    const [bx, by] = ring[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) hit = !hit;
  }
  return hit;
}

/** A view of the unit square: middle, and pixels per unit. */
export class View {
  constructor() {
    this.x = 0.5;
    this.y = 0.5;
    this.scale = 1000;
    this.width = 1;
    this.height = 1;
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  /** @param {number} px @param {number} py @returns {[number, number]} */
  toWorld(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (py - this.height / 2) / this.scale + this.y];
  }

  /** @param {[number, number, number, number]} box @param {number} [margin] px @param {number} [below] px at the bottom that something else covers */
  fit(box, margin = 28, below = 0) {
    if (!Number.isFinite(box[0])) return;
    this.x = (box[0] + box[2]) / 2;
    this.y = (box[1] + box[3]) / 2;
    const wide = Math.max(box[2] - box[0], 1e-9);
    const high = Math.max(box[3] - box[1], 1e-9);
    this.scale = this.clamp(Math.min((this.width - 2 * margin) / wide, (this.height - below - 2 * margin) / high));
    this.y += below / 2 / this.scale;
  }

  /** @param {number} scale */
  clamp(scale) {
    return Math.max(2e3, Math.min(4e8, scale));
  }

  /** Zoom and keep what is under a point there. @param {number} factor @param {number} px @param {number} py */
  zoomAt(factor, px, py) {
    const [wx, wy] = this.toWorld(px, py);
    this.scale = this.clamp(this.scale * factor);
    this.x = wx - (px - this.width / 2) / this.scale;
    this.y = wy - (py - this.height / 2) / this.scale;
  }

  /** Does a box touch the view? @param {[number, number, number, number]} box */
  sees(box) {
    const [ax, ay] = this.toWorld(0, 0);
    const [bx, by] = this.toWorld(this.width, this.height);
    return box[2] >= ax && box[0] <= bx && box[3] >= ay && box[1] <= by;
  }
}
