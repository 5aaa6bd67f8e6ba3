import { AstridError } from '../../../utils/index.ts';
import { keepInside } from './keep-inside.ts';
import type {
  ColumnTable,
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
