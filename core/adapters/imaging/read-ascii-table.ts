import { type Header, headerNumber, headerString, headerValue } from '../../domains/observations/index.ts';
import type { FitsTable, FixedColumn } from './model.ts';
import { badTable } from './parse-columns.ts';
import type { ByteSource } from './read-bytes.ts';
import { checkWhole } from './read-image.ts';
import type { Hdu } from './walk-hdus.ts';

interface AsciiLayout {
  readonly number: number;
  readonly name: string;
  readonly format: string;
  readonly letter: string;
  /** Where in a row the field starts, and its characters. */
  readonly start: number;
  readonly width: number;
  /** Digits after the point where none is written. */
  readonly decimals: number;
}

/**
 * Read an ASCII table, or the named columns of one.
 *
 * Integers of up to nine characters are 32 bits wide, longer ones 64; a blank or TNULL field is null, a float's then NaN.
 *
 * @throws observations/truncated, observations/bad-table
 * @see FITS standard 4.0, 7.2
 */
export async function readAsciiTable(
  source: ByteSource,
  hdu: Hdu,
  isWanted: (name: string) => boolean,
): Promise<FitsTable> {
  checkWhole(source, hdu);
  const header = hdu.fileHeader;
  const rowBytes = headerNumber(header, 'NAXIS1') ?? 0;
  const rows = rowBytes === 0 ? 0 : (headerNumber(header, 'NAXIS2') ?? 0);
  const bytes = await source.read(hdu.summary.dataOffset, rowBytes * rows);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const columns = layOut(source, hdu, header, rowBytes)
    .filter(({ name }) => isWanted(name))
    .map((column) => {
      const fields = Array.from({ length: rows }, (_, row) =>
        text.substr(row * rowBytes + column.start, column.width),
      );
      return decodeFields(source, hdu, column, fields);
    });
  return { hduIndex: hdu.summary.index, header: hdu.summary.header, rowCount: rows, columns };
}

function layOut(source: ByteSource, hdu: Hdu, header: Header, rowBytes: number): AsciiLayout[] {
  const fields = headerNumber(header, 'TFIELDS') ?? 0;
  if (!Number.isInteger(fields) || fields < 0 || fields > 999)
    throw badTable(source, hdu, `TFIELDS is ${fields}`);
  return Array.from({ length: fields }, (_, i) => {
    const number = i + 1;
    const format = headerString(header, `TFORM${number}`) ?? '';
    const match = /^([AIFED])(\d+)(?:\.(\d+))?/i.exec(format);
    const start = (headerNumber(header, `TBCOL${number}`) ?? 0) - 1;
    if (match === null)
      throw badTable(source, hdu, `TFORM${number} is '${format}', which is no ASCII column format`);
    const width = Number(match[2]);
    if (!Number.isInteger(start) || start < 0 || start + width > rowBytes) {
      throw badTable(
        source,
        hdu,
        `column ${number} reaches beyond its row (TBCOL${number} ${start + 1}, width ${width})`,
      );
    }
    return {
      number,
      name: headerString(header, `TTYPE${number}`) ?? `col${number}`,
      format,
      letter: match[1]!.toUpperCase(),
      start,
      width,
      decimals: Number(match[3] ?? 0),
    };
  });
}

function decodeFields(
  source: ByteSource,
  hdu: Hdu,
  column: AsciiLayout,
  fields: readonly string[],
): FixedColumn {
  const header = hdu.fileHeader;
  const { name, format, number } = column;
  const base = {
    name,
    format,
    unit: headerString(header, `TUNIT${number}`),
    isVariable: false,
    repeat: 1,
  } as const;
  if (column.letter === 'A') return { ...base, kind: 'text', values: fields.map((field) => field.trimEnd()) };

  const nullText = headerValue(header, `TNULL${number}`);
  const isNull = (field: string): boolean =>
    field.trim() === '' || (nullText !== undefined && field.trim() === String(nullText).trim());
  const scale = headerNumber(header, `TSCAL${number}`) ?? 1;
  const zero = headerNumber(header, `TZERO${number}`) ?? 0;
  const isScaled = scale !== 1 || zero !== 0;
  const nulls = fields.some(isNull) ? Uint8Array.from(fields, (field) => (isNull(field) ? 1 : 0)) : undefined;
  const refuse = (row: number): never => {
    throw badTable(source, hdu, `row ${row} of column ${name} holds '${fields[row]}', which is no number`, {
      row,
      column: name,
    });
  };
  if (column.letter === 'I' && !isScaled) {
    const parse = (field: string, row: number): bigint => {
      if (isNull(field)) return 0n;
      const digits = field.replaceAll(' ', '');
      const value = /^[+-]?\d+$/.test(digits) ? BigInt(digits) : refuse(row);
      return BigInt.asIntN(64, value) === value ? value : refuse(row);
    };
    const values =
      column.width < 10
        ? Int32Array.from(fields, (field, row) => Number(parse(field, row)))
        : BigInt64Array.from(fields, parse);
    return { ...base, kind: 'number', values, nulls };
  }
  const values = Float64Array.from(fields, (field, row) => {
    if (isNull(field)) return Number.NaN;
    const value = parseFloating(field, column.letter === 'I' ? 0 : column.decimals);
    return value === undefined ? refuse(row) : zero + scale * value;
  });
  return { ...base, kind: 'number', values, nulls };
}

function parseFloating(field: string, decimals: number): number | undefined {
  const match = /^([+-]?)(\d*)(\.?)(\d*)(?:[EeDd]?([+-]?\d+))?$/.exec(field.replaceAll(' ', ''));
  if (match === null || (match[2] === '' && match[4] === '')) return undefined;
  const [, sign, whole, point, fraction, exponent = '0'] = match;
  // Fortran reads digits without a point as if one stood before the last `decimals` of them.
  const shift = point === '' ? Number(exponent) - decimals : Number(exponent);
  return Number(`${sign}${whole === '' ? '0' : whole}.${fraction === '' ? '0' : fraction}e${shift}`);
}
