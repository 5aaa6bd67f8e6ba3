import { contours } from 'd3-contour';
import type { Point } from '../model.ts';
import type { PixelBox } from './pixel-box.ts';

/** The lines along which an image has one value. */
export interface ContourLevel {
  readonly value: number;
  /** Image coordinates. */
  readonly lines: readonly (readonly Point[])[];
}

/**
 * Trace the lines of equal value through the middle of pixels.
 *
 * Lines that leave the box end at its rim; pixels without a value count as lower than any level.
 */
export function traceContours(box: PixelBox, levels: readonly number[]): readonly ContourLevel[] {
  const { width, height, step } = box;
  const trace = contours().size([width, height]).smooth(true);
  // Its types ask for a plain array, its code for anything with numbers.
  const values = box.data as unknown as number[];
  const place = ([column, row]: readonly number[]): Point => ({
    x: box.left + (column! - 0.5) * step + (step - 1) / 2,
    y: box.bottom + (row! - 0.5) * step + (step - 1) / 2,
  });
  const isRim = ([column, row]: readonly number[]): boolean =>
    column! <= 0 || row! <= 0 || column! >= width || row! >= height;
  return levels.map((value) => {
    const rings = trace.contour(values, value).coordinates.flat();
    const lines = rings.flatMap((ring) => cutAtRim(ring, isRim)).map((line) => line.map(place));
    return { value, lines };
  });
}

/** Leave out of a ring what runs along the rim, half a pixel outside the data: it only closes it. */
function cutAtRim(
  ring: readonly (readonly number[])[],
  isRim: (point: readonly number[]) => boolean,
): readonly (readonly (readonly number[])[])[] {
  if (!ring.some(isRim)) return [ring];
  const lines: (readonly number[])[][] = [[]];
  for (const point of ring) {
    if (!isRim(point)) lines.at(-1)!.push(point);
    else if (lines.at(-1)!.length > 0) lines.push([]);
  }
  // The ring's end is its beginning: a line that runs over it is one.
  if (lines.length > 1 && !isRim(ring[0]!)) {
    const first = lines.shift()!;
    lines.at(-1)!.push(...first.slice(1));
  }
  return lines.filter((line) => line.length > 1);
}

/** Choose levels that stand out of a sky: 3, 6, 12 ... of its sigmas above its median. */
export function chooseLevels(median: number, sigma: number, max: number, count = 6): readonly number[] {
  if (!(sigma > 0) || !Number.isFinite(median)) return [];
  return Array.from({ length: count }, (_, i) => median + 3 * 2 ** i * sigma).filter((level) => level < max);
}

/**
 * Smooth a box with a Gaussian; pixels without a value are filled from their neighbours' weights.
 *
 * @param sigma in values of the box, which are `step` pixels each.
 */
export function smoothBox(box: PixelBox, sigma: number): PixelBox {
  if (!(sigma > 0)) return box;
  const reach = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const { width, height } = box;
  const weights = Float32Array.from(box.data, (value) => (Number.isFinite(value) ? 1 : 0));
  const sums = Float32Array.from(box.data, (value) => (Number.isFinite(value) ? value : 0));
  const convolve = (plane: Float32Array): Float32Array =>
    convolveLines(convolveLines(plane, width, height, 1, width, kernel), height, width, width, 1, kernel);
  const [sum, weight] = [convolve(sums), convolve(weights)];
  return { ...box, data: sum.map((value, i) => (weight[i]! > 0 ? value / weight[i]! : Number.NaN)) };
}

/** Convolve `lines` lines of `length` values; `stride` apart along a line, `pitch` from line to line. */
function convolveLines(
  plane: Float32Array,
  length: number,
  lines: number,
  stride: number,
  pitch: number,
  kernel: Float64Array,
): Float32Array {
  const reach = (kernel.length - 1) / 2;
  const result = new Float32Array(plane.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      const from = Math.max(0, i - reach);
      const to = Math.min(length - 1, i + reach);
      for (let k = from; k <= to; k++) sum += plane[line * pitch + k * stride]! * kernel[k - i + reach]!;
      result[line * pitch + i * stride] = sum;
    }
  }
  return result;
}
