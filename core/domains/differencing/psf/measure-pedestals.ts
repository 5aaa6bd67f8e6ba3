import { selectMedians } from '../../../kernels/index.ts';
import { madStd, medianInPlace } from '../robust-statistics.ts';

/** The level that is left beneath the stars once they are subtracted: sky errors and stars too faint to see. */
export interface PedestalMap {
  readonly blockPx: number;
  readonly columns: number;
  readonly rows: number;
  /** e- per pixel, one for each block. */
  readonly levels: Float64Array;
  /** How far a single block is off its surroundings beyond noise, e- per pixel. */
  readonly scatter: number;
}

/** Pixels looked at in one block. */
const SAMPLES = 49;

/**
 * Map the pedestal in blocks of the residual image, smoothed over three by three of them.
 *
 * @param residual image minus all stars, e-; NaN where a pixel must not be used.
 * @param skySigma noise per pixel, e-.
 */
export function mapPedestals(
  residual: Float32Array,
  width: number,
  height: number,
  blockPx: number,
  skySigma: number,
): PedestalMap {
  const columns = Math.max(1, Math.round(width / blockPx));
  const rows = Math.max(1, Math.round(height / blockPx));
  const raw = measureBlocks(residual, width, height, columns, rows);
  const levels = new Float64Array(raw.length);
  const around = new Float64Array(9);
  const deviations: number[] = [];
  for (let k = 0; k < raw.length; k++) {
    let found = 0;
    const column = k % columns;
    const row = Math.floor(k / columns);
    for (let j = Math.max(0, row - 1); j <= Math.min(rows - 1, row + 1); j++) {
      for (let i = Math.max(0, column - 1); i <= Math.min(columns - 1, column + 1); i++) {
        const value = raw[j * columns + i];
        if (!Number.isNaN(value)) around[found++] = value;
      }
    }
    levels[k] = found > 0 ? medianInPlace(around, found) : 0;
    if (!Number.isNaN(raw[k])) deviations.push(raw[k] - levels[k]);
  }
  const noise = (1.25 * skySigma) / Math.sqrt(SAMPLES);
  const spread = deviations.length > 3 ? madStd(deviations) : 0;
  return { blockPx, columns, rows, levels, scatter: Math.sqrt(Math.max(0, spread ** 2 - noise ** 2)) };
}

/** Medians of some pixels of each block, NaN where too few can be used. */
function measureBlocks(
  residual: Float32Array,
  width: number,
  height: number,
  columns: number,
  rows: number,
): Float64Array {
  const steps = (w: number, h: number): readonly [number, number] => {
    // Closer along the rows: they lie in one line of the cache.
    const x = Math.max(1, Math.floor(Math.sqrt((w * h) / SAMPLES) / 1.5));
    return [x, Math.max(1, Math.floor((w * h) / (x * SAMPLES)))];
  };
  const startOf = (block: number, blocks: number, side: number): number =>
    Math.floor((block * side) / blocks);
  let most = 0;
  for (const w of [Math.floor(width / columns), Math.ceil(width / columns)])
    for (const h of [Math.floor(height / rows), Math.ceil(height / rows)]) {
      const [stepX, stepY] = steps(w, h);
      most = Math.max(most, Math.ceil(w / stepX) * Math.ceil(h / stepY));
    }
  const values = new Float32Array(columns * rows * most);
  const counts = new Int32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const [y0, y1] = [startOf(row, rows, height), startOf(row + 1, rows, height)];
    for (let column = 0; column < columns; column++) {
      const [x0, x1] = [startOf(column, columns, width), startOf(column + 1, columns, width)];
      const [stepX, stepY] = steps(x1 - x0, y1 - y0);
      const block = row * columns + column;
      const first = block * most;
      counts[block] = sampleBlock(residual, width, x0, x1, y0, y1, stepX, stepY, values, first) - first;
    }
  }
  const medians = selectMedians(values, most, counts);
  for (let k = 0; k < medians.length; k++) if (counts[k] < SAMPLES / 4) medians[k] = Number.NaN;
  return medians;
}

// A block a call: V8 throws the code of a walk over all blocks away each time that it leaves an inner loop.
function sampleBlock(
  residual: Float32Array,
  width: number,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  stepX: number,
  stepY: number,
  values: Float32Array,
  first: number,
): number {
  let at = first;
  for (let y = y0; y < y1; y += stepY) {
    for (let k = y * width + x0; k < y * width + x1; k += stepX) {
      const value = residual[k];
      if (!Number.isNaN(value)) values[at++] = value;
    }
  }
  return at;
}

/** Give the pedestal at a pixel, between the blocks' middles. */
export function pedestalAt(map: PedestalMap, x: number, y: number, width: number, height: number): number {
  const u = Math.max(0, Math.min(map.columns - 1, ((x + 0.5) * map.columns) / width - 0.5));
  const v = Math.max(0, Math.min(map.rows - 1, ((y + 0.5) * map.rows) / height - 0.5));
  const i = Math.min(Math.floor(u), Math.max(0, map.columns - 2));
  const j = Math.min(Math.floor(v), Math.max(0, map.rows - 2));
  const at = (column: number, row: number) =>
    map.levels[Math.min(map.rows - 1, row) * map.columns + Math.min(map.columns - 1, column)];
  const fx = u - i;
  const fy = v - j;
  return (
    (at(i, j) * (1 - fx) + at(i + 1, j) * fx) * (1 - fy) +
    (at(i, j + 1) * (1 - fx) + at(i + 1, j + 1) * fx) * fy
  );
}

/** A level measured around a star, e- per pixel, and its error. */
export interface Pedestal {
  readonly level: number;
  readonly error: number;
}

/** Pixels from which the first guess of a level is taken: enough to clip about. */
const FEW = 41;
const CLIPS = [4, 2.5, 2.5];

// Pixels of one annulus after the other.
let ring = new Float64Array(0);
const few = new Float64Array(2 * FEW);

/**
 * Measure the level around a star between two radii: the mean of the clipped pixels.
 *
 * @param residual image minus all stars, e-; NaN where a pixel must not be used.
 * @returns `undefined` if there are too few pixels.
 */
export function measurePedestal(
  residual: Float32Array,
  width: number,
  height: number,
  star: { readonly x: number; readonly y: number },
  inner: number,
  outer: number,
  skyVariance: number,
): Pedestal | undefined {
  const x0 = Math.round(star.x);
  const y0 = Math.round(star.y);
  const reach = Math.ceil(outer);
  if (ring.length < (2 * reach + 1) ** 2) ring = new Float64Array((2 * reach + 1) ** 2);
  const values = ring;
  const inner2 = inner * inner;
  const outer2 = outer * outer;
  const from = Math.max(0, x0 - reach);
  const to = Math.min(width - 1, x0 + reach);
  let found = 0;
  for (let y = Math.max(0, y0 - reach); y <= Math.min(height - 1, y0 + reach); y++) {
    const dy2 = (y - star.y) * (y - star.y);
    for (let x = from; x <= to; x++) {
      const r2 = (x - star.x) * (x - star.x) + dy2;
      if (r2 < inner2 || r2 > outer2) continue;
      const value = residual[y * width + x];
      if (!Number.isNaN(value)) values[found++] = value;
    }
  }
  if (found < 20) return undefined;
  const step = Math.max(1, Math.floor(found / FEW));
  let taken = 0;
  for (let k = 0; k < found; k += step) few[taken++] = values[k];
  let centre = medianInPlace(few, taken);
  let count = 0;
  for (const sigmas of CLIPS) {
    const reachE = sigmas * Math.sqrt(skyVariance);
    let sum = 0;
    count = 0;
    for (let k = 0; k < found; k++) {
      if (Math.abs(values[k] - centre) > reachE) continue;
      sum += values[k];
      count++;
    }
    if (count < 10) return undefined;
    centre = sum / count;
  }
  return { level: centre, error: Math.sqrt(skyVariance / count) };
}
