import type { ImagePoint, RegionAxes, RegionGeometry } from '../../../core/api/contract/index.ts';

const DEGREE = Math.PI / 180;

/** Points of a whole turn: a circle as large as a screen still looks round, a small one needs few. */
const TURN_POINTS = 128;
const FEWEST_POINTS = 16;

/** One line of an outline; a closed one ends where it begins. */
export type Outline = readonly ImagePoint[];

/**
 * Draw a shape as lines, image coordinates. A point and a text have none: they are drawn as signs.
 *
 * @param zoom screen pixels of one image pixel: round shapes get as many corners as they need there.
 */
export function outlineRegion(geometry: RegionGeometry, zoom = Number.POSITIVE_INFINITY): readonly Outline[] {
  switch (geometry.kind) {
    case 'circle':
      return [ring(geometry.centre, { a: geometry.radius, b: geometry.radius }, 0, 0, 360, zoom)];
    case 'annulus':
      return geometry.radii.map((radius) => ring(geometry.centre, { a: radius, b: radius }, 0, 0, 360, zoom));
    case 'ellipse':
      return geometry.axes.map((axes) => ring(geometry.centre, axes, geometry.angleDeg, 0, 360, zoom));
    case 'box':
      return geometry.axes.map((axes) => frame(geometry.centre, axes, geometry.angleDeg));
    case 'panda':
    case 'epanda':
    case 'bpanda':
      return outlinePanda(geometry);
    case 'polygon':
      return [[...geometry.points, geometry.points[0]!]];
    case 'segment':
      return [geometry.points];
    case 'line':
    case 'ruler':
      return [[geometry.from, geometry.to]];
    case 'projection':
      return [[geometry.from, geometry.to], ...bandOf(geometry)];
    case 'vector':
      return [[geometry.from, tipOf(geometry)], arrowhead(geometry.from, tipOf(geometry))];
    case 'compass':
      return [ring(geometry.centre, { a: geometry.radius, b: geometry.radius }, 0)];
    case 'point':
    case 'text':
      return [];
  }
}

/** Outlines of shapes by how finely they are drawn; a shape that is changed is another shape. */
const kept = new WeakMap<RegionGeometry, { readonly grade: number; readonly lines: readonly Outline[] }>();

/** Draw a shape as `outlineRegion` does, from what was drawn before where the zoom is about the same. */
export function outlineAgain(geometry: RegionGeometry, zoom: number): readonly Outline[] {
  // Twice as near is one grade finer.
  const grade = Math.ceil(Math.log2(zoom));
  const known = kept.get(geometry);
  if (known?.grade === grade) return known.lines;
  const lines = outlineRegion(geometry, 2 ** grade);
  kept.set(geometry, { grade, lines });
  return lines;
}

/** The end of a vector. */
export function tipOf(vector: Extract<RegionGeometry, { kind: 'vector' }>): ImagePoint {
  const { from, length, angleDeg } = vector;
  return {
    x: from.x + length * Math.cos(angleDeg * DEGREE),
    y: from.y + length * Math.sin(angleDeg * DEGREE),
  };
}

/** Turn a place by an angle about a centre. */
export function placeAround(centre: ImagePoint, u: number, v: number, angleDeg: number): ImagePoint {
  const [c, s] = [Math.cos(angleDeg * DEGREE), Math.sin(angleDeg * DEGREE)];
  return { x: centre.x + u * c - v * s, y: centre.y + u * s + v * c };
}

/** The corners of a box. */
export function cornersOf(centre: ImagePoint, { a, b }: RegionAxes, angleDeg: number): readonly ImagePoint[] {
  return [
    [-a / 2, -b / 2],
    [a / 2, -b / 2],
    [a / 2, b / 2],
    [-a / 2, b / 2],
  ].map(([u, v]) => placeAround(centre, u!, v!, angleDeg));
}

function ring(
  centre: ImagePoint,
  axes: RegionAxes,
  angleDeg: number,
  fromDeg = 0,
  toDeg = 360,
  zoom = Number.POSITIVE_INFINITY,
): Outline {
  // With n corners an outline lies pi^2 r / 2 n^2 inside a circle: a quarter of a screen pixel is not seen.
  const enough = Math.ceil(Math.PI * Math.sqrt(2 * Math.max(axes.a, axes.b) * zoom || 0));
  const turn = Math.min(TURN_POINTS, Math.max(FEWEST_POINTS, enough));
  const steps = Math.max(2, Math.ceil((turn * Math.abs(toDeg - fromDeg)) / 360));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const at = (fromDeg + ((toDeg - fromDeg) * i) / steps) * DEGREE;
    return placeAround(centre, axes.a * Math.cos(at), axes.b * Math.sin(at), angleDeg);
  });
}

function frame(centre: ImagePoint, axes: RegionAxes, angleDeg: number): Outline {
  const corners = cornersOf(centre, axes, angleDeg);
  return [...corners, corners[0]!];
}

function outlinePanda(
  panda: Extract<RegionGeometry, { kind: 'panda' | 'epanda' | 'bpanda' }>,
): readonly Outline[] {
  const { centre, inner, outer, rings, wedges, angleDeg } = panda;
  const span = ((panda.stopDeg - panda.startDeg) % 360) + (panda.stopDeg > panda.startDeg ? 0 : 360);
  const turn = panda.kind === 'panda' ? 0 : angleDeg;
  const at = (part: number): RegionAxes => ({
    a: inner.a + (outer.a - inner.a) * part,
    b: inner.b + (outer.b - inner.b) * part,
  });
  // A panda's angles are the image's, those of the others count from their own axis, as their outlines do.
  const [from, to] = [panda.startDeg - turn, panda.startDeg - turn + (span || 360)];
  const arcs = Array.from({ length: rings + 1 }, (_, i) => {
    const axes = at(i / rings);
    return panda.kind === 'bpanda'
      ? boxArc(centre, axes, turn, from, to)
      : ring(centre, axes, turn, from, to);
  });
  const spokes = Array.from({ length: wedges + 1 }, (_, i): Outline => {
    const deg = from + ((to - from) * i) / wedges;
    return [at(0), at(1)].map((axes) => {
      const reach = panda.kind === 'bpanda' ? boxReach(axes, deg) : ellipseReach(axes, deg);
      return placeAround(centre, reach * Math.cos(deg * DEGREE), reach * Math.sin(deg * DEGREE), turn);
    });
  });
  return [...arcs, ...spokes];
}

function boxArc(centre: ImagePoint, axes: RegionAxes, turn: number, from: number, to: number): Outline {
  return Array.from({ length: TURN_POINTS + 1 }, (_, i) => {
    const deg = from + ((to - from) * i) / TURN_POINTS;
    const reach = boxReach(axes, deg);
    return placeAround(centre, reach * Math.cos(deg * DEGREE), reach * Math.sin(deg * DEGREE), turn);
  });
}

/** How far a box reaches in a direction from its middle. */
function boxReach({ a, b }: RegionAxes, deg: number): number {
  const [c, s] = [Math.abs(Math.cos(deg * DEGREE)), Math.abs(Math.sin(deg * DEGREE))];
  return Math.min(c > 0 ? a / 2 / c : Number.POSITIVE_INFINITY, s > 0 ? b / 2 / s : Number.POSITIVE_INFINITY);
}

function ellipseReach({ a, b }: RegionAxes, deg: number): number {
  const [c, s] = [Math.cos(deg * DEGREE), Math.sin(deg * DEGREE)];
  return a === 0 || b === 0 ? 0 : (a * b) / Math.hypot(b * c, a * s);
}

function bandOf({ from, to, width }: Extract<RegionGeometry, { kind: 'projection' }>): readonly Outline[] {
  if (!(width > 0)) return [];
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [nx, ny] = [(-(to.y - from.y) * width) / length, ((to.x - from.x) * width) / length];
  return [[from, { x: from.x + nx, y: from.y + ny }, { x: to.x + nx, y: to.y + ny }, to]];
}

function arrowhead(from: ImagePoint, tip: ImagePoint): Outline {
  const [dx, dy] = [tip.x - from.x, tip.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length === 0) return [tip, tip];
  const size = Math.min(length * 0.3, 8) / length;
  const barb = (side: number): ImagePoint => ({
    x: tip.x - size * (dx + side * dy * 0.5),
    y: tip.y - size * (dy - side * dx * 0.5),
  });
  return [barb(1), tip, barb(-1)];
}
