import { AstridError } from '../../../utils/index.ts';
import type {
  ColumnTable,
  LassoFilter,
  NumberColumn,
  RangeFilter,
  RowFilter,
  RowMask,
  WordColumn,
  WordFilter,
} from './model.ts';

/**
 * Find the rows that pass a filter, in one passage over each column that it names.
 *
 * @throws catalog/unknown-column
 */
export function selectRows(table: ColumnTable, filter: RowFilter): RowMask {
  const passes = table.isAlive.slice(0, table.count);
  for (const range of filter.ranges ?? []) keepRange(passes, numbersOf(table, range.column), range);
  for (const word of filter.words ?? []) keepWords(passes, wordsOf(table, word.column), word);
  for (const lasso of filter.lassos ?? [])
    keepInside(passes, numbersOf(table, lasso.x), numbersOf(table, lasso.y), lasso);
  let count = 0;
  for (let row = 0; row < passes.length; row++) count += passes[row]!;
  return { passes, count };
}

/** Find a column of numbers. @throws catalog/unknown-column */
export function numbersOf(table: ColumnTable, name: string): NumberColumn {
  // What objects inherit has names too: `constructor` is no column.
  return (
    (Object.hasOwn(table.numbers, name) ? table.numbers[name] : undefined) ?? unknown(name, table.numbers)
  );
}

/** Find a column of words. @throws catalog/unknown-column */
export function wordsOf(table: ColumnTable, name: string): WordColumn {
  return (Object.hasOwn(table.words, name) ? table.words[name] : undefined) ?? unknown(name, table.words);
}

function unknown(name: string, known: Readonly<Record<string, unknown>>): never {
  const names = Object.keys(known).join(', ');
  throw new AstridError('catalog/unknown-column', `There is no column ${name} here; there are ${names}.`, {
    column: name,
  });
}

function keepRange(passes: Uint8Array, values: NumberColumn, { from, to, isExcluded }: RangeFilter): void {
  const low = from ?? Number.NEGATIVE_INFINITY;
  const high = to ?? Number.POSITIVE_INFINITY;
  const outside = isExcluded === true ? 1 : 0;
  const inside = 1 - outside;
  for (let row = 0; row < passes.length; row++) {
    const value = values[row]!;
    // NaN compares as false with everything: it is outside.
    passes[row]! &= value >= low && value <= high ? inside : outside;
  }
}

function keepWords(passes: Uint8Array, { codes, names }: WordColumn, filter: WordFilter): void {
  const outside = filter.isExcluded === true ? 1 : 0;
  const wanted = new Uint8Array(names.length).fill(outside);
  for (const name of filter.names) {
    const code = names.indexOf(name);
    if (code >= 0) wanted[code] = 1 - outside;
  }
  for (let row = 0; row < passes.length; row++) passes[row]! &= wanted[codes[row]!]!;
}

function keepInside(passes: Uint8Array, x: NumberColumn, y: NumberColumn, lasso: LassoFilter): void {
  const { isLogX = false, isLogY = false } = lasso;
  const outside = lasso.isExcluded === true ? 1 : 0;
  const xs = Float64Array.from(lasso.points, ([at]) => (isLogX ? Math.log10(at) : at));
  const ys = Float64Array.from(lasso.points, ([, at]) => (isLogY ? Math.log10(at) : at));
  // Most rows lie outside the box around it: they are told by two comparisons, without a logarithm.
  const px = lasso.points.map(([at]) => at);
  const py = lasso.points.map(([, at]) => at);
  const [left, right, bottom, top] = [Math.min(...px), Math.max(...px), Math.min(...py), Math.max(...py)];
  const strips = cutEdges(ys);
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] === 0) continue;
    const [atX, atY] = [x[row]!, y[row]!];
    const isIn =
      atX >= left &&
      atX <= right &&
      atY >= bottom &&
      atY <= top &&
      isInside(isLogX ? Math.log10(atX) : atX, isLogY ? Math.log10(atY) : atY, xs, ys, strips);
    if ((isIn ? 1 : 0) === outside) passes[row] = 0;
  }
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
