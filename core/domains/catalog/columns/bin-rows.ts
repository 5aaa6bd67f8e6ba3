import type { ColumnTable, RowMask } from './model.ts';
import { numbersOf, wordsOf } from './select-rows.ts';

/** An axis that is cut into bins of one width, in its numbers or in their logarithm. */
export interface BinnedAxis {
  readonly column: string;
  readonly isLog: boolean;
  readonly from: number;
  readonly to: number;
  readonly bins: number;
}

/** Find the least and the greatest number of the rows that pass; on a logarithmic axis of those above 0. */
export function extentOf(
  table: ColumnTable,
  { passes }: RowMask,
  column: string,
  isLog: boolean,
): { readonly from: number; readonly to: number } | undefined {
  const values = numbersOf(table, column);
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] === 0) continue;
    const value = values[row]!;
    if (isLog && !(value > 0)) continue;
    if (value < from) from = value;
    if (value > to) to = value;
  }
  return from <= to ? { from, to } : undefined;
}

/**
 * Count the rows that pass in each bin of an axis, for each word of another column apart.
 *
 * The last bin holds its upper end. Rows outside the axis, or without a number, are in none.
 *
 * @returns counts by word, `bins` of each.
 */
export function countBins(
  table: ColumnTable,
  { passes }: RowMask,
  axis: BinnedAxis,
  by: string,
): Readonly<Record<string, Uint32Array>> {
  const values = numbersOf(table, axis.column);
  const { codes, names } = wordsOf(table, by);
  const counts = names.map(() => new Uint32Array(axis.bins));
  const place = placer(axis);
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] === 0) continue;
    const bin = place(values[row]!);
    if (bin >= 0) counts[codes[row]!]![bin]!++;
  }
  return Object.fromEntries(names.map((name, code) => [name, counts[code]!]));
}

/** Count the rows that pass in each cell of two axes; row-major, y outermost. */
export function countCells(
  table: ColumnTable,
  { passes }: RowMask,
  x: BinnedAxis,
  y: BinnedAxis,
): Uint32Array {
  const xs = numbersOf(table, x.column);
  const ys = numbersOf(table, y.column);
  const cells = new Uint32Array(x.bins * y.bins);
  const placeX = placer(x);
  const placeY = placer(y);
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] === 0) continue;
    const column = placeX(xs[row]!);
    const line = placeY(ys[row]!);
    if (column >= 0 && line >= 0) cells[line * x.bins + column]!++;
  }
  return cells;
}

/** List the ends of an axis' bins: one more than there are bins. */
export function binEdges({ from, to, bins, isLog }: BinnedAxis): number[] {
  return Array.from({ length: bins + 1 }, (_, k) =>
    isLog ? from * (to / from) ** (k / bins) : from + ((to - from) * k) / bins,
  );
}

function placer({ from, to, bins, isLog }: BinnedAxis): (value: number) => number {
  const low = isLog ? Math.log10(from) : from;
  const scale = bins / ((isLog ? Math.log10(to) : to) - low);
  return (value) => {
    if (!(value >= from && value <= to)) return -1;
    return Math.min(bins - 1, Math.floor(((isLog ? Math.log10(value) : value) - low) * scale));
  };
}
