import { type Header, headerCard, headerNumber, headerString } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { ByteSource } from './read-bytes.ts';
import type { Hdu } from './walk-hdus.ts';

/** Letters of a binary table's element types. */
export type ElementCode = 'L' | 'X' | 'B' | 'I' | 'J' | 'K' | 'A' | 'E' | 'D' | 'C' | 'M';

/** Bytes of one element; bits are counted apart. */
export const elementBytes: Record<ElementCode, number> = {
  L: 1,
  X: 1,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
};

/** One column of a binary table as its header lays it out. */
export interface ColumnLayout {
  /** One-based, as in TTYPEn. */
  readonly number: number;
  readonly name: string;
  /** TFORM as written. */
  readonly format: string;
  readonly code: ElementCode;
  /** Elements in each row; of a variable-length column 0. */
  readonly repeat: number;
  /** Bytes of a descriptor (8 for P, 16 for Q), or `undefined` when the values lie in the row. */
  readonly descriptorBytes?: 8 | 16 | undefined;
  /** Where in a row the column starts, and how many bytes it takes. */
  readonly offset: number;
  readonly bytes: number;
}

/** A binary table's rows and heap. */
export interface TableLayout {
  readonly columns: readonly ColumnLayout[];
  readonly rows: number;
  readonly rowBytes: number;
  /** From the start of the data. */
  readonly heapOffset: number;
  readonly heapBytes: number;
}

/** Make the error for a table whose header contradicts itself. */
export function badTable(source: ByteSource, hdu: Hdu, problem: string, details: object = {}): AstridError {
  return new AstridError(
    'observations/bad-table',
    `${source.name}, HDU ${hdu.summary.index}: ${problem}. The table is damaged: fetch the file again.`,
    { path: source.name, hdu: hdu.summary.index, offset: hdu.summary.dataOffset, ...details },
  );
}

/** Lay out the columns of a binary table. @throws observations/bad-table */
export function layOutTable(source: ByteSource, hdu: Hdu): TableLayout {
  const { fileHeader: header, summary } = hdu;
  const rowBytes = headerNumber(header, 'NAXIS1') ?? 0;
  const rows = headerNumber(header, 'NAXIS2') ?? 0;
  const fields = headerNumber(header, 'TFIELDS') ?? 0;
  if (!Number.isInteger(fields) || fields < 0 || fields > 999) {
    throw badTable(source, hdu, `TFIELDS is ${fields}, but must be from 0 to 999`);
  }
  const columns: ColumnLayout[] = [];
  let offset = 0;
  for (let number = 1; number <= fields; number++) {
    const column = layOutColumn(header, number, offset);
    if (column === undefined) {
      const found = headerString(header, `TFORM${number}`) ?? 'missing';
      throw badTable(source, hdu, `TFORM${number} is ${found}, which is no column format`);
    }
    columns.push(column);
    offset += column.bytes;
  }
  if (offset > rowBytes) {
    throw badTable(source, hdu, `its columns take ${offset} bytes a row, but NAXIS1 is ${rowBytes}`);
  }
  const tableBytes = rowBytes * rows;
  const heapOffset = headerNumber(header, 'THEAP') ?? tableBytes;
  if (!Number.isInteger(heapOffset) || heapOffset < tableBytes || heapOffset > summary.dataBytes) {
    // A heap outside the data matters only to columns that use it.
    if (columns.some(({ descriptorBytes }) => descriptorBytes !== undefined)) {
      throw badTable(source, hdu, `THEAP is ${heapOffset}, outside its ${summary.dataBytes} bytes of data`);
    }
    return { columns, rows, rowBytes, heapOffset: tableBytes, heapBytes: 0 };
  }
  return { columns, rows, rowBytes, heapOffset, heapBytes: summary.dataBytes - heapOffset };
}

const tform = /^(\d*)([LXBIJKAEDCM])/;
const variableTform = /^([01]?)([PQ])([LXBIJKAEDCM])/;

function layOutColumn(header: Header, number: number, offset: number): ColumnLayout | undefined {
  const format = headerString(header, `TFORM${number}`);
  if (format === undefined) return undefined;
  const name = headerString(header, `TTYPE${number}`) ?? `col${number}`;
  const variable = variableTform.exec(format.toUpperCase());
  if (variable !== null) {
    const code = variable[3] as ElementCode;
    const descriptorBytes = variable[2] === 'P' ? 8 : 16;
    const bytes = variable[1] === '0' ? 0 : descriptorBytes;
    return { number, name, format, code, repeat: 0, descriptorBytes, offset, bytes };
  }
  const fixed = tform.exec(format.toUpperCase());
  if (fixed === null) return undefined;
  const code = fixed[2] as ElementCode;
  const repeat = fixed[1] === '' ? 1 : Number(fixed[1]);
  const bytes = code === 'X' ? Math.ceil(repeat / 8) : repeat * elementBytes[code];
  return { number, name, format, code, repeat, offset, bytes };
}

/** Where one row's variable-length values lie. */
interface Descriptor {
  readonly count: number;
  /** From the start of the heap. */
  readonly offset: number;
}

/** Read a P or Q descriptor. Numbers beyond 2^53 come out imprecise, and are rejected by whoever uses them. */
export function readDescriptor(view: DataView, at: number, descriptorBytes: 8 | 16): Descriptor {
  if (descriptorBytes === 8) return { count: view.getUint32(at), offset: view.getUint32(at + 4) };
  return { count: Number(view.getBigUint64(at)), offset: Number(view.getBigUint64(at + 8)) };
}

/** Read a keyword as an exact integer, beyond 2^53 too. */
export function headerBigInt(header: Header, keyword: string): bigint | undefined {
  const card = headerCard(header, keyword);
  if (card?.raw !== undefined) return BigInt(card.raw);
  return typeof card?.value === 'number' && Number.isInteger(card.value) ? BigInt(card.value) : undefined;
}
