import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { selectMedian } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';

/** Lines from each border that may be unexposed, px. */
const MAX_DEPTH = 32;
/** Lines inside that tell what an exposed line is, px. */
const INSIDE = 8;
/** Pixels of a line that are read before the next line's. */
const STRETCH = 16;
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
  const near = (depth: number): number => depth;
  const right = (depth: number): number => width - 1 - depth;
  const top = (depth: number): number => height - 1 - depth;
  return (
    markSide(image, mask, noiseE, { lines: height, length: width, lineStep: width, step: 1, lineOf: near }) +
    markSide(image, mask, noiseE, { lines: height, length: width, lineStep: width, step: 1, lineOf: top }) +
    markSide(image, mask, noiseE, { lines: width, length: height, lineStep: 1, step: width, lineOf: near }) +
    markSide(image, mask, noiseE, { lines: width, length: height, lineStep: 1, step: width, lineOf: right })
  );
}

/** Rows or columns from one border on. */
interface Side {
  readonly lines: number;
  /** Pixels of a line. */
  readonly length: number;
  /** From line to line, and from pixel to pixel of a line, in memory. */
  readonly lineStep: number;
  readonly step: number;
  /** The line at a depth from the border. */
  readonly lineOf: (depth: number) => number;
}

function markSide(image: Plane, mask: MaskPlane, noiseE: number, side: Side): number {
  const { length, lineStep, step, lineOf } = side;
  const deepest = Math.min(MAX_DEPTH, Math.floor(side.lines / 8));
  if (deepest < 1) return 0;
  const depths = deepest + 2 * INSIDE;
  const values = new Float32Array(depths * length);
  // Columns are read a few pixels of many of them at a time, as they lie in memory.
  for (let start = 0; start < length; start += STRETCH) {
    const end = Math.min(length, start + STRETCH);
    for (let depth = 0; depth < depths; depth++) {
      const first = lineOf(depth) * lineStep + start * step;
      readStretch(image.data, mask.data, first, step, values, depth * length + start, end - start);
    }
  }
  const levels = Array.from({ length: depths }, (_, depth) =>
    selectMedian(values.subarray(depth * length, (depth + 1) * length)),
  );
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
    const line = lineOf(depth) * lineStep;
    for (let k = 0; k < length; k++) mask.data[line + k * step]! |= MaskBit.EDGE;
  }
  return marked;
}

/** Read pixels that are `step` apart; those without data are NaN. */
function readStretch(
  data: Float32Array,
  mask: Uint16Array,
  first: number,
  step: number,
  out: Float32Array,
  to: number,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const at = first + k * step;
    out[to + k] = (mask[at]! & MaskBit.NO_DATA) === 0 ? data[at]! : Number.NaN;
  }
}

function middle(levels: readonly number[]): number {
  return [...levels].sort((a, b) => a - b)[levels.length >> 1]!;
}
