import { allocate, bytesAt, copyIn, copyOut, floatsAt, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { makePlane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';
import type { Spectrum } from './spectrum.ts';
import { makeSpectrum } from './spectrum.ts';

/** Rows copied at a time between shared planes and the kernels: a block stays in the second-level cache. */
const ROWS_PER_BLOCK = 32;

/** Give the smallest even 2^a 3^b 5^c that is at least `n`: a size `rfft2` takes for both sides. */
export function goodFftSize(n: number): number {
  let size = Math.max(2, Math.ceil(n));
  if (size % 2 === 1) size++;
  while (radices(size) === undefined) size += 2;
  return size;
}

/**
 * Transform a real plane to its half spectrum, unscaled: X[k] = sum x[n] exp(-2 pi i k n / N).
 *
 * Float32 throughout, with twiddles rounded from float64; relative rms error about 2e-7 at 2048 x 2048. One NaN or
 * infinity spoils every number of the spectrum: fill masked pixels first.
 *
 * @param plane even width; both sides of factors 2, 3 and 5 only (see `goodFftSize`).
 * @param out where to write, for example an arena's spectrum; made if absent.
 * @throws RangeError for a size it does not take.
 */
export function rfft2(plane: Plane, out: Spectrum = makeSpectrum(plane.width, plane.height)): Spectrum {
  const { width, height } = plane;
  requireSameSize(plane, out);
  withArena(() => {
    const module = kernelModule();
    const m = width / 2;
    const { rows, columns, turns, work, blocks } = prepare(width, height);
    const pitch = width + 2;
    const stage = allocate(ROWS_PER_BLOCK * pitch * 4 + WORD);
    forBands(height, (y, count) => {
      const source = copyIn(plane.data, y * width, count * width, stage);
      module.forwardRows(source, count, m, blocks, height, y, rows, turns, work);
    });
    module.transformColumns(blocks, m + 1, height, columns, work, 0);
    forBands(height, (y, count) => {
      copyOut(out.data, y * pitch, count * pitch, stage, (to) => {
        module.rowsFromBlocks(blocks, height, y, count, m + 1, to);
      });
    });
  });
  return out;
}

/**
 * Transform a small stamp in a plane of zeros, its middle pixel at the plane's first: a point-spread function's or a
 * kernel's spectrum. Rows of zeros cost nothing.
 *
 * @param stamp odd sides, not larger than the plane.
 * @param width, height of the plane, as `rfft2` takes them.
 * @throws RangeError for sizes it does not take.
 */
export function rfft2OfStamp(
  stamp: Plane,
  width: number,
  height: number,
  out: Spectrum = makeSpectrum(width, height),
): Spectrum {
  requireSameSize({ width, height }, out);
  if (stamp.width % 2 !== 1 || stamp.height % 2 !== 1 || stamp.width > width || stamp.height > height) {
    throw new RangeError(
      `A stamp needs odd sides that fit into the plane; ${stamp.width} x ${stamp.height} does not fit ${width} x ${height}.`,
    );
  }
  withArena((arena) => {
    const module = kernelModule();
    const m = width / 2;
    const { rows, columns, turns, work, blocks } = prepare(width, height);
    const pitch = width + 2;
    const stage = allocate(ROWS_PER_BLOCK * pitch * 4 + WORD);
    const half = (stamp.height - 1) / 2;
    const padded = arena.plane(width, stamp.height);
    writeWrapped(stamp, padded);
    // Middle row first, the rows below it at the end.
    const from = padded.data.byteOffset;
    module.forwardRows(from + half * width * 4, half + 1, m, blocks, height, 0, rows, turns, work);
    if (half > 0) module.forwardRows(from, half, m, blocks, height, height - half, rows, turns, work);
    const blockBytes = height * 128;
    for (let first = 0; first <= m; first += 16) {
      const block = blocks + (first / 16) * blockBytes;
      bytesAt(block + (half + 1) * 128, (height - stamp.height) * 128).fill(0);
    }
    module.transformColumns(blocks, m + 1, height, columns, work, 0);
    forBands(height, (y, count) => {
      copyOut(out.data, y * pitch, count * pitch, stage, (to) => {
        module.rowsFromBlocks(blocks, height, y, count, m + 1, to);
      });
    });
  });
  return out;
}

/** Write a stamp's rows into rows of zeros, the middle column first and those left of it at the end. */
function writeWrapped(stamp: Plane, padded: Plane): void {
  const { data } = padded;
  const half = (stamp.width - 1) / 2;
  data.fill(0);
  for (let j = 0; j < stamp.height; j++) {
    const row = stamp.data.subarray(j * stamp.width, (j + 1) * stamp.width);
    data.set(row.subarray(half), j * padded.width);
    data.set(row.subarray(0, half), (j + 1) * padded.width - half);
  }
}

/**
 * Transform a half spectrum back to its real plane; `irfft2(rfft2(p))` is `p`.
 *
 * Divides by width * height. The imaginary parts that a real plane's spectrum cannot have (columns 0 and width / 2 after
 * the transform along columns) are ignored, as NumPy does. NaN anywhere makes the plane NaN.
 *
 * @param out where to write, for example an arena's plane; made if absent.
 * @throws RangeError for a size `rfft2` does not take.
 */
export function irfft2(spectrum: Spectrum, out: Plane = makePlane(spectrum.width, spectrum.height)): Plane {
  const { width, height } = spectrum;
  requireSameSize(spectrum, out);
  withArena(() => {
    const module = kernelModule();
    const m = width / 2;
    const { rows, columns, turns, work, blocks } = prepare(width, height);
    const pitch = width + 2;
    const stage = allocate(ROWS_PER_BLOCK * pitch * 4 + WORD);
    forBands(height, (y, count) => {
      const source = copyIn(spectrum.data, y * pitch, count * pitch, stage);
      module.rowsToBlocks(source, m + 1, count, blocks, height, y);
    });
    module.transformColumns(blocks, m + 1, height, columns, work, 1);
    const scale = 1 / (width * height);
    forBands(height, (y, count) => {
      copyOut(out.data, y * width, count * width, stage, (to) => {
        module.inverseRows(blocks, height, y, to, count, m, rows, turns, work, scale);
      });
    });
  });
  return out;
}

/** Plans, tables and room for one transform of this size, in the arena. */
function prepare(
  width: number,
  height: number,
): { rows: number; columns: number; turns: number; work: number; blocks: number } {
  const m = width / 2;
  const rows = placePlan(m, width);
  const columns = placePlan(height, height);
  return {
    rows,
    columns,
    turns: placeTurns(width),
    // Two buffers: of eight rows of m complex numbers, or of sixteen columns of height.
    work: allocate(Math.max(m * 8, height * 16) * 16),
    blocks: allocate(Math.ceil((m + 1) / 16) * height * 128),
  };
}

function forBands(height: number, band: (firstRow: number, rows: number) => void): void {
  for (let y = 0; y < height; y += ROWS_PER_BLOCK) band(y, Math.min(ROWS_PER_BLOCK, height - y));
}

interface Plan {
  readonly radices: readonly number[];
  /** Twiddles of all passes, one after the other; (radix - 1) complex numbers for each of n / radix. */
  readonly twiddles: Float32Array<ArrayBuffer>;
  readonly offsets: readonly number[];
}

// A field uses two or three sizes; a table costs about 16 n bytes.
const plans = new Map<number, Plan>();
const turnTables = new Map<number, Float32Array<ArrayBuffer>>();
const CACHED_SIZES = 32;

/** Copy the plan of an n-point transform into the arena; returns its address. */
function placePlan(n: number, side: number): number {
  const plan = cached(plans, n, () => makePlan(n, side));
  const tables = allocate(plan.twiddles.length * 4);
  floatsAt(tables, plan.twiddles.length).set(plan.twiddles);
  const list = allocate((1 + 2 * plan.radices.length) * 4);
  const words = new Int32Array(kernelModule().memory.buffer, list, 1 + 2 * plan.radices.length);
  words[0] = plan.radices.length;
  plan.radices.forEach((radix, k) => {
    words[1 + 2 * k] = radix;
    words[2 + 2 * k] = tables + plan.offsets[k]! * 4;
  });
  return list;
}

/** Copy exp(-2 pi i k / n), k = 0..n/2, into the arena. */
function placeTurns(n: number): number {
  const turns = cached(turnTables, n, () => {
    const table = new Float32Array(n + 2);
    for (let k = 0; k <= n / 2; k++) writeTurn(table, k, k, n);
    return table;
  });
  const address = allocate(turns.length * 4);
  floatsAt(address, turns.length).set(turns);
  return address;
}

function makePlan(n: number, side: number): Plan {
  const factors = Number.isInteger(n) && n > 0 ? radices(n) : undefined;
  if (factors === undefined) {
    throw new RangeError(
      `No transform for a side of ${side} pixels: sides must be products of 2, 3 and 5, the width even; pad to goodFftSize(${side}).`,
    );
  }
  const offsets: number[] = [];
  const values: number[] = [];
  let rest = n;
  for (const radix of factors) {
    offsets.push(values.length / 2);
    const size = rest;
    rest /= radix;
    for (let p = 0; p < rest; p++) for (let j = 1; j < radix; j++) values.push((p * j) % size, size);
  }
  const twiddles = new Float32Array(values.length);
  for (let i = 0; i < values.length / 2; i++) writeTurn(twiddles, i, values[2 * i]!, values[2 * i + 1]!);
  return { radices: factors, twiddles, offsets: offsets.map((offset) => offset * 2) };
}

/** Write exp(-2 pi i k / n) as complex number `at`, exact at the quarter turns. */
function writeTurn(table: Float32Array, at: number, k: number, n: number): void {
  const eighths = (8 * k) / n;
  const quarter = Math.round(eighths / 2);
  const angle = ((eighths - 2 * quarter) * Math.PI) / 4;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const turned = [
    [cos, -sin],
    [-sin, -cos],
    [-cos, sin],
    [sin, cos],
  ][quarter % 4]!;
  table[2 * at] = turned[0]!;
  table[2 * at + 1] = turned[1]!;
}

/** Radices whose product is n, fours last: their last pass needs no twiddles. */
function radices(n: number): number[] | undefined {
  const list: number[] = [];
  let rest = n;
  for (const radix of [5, 3]) {
    while (rest % radix === 0) {
      list.push(radix);
      rest /= radix;
    }
  }
  let fours = 0;
  while (rest % 4 === 0) {
    fours++;
    rest /= 4;
  }
  if (rest === 2) list.push(2);
  else if (rest !== 1) return undefined;
  for (let i = 0; i < fours; i++) list.push(4);
  return list;
}

function cached<Value>(cache: Map<number, Value>, key: number, make: () => Value): Value {
  let value = cache.get(key);
  if (value === undefined) {
    value = make();
    const oldest = cache.keys().next().value;
    if (cache.size >= CACHED_SIZES && oldest !== undefined) cache.delete(oldest);
    cache.set(key, value);
  }
  return value;
}
