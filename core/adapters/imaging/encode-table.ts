import type { Card } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { encodeHdu, type HduNaming, type HduPieces } from './encode-hdu.ts';
import { bigEndianBytes, type PixelArray, storageOf } from './encode-pixels.ts';
import type { ColumnValues } from './model.ts';

interface ColumnNaming {
  readonly name: string;
  readonly unit?: string | undefined;
  /** Default: what the values' type says; `bits` are one byte 0 or 1 each, `complex` pairs of floats. */
  readonly kind?: 'bits' | 'complex' | undefined;
}

/** A column to write; a `TableColumn` as read can be written as it is. */
export type ColumnToWrite =
  | (Omit<ColumnNaming, 'kind'> & {
      readonly isVariable?: false | undefined;
      readonly kind?: 'number' | 'logical' | 'text' | 'bits' | 'complex' | undefined;
      /** Row after row. */
      readonly values: ColumnValues;
      /** Values in each row; default 1. A string, a complex number and a bit are one value. */
      readonly repeat?: number | undefined;
      /** Arrangement of a row's values, slowest axis first; written as TDIM. */
      readonly shape?: readonly number[] | undefined;
      /** 1 where an integer has no value: becomes TNULL. */
      readonly nulls?: Uint8Array | undefined;
    })
  | (Omit<ColumnNaming, 'kind'> & {
      readonly isVariable: true;
      readonly kind?: 'number' | 'logical' | 'text' | 'bits' | 'complex' | undefined;
      /** One array a row, all of one type. */
      readonly rows: readonly ColumnValues[];
    });

/** A binary table to write. */
export interface TableToWrite extends HduNaming {
  readonly kind: 'table';
  readonly columns: readonly ColumnToWrite[];
}

/** One column as bytes: a fixed number in each row, and what goes to the heap. */
interface EncodedColumn {
  readonly cards: readonly Omit<Card, 'comment'>[];
  readonly rowBytes: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
  /** Heap bytes of each row and its element count, for a variable-length column. */
  readonly heap?: readonly { readonly bytes: Uint8Array; readonly count: number }[] | undefined;
}

/** Make a binary table's bytes. @throws observations/bad-column, observations/bad-card */
export function encodeTable(table: TableToWrite): HduPieces {
  const columns = table.columns.map((column) =>
    column.isVariable === true ? encodeVariable(column) : encodeFixed(column),
  );
  const rows = columns[0]?.rows ?? 0;
  for (const [i, column] of columns.entries()) {
    if (column.rows !== rows) {
      throw badColumn(table.columns[i]!.name, `has ${column.rows} rows, but the first column has ${rows}`);
    }
  }
  const rowBytes = columns.reduce((sum, column) => sum + column.rowBytes, 0);
  const main = new Uint8Array(rowBytes * rows);
  const view = new DataView(main.buffer);
  const heap: Uint8Array[] = [];
  let heapBytes = 0;
  let offset = 0;
  for (const column of columns) {
    for (let row = 0; row < rows; row++) {
      const at = row * rowBytes + offset;
      const cell = column.heap?.[row];
      if (cell === undefined) {
        main.set(column.bytes.subarray(row * column.rowBytes, (row + 1) * column.rowBytes), at);
        continue;
      }
      view.setBigInt64(at, BigInt(cell.count));
      view.setBigInt64(at + 8, BigInt(heapBytes));
      heap.push(cell.bytes);
      heapBytes += cell.bytes.length;
    }
    offset += column.rowBytes;
  }
  const structure: Card[] = [
    { keyword: 'XTENSION', value: 'BINTABLE', comment: 'binary table extension' },
    { keyword: 'BITPIX', value: 8 },
    { keyword: 'NAXIS', value: 2 },
    { keyword: 'NAXIS1', value: rowBytes, comment: 'bytes a row' },
    { keyword: 'NAXIS2', value: rows, comment: 'rows' },
    { keyword: 'PCOUNT', value: heapBytes, comment: 'bytes of the heap' },
    { keyword: 'GCOUNT', value: 1 },
    { keyword: 'TFIELDS', value: columns.length },
    ...columns.flatMap(({ cards }, i) =>
      cards.map((card) => ({ ...card, keyword: `${card.keyword}${i + 1}` })),
    ),
  ];
  return encodeHdu(structure, table, [main, ...heap]);
}

function badColumn(name: string, problem: string): AstridError {
  return new AstridError('observations/bad-column', `The column ${name} cannot be written: it ${problem}.`, {
    column: name,
  });
}

function encodeFixed(column: Extract<ColumnToWrite, { isVariable?: false | undefined }>): EncodedColumn {
  const { name, values, shape } = column;
  const repeat = column.repeat ?? 1;
  const isComplex = column.kind === 'complex';
  const perRow = isComplex ? 2 * repeat : repeat;
  const rows = perRow === 0 ? 0 : values.length / perRow;
  if (!Number.isInteger(rows))
    throw badColumn(name, `has ${values.length} values, not a multiple of ${perRow}`);
  if (column.kind === 'bits') {
    const bytes = packBits(values as Uint8Array, repeat, rows);
    return { cards: columnCards(column, `${repeat}X`, shape), rowBytes: Math.ceil(repeat / 8), rows, bytes };
  }
  const element = encodeElements(name, values, isComplex);
  const count = element.textWidth === undefined ? repeat : repeat * element.textWidth;
  const axes =
    element.textWidth === undefined || repeat === 1 ? shape : [...(shape ?? [repeat]), element.textWidth];
  const cards = columnCards(column, `${count}${element.code}`, axes, element.zero);
  const rowBytes = rows === 0 ? 0 : element.bytes.length / rows;
  const bytes = Uint8Array.from(element.bytes);
  if (column.nulls === undefined || !isInteger(values)) return { cards, rowBytes, rows, bytes };
  const blank = putNulls(name, values, column.nulls, bytes);
  return { cards: [...cards, blank], rowBytes, rows, bytes };
}

function encodeVariable(column: Extract<ColumnToWrite, { isVariable: true }>): EncodedColumn {
  const { name, rows } = column;
  const isComplex = column.kind === 'complex';
  const encoded = rows.map((values) => {
    if (column.kind === 'bits') {
      return {
        code: 'X',
        count: values.length,
        bytes: packBits(values as Uint8Array, values.length, 1),
        zero: undefined,
      };
    }
    const element = encodeElements(name, values, isComplex, column.kind === 'text');
    const count = element.textWidth ?? (isComplex ? values.length / 2 : values.length);
    return { code: element.code, count, bytes: element.bytes, zero: element.zero };
  });
  // An empty row has the type that the others give.
  const typed = encoded.find(({ count }) => count > 0) ?? encoded[0];
  const code = typed?.code ?? 'D';
  if (encoded.some((each) => each.count > 0 && (each.code !== code || each.zero !== typed?.zero))) {
    throw badColumn(name, 'has rows of different types');
  }
  const longest = encoded.reduce((most, { count }) => Math.max(most, count), 0);
  const cards = columnCards(column, `1Q${code}(${longest})`, undefined, typed?.zero);
  return { cards, rowBytes: 16, rows: rows.length, bytes: new Uint8Array(0), heap: encoded };
}

function columnCards(
  { name, unit }: ColumnToWrite,
  format: string,
  shape?: readonly number[] | undefined,
  zero?: string | undefined,
): Omit<Card, 'comment'>[] {
  const cards: Omit<Card, 'comment'>[] = [
    { keyword: 'TTYPE', value: name },
    { keyword: 'TFORM', value: format },
  ];
  if (unit !== undefined) cards.push({ keyword: 'TUNIT', value: unit });
  if (shape !== undefined && shape.length > 0)
    cards.push({ keyword: 'TDIM', value: `(${shape.toReversed().join(',')})` });
  if (zero !== undefined)
    cards.push({ keyword: 'TSCAL', value: 1 }, { keyword: 'TZERO', value: Number(zero), raw: zero });
  return cards;
}

interface EncodedElements {
  readonly code: string;
  readonly bytes: Uint8Array;
  readonly zero?: string | undefined;
  /** Characters of each string. */
  readonly textWidth?: number | undefined;
}

function encodeElements(
  name: string,
  values: ColumnValues,
  isComplex: boolean,
  isText = false,
): EncodedElements {
  if (!Array.isArray(values)) {
    const numbers = values as PixelArray;
    const { code, bzero } = storageOf(numbers);
    if (!isComplex) return { code, bytes: bigEndianBytes(numbers), zero: bzero };
    if (code !== 'E' && code !== 'D') throw badColumn(name, 'is complex, but not of floats');
    return { code: code === 'E' ? 'C' : 'M', bytes: bigEndianBytes(numbers) };
  }
  if (isText || typeof values[0] === 'string') {
    const strings = values as readonly string[];
    const width = strings.reduce((most, text) => Math.max(most, text.length), isText ? 0 : 1);
    const bytes = Buffer.from(strings.map((text) => text.padEnd(width)).join(''), 'latin1');
    return { code: 'A', bytes, textWidth: width };
  }
  const bytes = Uint8Array.from(values as readonly (boolean | undefined)[], (value) =>
    value === undefined ? 0 : value ? 0x54 : 0x46,
  );
  return { code: 'L', bytes };
}

function packBits(bits: Uint8Array, perRow: number, rows: number): Uint8Array {
  const rowBytes = Math.ceil(perRow / 8);
  const bytes = new Uint8Array(rowBytes * rows);
  for (let i = 0; i < bits.length; i++) {
    const bit = i % perRow;
    const at = Math.floor(i / perRow) * rowBytes + (bit >> 3);
    if (bits[i] !== 0) bytes[at]! |= 0x80 >> (bit & 7);
  }
  return bytes;
}

function isInteger(values: ColumnValues): values is Uint8Array | Int16Array | Int32Array | BigInt64Array {
  return (
    values instanceof Uint8Array ||
    values instanceof Int16Array ||
    values instanceof Int32Array ||
    values instanceof BigInt64Array
  );
}

/** Choose a number that no value has, store it where the nulls are, and make its TNULL. */
function putNulls(
  name: string,
  values: Uint8Array | Int16Array | Int32Array | BigInt64Array,
  nulls: Uint8Array,
  bytes: Uint8Array,
): Omit<Card, 'comment'> {
  const size = values.BYTES_PER_ELEMENT;
  const used = new Set<bigint>();
  for (let i = 0; i < values.length; i++) if (nulls[i] !== 1) used.add(BigInt(values[i]!));
  const isByte = values instanceof Uint8Array;
  const least = isByte ? 0n : -(1n << BigInt(8 * size - 1));
  const most = isByte ? 255n : -least - 1n;
  let blank = isByte ? most : least;
  while (used.has(blank) && blank >= least && blank <= most) blank += isByte ? -1n : 1n;
  if (blank < least || blank > most)
    throw badColumn(name, 'uses every number of its type, so none is left for null');
  for (let i = 0; i < values.length; i++) {
    if (nulls[i] !== 1) continue;
    for (let byte = 0; byte < size; byte++) {
      bytes[i * size + byte] = Number((blank >> BigInt(8 * (size - 1 - byte))) & 0xffn);
    }
  }
  return { keyword: 'TNULL', value: Number(blank), raw: String(blank) };
}
