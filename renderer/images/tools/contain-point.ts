import type { ImagePoint, RegionAxes, RegionGeometry } from '../../../core/api/contract/index.ts';
import type { PixelBounds } from '../../viewer/index.ts';
import { outlineRegion } from './outline-region.ts';

const DEGREE = Math.PI / 180;

/** Tell whether a shape has an area whose pixels can be measured. */
export function hasArea(geometry: RegionGeometry): boolean {
  return /^(circle|ellipse|box|annulus|polygon|e?panda|bpanda)$/.test(geometry.kind);
}

/**
 * Tell whether a place lies in a shape.
 *
 * Rings are hollow: what is inside the innermost is outside. Shapes without an area contain nothing.
 */
export function containsPoint(geometry: RegionGeometry, x: number, y: number): boolean {
  switch (geometry.kind) {
    case 'circle':
      return Math.hypot(x - geometry.centre.x, y - geometry.centre.y) <= geometry.radius;
    case 'annulus': {
      const distance = Math.hypot(x - geometry.centre.x, y - geometry.centre.y);
      return distance <= Math.max(...geometry.radii) && distance > Math.min(...geometry.radii);
    }
    case 'ellipse':
    case 'box': {
      const [u, v] = turnedFrom(geometry.centre, x, y, geometry.angleDeg);
      const isIn = (axes: RegionAxes): boolean =>
        geometry.kind === 'box' ? inBox(axes, u, v) : inEllipse(axes, u, v);
      const [inner] = geometry.axes;
      return geometry.axes.some(isIn) && (geometry.axes.length === 1 || !isIn(inner!));
    }
    case 'panda':
    case 'epanda':
    case 'bpanda': {
      const turn = geometry.kind === 'panda' ? 0 : geometry.angleDeg;
      const [u, v] = turnedFrom(geometry.centre, x, y, turn);
      const isIn = geometry.kind === 'bpanda' ? inBox : inEllipse;
      const around = (deg: number): number => ((deg % 360) + 360) % 360;
      const span = around(geometry.stopDeg - geometry.startDeg) || 360;
      const angle = Math.atan2(v, u) / DEGREE + turn;
      return (
        isIn(geometry.outer, u, v) && !isIn(geometry.inner, u, v) && around(angle - geometry.startDeg) <= span
      );
    }
    case 'polygon':
      return inPolygon(geometry.points, x, y);
    default:
      return false;
  }
}

/** The pixels that a shape may touch, one more on each side because round outlines are drawn with corners; `undefined` for one without extent. */
export function boundsOf(geometry: RegionGeometry): PixelBounds | undefined {
  const points = outlineRegion(geometry).flat();
  if (points.length === 0) return undefined;
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  return { left: left - 1, bottom: bottom - 1, right: right + 1, top: top + 1 };
}

function turnedFrom(centre: ImagePoint, x: number, y: number, angleDeg: number): readonly [number, number] {
  const [c, s] = [Math.cos(angleDeg * DEGREE), Math.sin(angleDeg * DEGREE)];
  const [dx, dy] = [x - centre.x, y - centre.y];
  return [dx * c + dy * s, -dx * s + dy * c];
}

function inEllipse({ a, b }: RegionAxes, u: number, v: number): boolean {
  return a > 0 && b > 0 && (u / a) ** 2 + (v / b) ** 2 <= 1;
}

function inBox({ a, b }: RegionAxes, u: number, v: number): boolean {
  return Math.abs(u) <= a / 2 && Math.abs(v) <= b / 2;
}

/** Even-odd, so that a polygon that crosses itself has holes. */
function inPolygon(points: readonly ImagePoint[], x: number, y: number): boolean {
  let isInside = false;
  points.forEach((p, i) => {
    const q = points[(i + 1) % points.length]!;
    if (p.y > y !== q.y > y && x < ((q.x - p.x) * (y - p.y)) / (q.y - p.y) + p.x) isInside = !isInside;
  });
  return isInside;
}
