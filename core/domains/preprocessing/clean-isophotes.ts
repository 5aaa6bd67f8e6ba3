import type { Isophote } from './measure-isophote.ts';
import { sortIntoCells, visitCells } from './sort-into-cells.ts';

/** Objects further apart than this many summed semi-axes do not disturb each other. */
const REACH = 10;

/**
 * Find the objects that are only bumps on the wings of a brighter neighbour.
 *
 * The neighbour's profile is taken as a Moffat function through its isophote; an object whose own contrast is
 * below that profile would not have been found without it.
 *
 * @param minAreaPx an object counts by its `minAreaPx`-th brightest pixel.
 * @param beta Moffat exponent: smaller means more is cleaned.
 * @returns for each object, true if it stays.
 * @see SExtractor manual, "Cleaning".
 */
export function cleanIsophotes(
  objects: readonly Isophote[],
  smoothed: Float32Array,
  minAreaPx: number,
  beta: number,
): boolean[] {
  const n = objects.length;
  const stays = new Array<boolean>(n).fill(true);
  const room = new Float64Array(minAreaPx);
  const contrast = Float64Array.from(objects, (object) => contrastOf(object, smoothed, minAreaPx, room));
  const amplitude = new Float64Array(n);
  const steepness = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const object = objects[i]!;
    const ellipse = Math.PI * object.a * object.b;
    amplitude[i] = object.smoothedFlux / (2 * ellipse * object.areaCorrection);
    steepness[i] = (((amplitude[i]! / object.threshold) ** (1 / beta) - 1) * ellipse) / object.pixels.length;
  }
  const grids = sortIntoCells(objects, REACH);
  const byFlux = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => objects[j]!.smoothedFlux - objects[i]!.smoothedFlux || i - j,
  );
  // The brightest eats first, and what is eaten eats no more.
  for (const bright of byFlux) {
    if (!stays[bright]) continue;
    const { x, y, a, cxx, cyy, cxy, smoothedFlux } = objects[bright]!;
    const eat = (faint: number): void => {
      const other = objects[faint]!;
      if (!stays[faint] || faint === bright || other.smoothedFlux >= smoothedFlux) return;
      const dx = other.x - x;
      const dy = other.y - y;
      const reach = REACH * (a + other.a);
      if (dx * dx + dy * dy > reach * reach) return;
      const base = 1 + steepness[bright]! * (cxx * dx * dx + cyy * dy * dy + cxy * dx * dy);
      if (base > 1 && base < 1e10 && amplitude[bright]! * base ** -beta > contrast[faint]!) {
        stays[faint] = false;
      }
    };
    for (const grid of grids) visitCells(grid, x, y, REACH * (a + grid.largest), eat);
  }
  return stays;
}

/** How far the `minArea`-th brightest pixel rises above the threshold; 0 if there are fewer. @param brightest so many numbers, for use. */
function contrastOf(
  object: Isophote,
  smoothed: Float32Array,
  minArea: number,
  brightest: Float64Array,
): number {
  if (object.pixels.length < minArea) return 0;
  brightest.fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < object.pixels.length; i++) {
    const value = smoothed[object.pixels[i]!]!;
    if (value <= brightest[0]!) continue;
    // Kept in rising order; `minArea` is small.
    let at = 0;
    while (at + 1 < minArea && brightest[at + 1]! < value) {
      brightest[at] = brightest[at + 1]!;
      at++;
    }
    brightest[at] = value;
  }
  return brightest[0]! - object.threshold;
}
