import type { ImagePoint, RegionAxes, RegionGeometry } from '../../../core/api/contract/index.ts';
import { containsPoint } from './contain-point.ts';
import { cornersOf, outlineRegion, placeAround, tipOf } from './outline-region.ts';

const DEGREE = Math.PI / 180;

/** Shapes that can be drawn by hand, in the order of their menu. */
export const DRAWN_SHAPES = [
  'circle',
  'ellipse',
  'box',
  'polygon',
  'annulus',
  'line',
  'vector',
  'point',
  'text',
  'ruler',
  'compass',
] as const;
export type DrawnShape = (typeof DRAWN_SHAPES)[number];

/** Smallest size that a hand can give a shape, px. */
const SMALLEST = 0.5;

/**
 * Make the shape that a drag draws.
 *
 * Round shapes grow from their centre, boxes and polygons from a corner, lines from their beginning.
 *
 * @param usual the size of a click that was no drag, px.
 */
export function drawRegion(
  shape: DrawnShape,
  from: ImagePoint,
  to: ImagePoint,
  usual: number,
): RegionGeometry {
  const isClick = Math.hypot(to.x - from.x, to.y - from.y) < SMALLEST;
  const end = isClick ? { x: from.x + usual, y: from.y + usual } : to;
  const [dx, dy] = [end.x - from.x, end.y - from.y];
  const reach = isClick ? usual : Math.max(SMALLEST, Math.hypot(dx, dy));
  switch (shape) {
    case 'circle':
    case 'compass':
      return { kind: shape, centre: from, radius: reach };
    case 'annulus':
      return { kind: 'annulus', centre: from, radii: [reach / 2, reach] };
    case 'ellipse': {
      const axes = { a: Math.max(SMALLEST, Math.abs(dx)), b: Math.max(SMALLEST, Math.abs(dy)) };
      return {
        kind: 'ellipse',
        centre: from,
        axes: [isClick ? { a: usual, b: usual / 2 } : axes],
        angleDeg: 0,
      };
    }
    case 'box': {
      const centre = { x: from.x + dx / 2, y: from.y + dy / 2 };
      return { kind: 'box', centre, axes: [{ a: Math.abs(dx), b: Math.abs(dy) }], angleDeg: 0 };
    }
    case 'polygon':
      return {
        kind: 'polygon',
        points: [from, { x: end.x, y: from.y }, end, { x: from.x, y: end.y }],
      };
    case 'line':
    case 'ruler':
      return { kind: shape, from, to: end };
    case 'vector':
      return { kind: 'vector', from, length: Math.hypot(dx, dy), angleDeg: Math.atan2(dy, dx) / DEGREE };
    case 'point':
      return { kind: 'point', centre: from };
    case 'text':
      return { kind: 'text', centre: from, angleDeg: 0 };
  }
}

/** A place by which a shape is taken and changed. */
export interface Handle {
  readonly id: string;
  readonly at: ImagePoint;
}

/** Where a chosen shape can be taken. */
export function handlesOf(geometry: RegionGeometry): readonly Handle[] {
  const numbered = (name: string, points: readonly ImagePoint[]): readonly Handle[] =>
    points.map((at, i) => ({ id: `${name}-${i}`, at }));
  switch (geometry.kind) {
    case 'circle':
    case 'compass':
      return numbered('radius', around(geometry.centre, geometry.radius));
    case 'annulus':
      return geometry.radii.flatMap((radius, i) => [
        { id: `ring-${i}`, at: { x: geometry.centre.x + radius, y: geometry.centre.y } },
        { id: `ring-${i}`, at: { x: geometry.centre.x - radius, y: geometry.centre.y } },
      ]);
    case 'ellipse':
      return [
        ...geometry.axes.flatMap(({ a, b }, i) => [
          { id: `a-${i}`, at: placeAround(geometry.centre, a, 0, geometry.angleDeg) },
          { id: `a-${i}`, at: placeAround(geometry.centre, -a, 0, geometry.angleDeg) },
          { id: `b-${i}`, at: placeAround(geometry.centre, 0, b, geometry.angleDeg) },
          { id: `b-${i}`, at: placeAround(geometry.centre, 0, -b, geometry.angleDeg) },
        ]),
        turnHandle(geometry.centre, outermost(geometry.axes).a * 1.25, geometry.angleDeg),
      ];
    case 'box':
      return [
        ...geometry.axes.flatMap((axes, i) =>
          cornersOf(geometry.centre, axes, geometry.angleDeg).map((at) => ({ id: `corner-${i}`, at })),
        ),
        turnHandle(geometry.centre, outermost(geometry.axes).a * 0.65, geometry.angleDeg),
      ];
    case 'polygon':
    case 'segment':
      return numbered('vertex', geometry.points);
    case 'line':
    case 'ruler':
    case 'projection':
      return [
        { id: 'from', at: geometry.from },
        { id: 'to', at: geometry.to },
      ];
    case 'vector':
      return [
        { id: 'from', at: geometry.from },
        { id: 'to', at: tipOf(geometry) },
      ];
    case 'panda':
    case 'epanda':
    case 'bpanda':
    case 'point':
    case 'text':
      return [];
  }
}

/** Move one handle of a shape to a place. */
export function dragHandle(geometry: RegionGeometry, id: string, to: ImagePoint): RegionGeometry {
  const [name, digits] = id.split('-') as [string, string | undefined];
  const index = Number(digits);
  switch (geometry.kind) {
    case 'circle':
    case 'compass':
      return { ...geometry, radius: distance(geometry.centre, to) };
    case 'annulus':
      return { ...geometry, radii: replace(geometry.radii, index, distance(geometry.centre, to)) };
    case 'ellipse':
    case 'box':
      return dragAxes(geometry, name, index, to);
    case 'polygon':
    case 'segment':
      return { ...geometry, points: replace(geometry.points, index, to) };
    case 'line':
    case 'ruler':
    case 'projection':
      return name === 'from' ? { ...geometry, from: to } : { ...geometry, to };
    case 'vector': {
      const tip = tipOf(geometry);
      const [from, end] = name === 'from' ? [to, tip] : [geometry.from, to];
      const [dx, dy] = [end.x - from.x, end.y - from.y];
      return { ...geometry, from, length: Math.hypot(dx, dy), angleDeg: Math.atan2(dy, dx) / DEGREE };
    }
    default:
      return geometry;
  }
}

function dragAxes(
  geometry: Extract<RegionGeometry, { kind: 'ellipse' | 'box' }>,
  name: string,
  index: number,
  to: ImagePoint,
): RegionGeometry {
  const { centre, axes, angleDeg } = geometry;
  const [dx, dy] = [to.x - centre.x, to.y - centre.y];
  if (name === 'turn') return { ...geometry, angleDeg: (((Math.atan2(dy, dx) / DEGREE) % 360) + 360) % 360 };
  const [c, s] = [Math.cos(angleDeg * DEGREE), Math.sin(angleDeg * DEGREE)];
  const u = Math.max(SMALLEST, Math.abs(dx * c + dy * s));
  const v = Math.max(SMALLEST, Math.abs(-dx * s + dy * c));
  const old = axes[index]!;
  const next =
    name === 'corner' ? { a: 2 * u, b: 2 * v } : name === 'a' ? { a: u, b: old.b } : { a: old.a, b: v };
  return { ...geometry, axes: replace(axes, index, next) };
}

/** Move a whole shape. */
export function moveRegion(geometry: RegionGeometry, dx: number, dy: number): RegionGeometry {
  const moved = ({ x, y }: ImagePoint): ImagePoint => ({ x: x + dx, y: y + dy });
  switch (geometry.kind) {
    case 'polygon':
    case 'segment':
      return { ...geometry, points: geometry.points.map(moved) };
    case 'line':
    case 'ruler':
    case 'projection':
      return { ...geometry, from: moved(geometry.from), to: moved(geometry.to) };
    case 'vector':
      return { ...geometry, from: moved(geometry.from) };
    default:
      return { ...geometry, centre: moved(geometry.centre) };
  }
}

/** Measure how far a place is from a shape's lines, or from its sign; 0 inside it only when that is asked. */
export function distanceTo(geometry: RegionGeometry, at: ImagePoint, insideCounts = false): number {
  if (insideCounts && containsPoint(geometry, at.x, at.y)) return 0;
  if (geometry.kind === 'point' || geometry.kind === 'text') return distance(geometry.centre, at);
  let nearest = Number.POSITIVE_INFINITY;
  for (const line of outlineRegion(geometry))
    for (let i = 1; i < line.length; i++) nearest = Math.min(nearest, toSegment(line[i - 1]!, line[i]!, at));
  return nearest;
}

/** Put a corner into a polygon where its outline is nearest to a place. */
export function addVertex(
  geometry: Extract<RegionGeometry, { readonly points: readonly ImagePoint[] }>,
  at: ImagePoint,
): RegionGeometry {
  const { points } = geometry;
  const gaps = points.map((point, i) => toSegment(point, points[(i + 1) % points.length]!, at));
  const side = gaps.indexOf(Math.min(...gaps));
  return { ...geometry, points: [...points.slice(0, side + 1), at, ...points.slice(side + 1)] };
}

function toSegment(from: ImagePoint, to: ImagePoint, at: ImagePoint): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  const t = squared === 0 ? 0 : ((at.x - from.x) * dx + (at.y - from.y) * dy) / squared;
  const part = Math.min(1, Math.max(0, t));
  return Math.hypot(at.x - from.x - part * dx, at.y - from.y - part * dy);
}

function around({ x, y }: ImagePoint, radius: number): readonly ImagePoint[] {
  return [
    { x: x + radius, y },
    { x, y: y + radius },
    { x: x - radius, y },
    { x, y: y - radius },
  ];
}

function turnHandle(centre: ImagePoint, reach: number, angleDeg: number): Handle {
  return { id: 'turn', at: placeAround(centre, reach, 0, angleDeg) };
}

function outermost(axes: readonly RegionAxes[]): RegionAxes {
  return axes.reduce((a, b) => (b.a > a.a ? b : a));
}

function distance(from: ImagePoint, to: ImagePoint): number {
  return Math.hypot(to.x - from.x, to.y - from.y);
}

function replace<Value>(values: readonly Value[], index: number, value: Value): readonly Value[] {
  return values.map((old, i) => (i === index ? value : old));
}
