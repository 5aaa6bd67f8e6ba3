import { type Header, headerNumber } from '../../domains/observations/index.ts';
import { type Bitpix, nativePixels } from './decode-pixels.ts';
import type { ColumnKind, ColumnValues } from './model.ts';
import { type ColumnLayout, type ElementCode, headerBigInt } from './parse-columns.ts';

/** How a column's stored elements become values. */
export interface ColumnDecoding {
  readonly code: ElementCode;
  readonly scale: number;
  readonly zero: number;
  readonly blank?: bigint | undefined;
}

/** Decoded values, and where they are TNULL. */
export interface DecodedColumn {
  readonly values: ColumnValues;
  readonly nulls?: Uint8Array | undefined;
}

/** Read how a column is to be decoded. */
export function decodingOf(header: Header, column: ColumnLayout): ColumnDecoding {
  const isInteger = 'BIJK'.includes(column.code);
  return {
    code: column.code,
    scale: headerNumber(header, `TSCAL${column.number}`) ?? 1,
    zero: headerNumber(header, `TZERO${column.number}`) ?? 0,
    blank: isInteger ? headerBigInt(header, `TNULL${column.number}`) : undefined,
  };
}

/** Tell what kind of values an element code makes. */
export function kindOfCode(code: ElementCode): ColumnKind {
  switch (code) {
    case 'L':
      return 'logical';
    case 'X':
      return 'bits';
    case 'A':
      return 'text';
    case 'C':
    case 'M':
      return 'complex';
    default:
      return 'number';
  }
}

const bitpixOfCode: Partial<Record<ElementCode, Bitpix>> = {
  B: 8,
  I: 16,
  J: 32,
  K: 64,
  E: -32,
  C: -32,
  D: -64,
  M: -64,
};

/**
 * Decode contiguous big-endian elements of one column.
 *
 * @param bytes whole elements, eight-byte aligned; their order is reversed in place. Bits and logicals have decoders of their own.
 */
export function decodeNumbers(bytes: Uint8Array, decoding: ColumnDecoding): DecodedColumn {
  const stored = nativePixels(bytes, bitpixOfCode[decoding.code]!);
  const nulls = decoding.blank === undefined ? undefined : markNulls(stored, decoding.blank);
  const { scale, zero } = decoding;
  if (scale === 1 && zero === 0) return { values: stored, nulls };
  if (scale === 1) {
    const unsigned = decodeUnsigned(stored, zero);
    if (unsigned !== undefined) return { values: unsigned, nulls };
  }
  const values = new Float64Array(stored.length);
  // A complex number is scaled as a whole: TZERO is real.
  const isComplex = decoding.code === 'C' || decoding.code === 'M';
  for (let i = 0; i < stored.length; i++) {
    values[i] =
      nulls?.[i] === 1 ? Number.NaN : Number(stored[i]!) * scale + (isComplex && i % 2 === 1 ? 0 : zero);
  }
  return { values, nulls };
}

function markNulls(stored: ArrayLike<number | bigint>, blank: bigint): Uint8Array | undefined {
  const wanted = typeof stored[0] === 'bigint' ? blank : Number(blank);
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < stored.length; i++) {
    if (stored[i] !== wanted) continue;
    nulls ??= new Uint8Array(stored.length);
    nulls[i] = 1;
  }
  return nulls;
}

/** @see FITS standard 4.0, table 19: the zeropoints that stand for unsigned integers and signed bytes */
function decodeUnsigned(stored: ColumnValues, zero: number): ColumnValues | undefined {
  // Each offset is half the range, so that adding it turns the top bit over.
  const { buffer, byteOffset, length } = stored as Uint8Array;
  if (stored instanceof Uint8Array && zero === -128) {
    for (let i = 0; i < length; i++) stored[i]! ^= 0x80;
    return new Int8Array(buffer, byteOffset, length);
  }
  if (stored instanceof Int16Array && zero === 32768) {
    for (let i = 0; i < length; i++) stored[i]! ^= 0x8000;
    return new Uint16Array(buffer, byteOffset, length);
  }
  if (stored instanceof Int32Array && zero === 2147483648) {
    for (let i = 0; i < length; i++) stored[i]! ^= 0x80000000;
    return new Uint32Array(buffer, byteOffset, length);
  }
  if (stored instanceof BigInt64Array && zero === 2 ** 63) {
    const halves = new Uint32Array(buffer, byteOffset, 2 * length);
    for (let i = 1; i < 2 * length; i += 2) halves[i]! ^= 0x80000000;
    return new BigUint64Array(buffer, byteOffset, length);
  }
  return undefined;
}

/** Decode logicals: T and F; all else is unknown. */
export function decodeLogicals(bytes: Uint8Array): readonly (boolean | undefined)[] {
  return Array.from(bytes, (byte) => (byte === 0x54 ? true : byte === 0x46 ? false : undefined));
}

/** Decode bits, the highest of each byte first, to one 0 or 1 each. @param perRow bits in each row, rows being whole bytes */
export function decodeBits(bytes: Uint8Array, perRow: number, rows: number): Uint8Array {
  const rowBytes = Math.ceil(perRow / 8);
  const bits = new Uint8Array(perRow * rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let bit = 0; bit < perRow; bit++)
      bits[at++] = (bytes[row * rowBytes + (bit >> 3)]! >> (7 - (bit & 7))) & 1;
  }
  return bits;
}

/** Decode strings of a fixed width; each ends at its first NUL, without trailing blanks. */
export function decodeStrings(bytes: Uint8Array, width: number): string[] {
  const strings: string[] = [];
  if (width === 0) return strings;
  for (let at = 0; at + width <= bytes.length; at += width) {
    let end = at;
    while (end < at + width && bytes[end] !== 0) end++;
    while (end > at && bytes[end - 1] === 0x20) end--;
    strings.push(Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1'));
  }
  return strings;
}
