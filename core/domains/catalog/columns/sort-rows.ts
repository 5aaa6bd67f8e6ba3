import type { NumberColumn } from './model.ts';

/** Rows in rising order of a column. */
export interface RowOrder {
  readonly rows: Uint32Array;
  /** Rows from here on have no number; they come last in either direction. */
  readonly known: number;
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/**
 * Order rows `from`..`to` (exclusive) by a column; rows with equal numbers keep their order.
 *
 * The bits of a double, read as an integer, rise with it once the sign is turned: its upper half is sorted digit by
 * digit, in time that grows with the rows and no faster. The few rows that have it in common are compared.
 */
export function sortRows(values: NumberColumn, from: number, to: number): RowOrder {
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  let keys = new Uint32Array(to - from);
  let rows = new Uint32Array(to - from);
  const unknown: number[] = [];
  let known = 0;
  for (let row = from; row < to; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) {
      unknown.push(row);
      continue;
    }
    // Adding 0 makes -0 and 0 one number. The upper half comes second in memory.
    double[0] = value + 0;
    const upper = words[1]!;
    keys[known] = upper >>> 31 === 1 ? ~upper : upper | 0x80000000;
    rows[known++] = row;
  }
  for (const shift of [0, DIGIT_BITS, 2 * DIGIT_BITS]) {
    const starts = new Uint32Array(DIGITS + 1);
    for (let k = 0; k < known; k++) starts[((keys[k]! >>> shift) & (DIGITS - 1)) + 1]!++;
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!;
    const sortedKeys = new Uint32Array(keys.length);
    const sortedRows = new Uint32Array(rows.length);
    for (let k = 0; k < known; k++) {
      const at = starts[(keys[k]! >>> shift) & (DIGITS - 1)]!++;
      sortedKeys[at] = keys[k]!;
      sortedRows[at] = rows[k]!;
    }
    [keys, rows] = [sortedKeys, sortedRows];
  }
  for (let first = 0; first < known; ) {
    let end = first + 1;
    while (end < known && keys[end] === keys[first]) end++;
    if (end - first > 1) rows.subarray(first, end).sort((a, b) => values[a]! - values[b]! || a - b);
    first = end;
  }
  rows.set(unknown, known);
  return { rows, known };
}

/** Put rows that were added into an order, and leave out those that are no more. */
export function mergeOrders(
  values: NumberColumn,
  order: RowOrder,
  added: RowOrder,
  isAlive: Uint8Array,
): RowOrder {
  const rows = new Uint32Array(order.rows.length + added.rows.length);
  let size = 0;
  const put = (row: number): void => {
    if (isAlive[row] === 1) rows[size++] = row;
  };
  let next = 0;
  for (let k = 0; k < order.known; k++) {
    const row = order.rows[k]!;
    while (next < added.known && values[added.rows[next]!]! < values[row]!) put(added.rows[next++]!);
    put(row);
  }
  while (next < added.known) put(added.rows[next++]!);
  const known = size;
  for (let k = order.known; k < order.rows.length; k++) put(order.rows[k]!);
  for (let k = added.known; k < added.rows.length; k++) put(added.rows[k]!);
  return { rows: rows.slice(0, size), known };
}

/** List the rows of an order that pass, rising or falling. */
export function listRows(
  { rows, known }: RowOrder,
  passes: Uint8Array,
  count: number,
  isFalling: boolean,
): RowOrder {
  const listed = new Uint32Array(count);
  let size = 0;
  for (let k = 0; k < known; k++) {
    const row = rows[isFalling ? known - 1 - k : k]!;
    if (passes[row] === 1) listed[size++] = row;
  }
  const knownListed = size;
  for (let k = known; k < rows.length; k++) if (passes[rows[k]!] === 1) listed[size++] = rows[k]!;
  return { rows: size === count ? listed : listed.slice(0, size), known: knownListed };
}
