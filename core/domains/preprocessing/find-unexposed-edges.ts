import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { selectMedian } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';

/** Lines from each border that may be unexposed, px. */
const MAX_DEPTH = 32;
/** Lines inside that tell what an exposed line is, px. */
const INSIDE = 8;
/** How far the level of an unexposed line is from that of exposed ones, in the noise of one pixel. */
const MIN_STEP_SIGMA = 5;
/** Exposed lines next to it differ by less than this. */
const MAX_SLOPE_SIGMA = 1;

/**
 * Mark rows and columns along the borders as EDGE that are a step away from the sky next to them: shaded or
 * unexposed lines that the frame still holds.
 *
 * @param image e-, sky in it.
 * @param noiseE noise of one pixel, e-.
 * @returns how many lines were marked.
 */
export function markUnexposedEdges(image: Plane, mask: MaskPlane, noiseE: number): number {
  if (!(noiseE > 0)) return 0;
  const { width, height } = image;
  const row = (y: number) => (x: number) => y * width + x;
  const column = (x: number) => (y: number) => y * width + x;
  return (
    markSide(image, mask, noiseE, height, width, (depth) => row(depth)) +
    markSide(image, mask, noiseE, height, width, (depth) => row(height - 1 - depth)) +
    markSide(image, mask, noiseE, width, height, (depth) => column(depth)) +
    markSide(image, mask, noiseE, width, height, (depth) => column(width - 1 - depth))
  );
}

/** @param lineAt gives, for a depth from the border, the index of each pixel of that line. */
function markSide(
  image: Plane,
  mask: MaskPlane,
  noiseE: number,
  lines: number,
  length: number,
  lineAt: (depth: number) => (k: number) => number,
): number {
  const deepest = Math.min(MAX_DEPTH, Math.floor(lines / 8));
  if (deepest < 1) return 0;
  const values = new Float32Array(length);
  const levels = Array.from({ length: deepest + 2 * INSIDE }, (_, depth) => {
    const at = lineAt(depth);
    for (let k = 0; k < length; k++) {
      const i = at(k);
      values[k] = (mask.data[i]! & MaskBit.NO_DATA) !== 0 ? Number.NaN : image.data[i]!;
    }
    return selectMedian(values);
  });
  let marked = 0;
  for (let depth = 1; depth <= deepest; depth++) {
    const inside = middle(levels.slice(depth, depth + INSIDE));
    const further = middle(levels.slice(depth + INSIDE, depth + 2 * INSIDE));
    if (!(Math.abs(inside - further) < MAX_SLOPE_SIGMA * noiseE)) continue;
    // A line without any value is masked already and proves nothing.
    const outside = levels.slice(0, depth).filter((level) => !Number.isNaN(level));
    if (outside.length > 0 && outside.every((level) => Math.abs(level - inside) > MIN_STEP_SIGMA * noiseE)) {
      marked = depth;
    }
  }
  for (let depth = 0; depth < marked; depth++) {
    const at = lineAt(depth);
    for (let k = 0; k < length; k++) mask.data[at(k)]! |= MaskBit.EDGE;
  }
  return marked;
}

function middle(levels: readonly number[]): number {
  return [...levels].sort((a, b) => a - b)[levels.length >> 1]!;
}
