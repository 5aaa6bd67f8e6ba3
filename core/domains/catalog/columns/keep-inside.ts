import type { LassoFilter, NumberColumn } from './model.ts';

/** Cells along each side of the box around a polygon; they are numbered from one, what lies beyond has other numbers. */
const CELLS = 128;

/** Of two numbers up to 255, the place of a cell. */
const PLACES = 1 << 16;

/** What the rows of a cell are. */
const OUTSIDE = 0;
const INSIDE = 1;
const AT_EDGE = 2;

/**
 * Keep the rows that lie in a polygon drawn on two columns, or those that do not.
 *
 * The box around it is cut into cells. Most rows lie in cells that no edge touches and are told by two look-ups; only
 * the others are compared with edges.
 */
export function keepInside(
  passes: Uint8Array,
  x: NumberColumn,
  y: NumberColumn,
  { points, isLogX = false, isLogY = false, isExcluded = false }: LassoFilter,
): void {
  const across = makeAxis(
    points.map(([at]) => at),
    isLogX,
  );
  const up = makeAxis(
    points.map(([, at]) => at),
    isLogY,
  );
  const strips = cutEdges(up.drawn);
  const kinds = tellCells(across, up, strips);
  const columns = cellsOf(x, passes.length, across);
  const rows = cellsOf(y, passes.length, up);
  const excluded = isExcluded ? 1 : 0;
  for (let row = 0; row < passes.length; row++) {
    let kind = kinds[(rows[row]! << 8) | columns[row]!]!;
    if (kind === AT_EDGE) {
      const atX = isLogX ? Math.log10(x[row]!) : x[row]!;
      const atY = isLogY ? Math.log10(y[row]!) : y[row]!;
      kind = isInside(atX, atY, across.drawn, up.drawn, strips) ? INSIDE : OUTSIDE;
    }
    passes[row]! &= kind ^ excluded;
  }
}

/** One side of the box around a polygon. */
interface Axis {
  readonly isLog: boolean;
  readonly low: number;
  /** Places of the polygon's corners as they are drawn: logarithms on a logarithmic axis. */
  readonly drawn: Float64Array;
  /** Where cells begin, as drawn; one more than there are cells. */
  readonly bounds: Float64Array;
  /** Cells for each unit of the number, or of its bits. */
  readonly scale: number;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The bits of a positive number rise with it nearly as its logarithm does, and are there without working it out. */
function bitsOf(value: number): number {
  float[0] = value;
  return bits[0]!;
}

function makeAxis(values: readonly number[], isLog: boolean): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const first = isLog ? bitsOf(low) : low;
  const reach = (isLog ? bitsOf(high) : high) - first;
  const bounds = Float64Array.from({ length: CELLS + 1 }, (_, i) => {
    const at = first + (reach * i) / CELLS;
    if (!isLog) return at;
    bits[0] = Math.round(at);
    return Math.log10(float[0]!);
  });
  const drawn = Float64Array.from(values, (value) => (isLog ? Math.log10(value) : value));
  return { isLog, low, drawn, bounds, scale: reach > 0 ? CELLS / reach : 0 };
}

/**
 * The cell of each row along one axis.
 *
 * Without a branch, which numbers in no order would make slow: the array rounds to the nearest whole number from 0 to
 * 255, and takes what is no number for 0.
 */
function cellsOf(values: NumberColumn, count: number, { isLog, low, scale }: Axis): Uint8ClampedArray {
  const cells = new Uint8ClampedArray(count);
  const first = isLog ? bitsOf(low) : low;
  if (isLog) for (let row = 0; row < count; row++) cells[row] = (bitsOf(values[row]!) - first) * scale + 0.5;
  else for (let row = 0; row < count; row++) cells[row] = (values[row]! - first) * scale + 0.5;
  return cells;
}

/** Tell of each cell whether it lies inside, outside, or is touched by an edge. */
function tellCells(across: Axis, up: Axis, strips: Strips): Uint8Array {
  const kinds = new Uint8Array(PLACES);
  const [xs, ys] = [across.drawn, up.drawn];
  const margin = { x: marginOf(across), y: marginOf(up) };
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
    const [left, right] = xs[i]! < xs[j]! ? [i, j] : [j, i];
    const run = xs[right]! - xs[left]!;
    const yAt = (x: number): number =>
      run === 0 ? ys[left]! : ys[left]! + ((ys[right]! - ys[left]!) * (x - xs[left]!)) / run;
    const last = cellAt(across.bounds, xs[right]! + margin.x);
    for (let column = cellAt(across.bounds, xs[left]! - margin.x); column <= last; column++) {
      const from = yAt(Math.max(across.bounds[column]! - margin.x, xs[left]!));
      const to = yAt(Math.min(across.bounds[column + 1]! + margin.x, xs[right]!));
      const ends = run === 0 ? [ys[i]!, ys[j]!] : [from, to];
      const top = cellAt(up.bounds, Math.max(...ends) + margin.y);
      for (let line = cellAt(up.bounds, Math.min(...ends) - margin.y); line <= top; line++)
        kinds[placeOf(column, line)] = AT_EDGE;
    }
  }
  for (let line = 0; line < CELLS; line++)
    for (let column = 0; column < CELLS; column++) {
      const place = placeOf(column, line);
      if (kinds[place] === AT_EDGE) continue;
      const x = (across.bounds[column]! + across.bounds[column + 1]!) / 2;
      const y = (up.bounds[line]! + up.bounds[line + 1]!) / 2;
      kinds[place] = isInside(x, y, xs, ys, strips) ? INSIDE : OUTSIDE;
    }
  return kinds;
}

function placeOf(column: number, line: number): number {
  return ((line + 1) << 8) | (column + 1);
}

/** A thousandth of a cell: numbers are put into cells by their first 24 bits, and rounded. */
function marginOf({ bounds }: Axis): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let cell = 0; cell < CELLS; cell++) smallest = Math.min(smallest, bounds[cell + 1]! - bounds[cell]!);
  return smallest / 1000;
}

/** The cell that a place lies in; the nearest one for a place beyond. */
function cellAt(bounds: Float64Array, place: number): number {
  let low = 0;
  let high = CELLS - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bounds[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Edges of a polygon by strips of y: a point is compared with those of its strip alone. */
interface Strips {
  readonly from: number;
  readonly scale: number;
  readonly edges: readonly (readonly number[])[];
}

const STRIPS = 64;

function cutEdges(ys: Float64Array): Strips {
  const from = Math.min(...ys);
  const scale = STRIPS / Math.max(Math.max(...ys) - from, Number.MIN_VALUE);
  const edges = Array.from({ length: STRIPS }, (): number[] => []);
  for (let i = 0, j = ys.length - 1; i < ys.length; j = i++) {
    const first = stripOf(Math.min(ys[i]!, ys[j]!), from, scale);
    const last = stripOf(Math.max(ys[i]!, ys[j]!), from, scale);
    for (let strip = first; strip <= last; strip++) edges[strip]!.push(i);
  }
  return { from, scale, edges };
}

function stripOf(y: number, from: number, scale: number): number {
  return Math.max(0, Math.min(STRIPS - 1, Math.floor((y - from) * scale)));
}

/** Tell whether a point lies in a polygon: a ray from it crosses the edges an odd number of times. */
function isInside(
  px: number,
  py: number,
  xs: Float64Array,
  ys: Float64Array,
  { from, scale, edges }: Strips,
): boolean {
  let inside = false;
  const near = edges[stripOf(py, from, scale)]!;
  for (let k = 0; k < near.length; k++) {
    const i = near[k]!;
    const j = i === 0 ? ys.length - 1 : i - 1;
    if (ys[i]! > py === ys[j]! > py) continue;
    if (px < ((xs[j]! - xs[i]!) * (py - ys[i]!)) / (ys[j]! - ys[i]!) + xs[i]!) inside = !inside;
  }
  return inside;
}
