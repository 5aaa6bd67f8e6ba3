import { allocate, floatsAt } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Give the smallest even 2^a 3^b 5^c that is at least `n`: a size `rfft2` takes for both sides. */
export function goodFftSize(n: number): number {
  let size = Math.max(2, Math.ceil(n));
  if (size % 2 === 1) size++;
  while (radices(size) === undefined) size += 2;
  return size;
}

/** Plans, tables and room for transforms of one size, in the arena; all but the size are addresses. */
export interface Transform {
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  readonly columns: number;
  readonly turns: number;
  readonly work: number;
}

/**
 * Place what transforms of one size need in the arena.
 *
 * @throws RangeError for a size that they do not take.
 */
export function prepareTransform(width: number, height: number): Transform {
  const m = width / 2;
  const rows = placePlan(m, width);
  const columns = placePlan(height, height);
  return {
    width,
    height,
    rows,
    columns,
    turns: placeTurns(width),
    // Two buffers: of eight rows of m complex numbers, or of sixteen columns of height.
    work: allocate(Math.max(m * 8, height * 16) * 16),
  };
}

/** First passes of a transform of which a stamp of few rows leaves nothing to do but to turn them. */
export interface StampShortcut {
  readonly skipped: number;
  /** Product of their radices. */
  readonly share: number;
  /** Address of exp(-2 pi i n k / height), k < share, for each row n of the stamp. */
  readonly turns: number;
}

/**
 * Find how many passes along columns of `height` a stamp of `rows` rows (odd) can skip, and place in the arena what takes
 * their place.
 */
export function placeShortcut(height: number, rows: number): StampShortcut {
  let [skipped, share] = [0, 1];
  const factors = radices(height) ?? [];
  while (skipped < factors.length && height / (share * factors[skipped]!) >= rows)
    share *= factors[skipped++]!;
  const table = cached(stampTurns, `${height} ${rows}`, () => {
    const values = new Float32Array(2 * rows * share);
    for (let j = 0; j < rows; j++) {
      // Whole turns are left out: writeTurn takes what is not negative.
      const n = (j - (rows >> 1) + height) % height;
      for (let k = 0; k < share; k++) writeTurn(values, j * share + k, (n * k) % height, height);
    }
    return values;
  });
  const turns = allocate(table.length * 4);
  floatsAt(turns, table.length).set(table);
  return { skipped, share, turns };
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
const stampTurns = new Map<string, Float32Array<ArrayBuffer>>();
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

function cached<Key, Value>(cache: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = cache.get(key);
  if (value === undefined) {
    value = make();
    const oldest = cache.keys().next().value;
    if (cache.size >= CACHED_SIZES && oldest !== undefined) cache.delete(oldest);
    cache.set(key, value);
  }
  return value;
}
