import type { Point } from '../model.ts';

/** An ellipse; a circle has equal axes. */
export interface Ellipse extends Point {
  /** Semi-axes, px. */
  readonly a: number;
  readonly b: number;
  /** Of the first axis from +x towards +y, rad. */
  readonly angleRad: number;
}

/**
 * Measure the part of a pixel that lies inside an ellipse, exactly.
 *
 * The pixel is drawn into the frame where the ellipse is the unit circle; there the area of a polygon and a circle
 * in common is a sum over the polygon's sides of a triangle or a sector.
 *
 * @param x, y centre of the pixel.
 * @returns 0..1
 */
export function overlapPixel(ellipse: Ellipse, x: number, y: number): number {
  const { a, b, angleRad } = ellipse;
  const [dx, dy] = [x - ellipse.x, y - ellipse.y];
  const distance = Math.hypot(dx, dy);
  // The corner of a pixel is 0.7072 away from its centre.
  if (distance + 0.7072 <= Math.min(a, b)) return 1;
  if (distance - 0.7072 >= Math.max(a, b)) return 0;
  const [c, s] = [Math.cos(angleRad), Math.sin(angleRad)];
  const corners = [
    [-0.5, -0.5],
    [0.5, -0.5],
    [0.5, 0.5],
    [-0.5, 0.5],
  ].map(([u, v]) => {
    const [px, py] = [dx + u!, dy + v!];
    return { x: (c * px + s * py) / a, y: (-s * px + c * py) / b };
  });
  let area = 0;
  corners.forEach((corner, i) => {
    area += sideArea(corner, corners[(i + 1) % 4]!);
  });
  return Math.min(1, Math.max(0, area * a * b));
}

/** Signed area between the centre and a side, inside the unit circle. */
function sideArea(from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  if (squared === 0) return 0;
  // Where the side's line enters and leaves the circle, in parts of the side.
  const middle = -(from.x * dx + from.y * dy) / squared;
  const height = from.x * dy - from.y * dx;
  const half = Math.sqrt(Math.max(0, squared - height * height)) / squared;
  const isApart = height * height >= squared;
  const enter = isApart ? 1 : Math.min(1, Math.max(0, middle - half));
  const leave = isApart ? 1 : Math.min(1, Math.max(0, middle + half));
  const at = (t: number): Point => ({ x: from.x + t * dx, y: from.y + t * dy });
  const inner = (leave - enter) * height;
  return 0.5 * (sector(from, at(enter)) + inner + sector(at(leave), to));
}

/** The angle between two directions: twice the area of the sector of the unit circle. */
function sector(from: Point, to: Point): number {
  return Math.atan2(from.x * to.y - from.y * to.x, from.x * to.x + from.y * to.y);
}
