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
  return table.numbers[name] ?? unknown(name, table.numbers);
}

/** Find a column of words. @throws catalog/unknown-column */
export function wordsOf(table: ColumnTable, name: string): WordColumn {
  return table.words[name] ?? unknown(name, table.words);
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
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] === 0) continue;
    const px = isLogX ? Math.log10(x[row]!) : x[row]!;
    const py = isLogY ? Math.log10(y[row]!) : y[row]!;
    const isNear = px >= left && px <= right && py >= bottom && py <= top;
    if ((isNear && isInside(px, py, xs, ys) ? 1 : 0) === outside) passes[row] = 0;
  }
}

/** Tell whether a point lies in a polygon: a ray from it crosses the edges an odd number of times. */
function isInside(px: number, py: number, xs: Float64Array, ys: Float64Array): boolean {
  let inside = false;
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
    if (ys[i]! > py === ys[j]! > py) continue;
    if (px < ((xs[j]! - xs[i]!) * (py - ys[i]!)) / (ys[j]! - ys[i]!) + xs[i]!) inside = !inside;
  }
  return inside;
}
