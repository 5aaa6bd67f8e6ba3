/** Arrays whose pixels FITS can store; unsigned ones by an offset of half their range. */
export type PixelArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** How an array's numbers are stored. */
export interface PixelStorage {
  readonly bitpix: 8 | 16 | 32 | 64 | -32 | -64;
  /** What to add to stored numbers; text, because 2^63 is no safe integer. */
  readonly bzero?: string | undefined;
  /** Letter of a binary table's column. */
  readonly code: 'B' | 'I' | 'J' | 'K' | 'E' | 'D';
}

/** Tell how an array's numbers are stored. */
export function storageOf(data: PixelArray): PixelStorage {
  if (data instanceof Uint8Array) return { bitpix: 8, code: 'B' };
  if (data instanceof Int8Array) return { bitpix: 8, code: 'B', bzero: '-128' };
  if (data instanceof Int16Array) return { bitpix: 16, code: 'I' };
  if (data instanceof Uint16Array) return { bitpix: 16, code: 'I', bzero: '32768' };
  if (data instanceof Int32Array) return { bitpix: 32, code: 'J' };
  if (data instanceof Uint32Array) return { bitpix: 32, code: 'J', bzero: '2147483648' };
  if (data instanceof BigInt64Array) return { bitpix: 64, code: 'K' };
  if (data instanceof BigUint64Array) return { bitpix: 64, code: 'K', bzero: '9223372036854775808' };
  if (data instanceof Float32Array) return { bitpix: -32, code: 'E' };
  return { bitpix: -64, code: 'D' };
}

/** Take numbers as they are stored: unsigned ones lose half their range, which turns their top bit over. Copies. */
export function storedNumbers(data: PixelArray): PixelArray {
  const copy = data.slice();
  const { buffer, length } = copy;
  if (copy instanceof Int8Array) {
    const stored = new Uint8Array(buffer);
    for (let i = 0; i < length; i++) stored[i]! ^= 0x80;
    return stored;
  }
  if (copy instanceof Uint16Array) {
    for (let i = 0; i < length; i++) copy[i]! ^= 0x8000;
    return new Int16Array(buffer);
  }
  if (copy instanceof Uint32Array) {
    for (let i = 0; i < length; i++) copy[i]! ^= 0x80000000;
    return new Int32Array(buffer);
  }
  if (copy instanceof BigUint64Array) {
    // The top halves of little-endian numbers.
    const halves = new Uint32Array(buffer);
    for (let i = 1; i < 2 * length; i += 2) halves[i]! ^= 0x80000000;
    return new BigInt64Array(buffer);
  }
  return copy;
}

/** Write numbers as big-endian bytes. Copies. */
export function bigEndianBytes(data: PixelArray): Uint8Array {
  const stored = storedNumbers(data);
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (stored.BYTES_PER_ELEMENT === 2) bytes.swap16();
  if (stored.BYTES_PER_ELEMENT === 4) bytes.swap32();
  if (stored.BYTES_PER_ELEMENT === 8) bytes.swap64();
  return bytes;
}
