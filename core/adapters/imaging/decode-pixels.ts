import {
  decodeBigEndianFloat32,
  decodeBigEndianFloat64,
  decodeBigEndianInt16,
  decodeBigEndianInt32,
  decodeBigEndianUint8,
} from '../../kernels/index.ts';

/** How stored numbers become values: `value = bzero + bscale * stored`; integers equal to `blank` have no value. */
export interface PixelScaling {
  readonly bscale: number;
  readonly bzero: number;
  /** The digits of BLANK; `undefined` for floats and where there is none. */
  readonly blank?: bigint | undefined;
}

/** Bits a pixel that FITS knows. */
export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;

/** An array that stored pixels are decoded into. */
type FloatArray = Float32Array | Float64Array;

/**
 * Decode big-endian pixels to floats, scaled once in double precision; NaN where blank.
 *
 * @param bytes `|bitpix| / 8` bytes a pixel, eight-byte aligned; their order may be reversed in place.
 * @param target filled from `at`.
 * @see FITS standard 4.0, 4.4.2.5 and 5
 */
export function decodePixels(
  bytes: Uint8Array,
  bitpix: Bitpix,
  scaling: PixelScaling,
  target: FloatArray,
  at = 0,
): void {
  const count = bytes.length / (Math.abs(bitpix) / 8);
  if (bitpix === 64) {
    decodeInt64(nativePixels(bytes, 64) as BigInt64Array, scaling, target, at);
  } else if (target instanceof Float32Array) {
    decodeToFloat32(bytes, bitpix, scaling, target.subarray(at, at + count));
  } else {
    decodeToFloat64(
      nativePixels(bytes, bitpix) as Exclude<StoredPixels, BigInt64Array>,
      bitpix,
      scaling,
      target,
      at,
    );
  }
}

function decodeToFloat32(
  bytes: Uint8Array,
  bitpix: Exclude<Bitpix, 64>,
  stored: PixelScaling,
  target: Float32Array,
): void {
  const scaling = kernelScaling(stored);
  const { bscale, bzero } = scaling;
  switch (bitpix) {
    case 8:
      decodeBigEndianUint8(bytes, target, scaling);
      break;
    case 16:
      decodeBigEndianInt16(bytes, target, scaling);
      break;
    case 32:
      decodeBigEndianInt32(bytes, target, scaling);
      break;
    case -32:
      decodeBigEndianFloat32(bytes, target, { bscale, bzero });
      break;
    case -64:
      decodeBigEndianFloat64(bytes, target, { bscale, bzero });
      break;
  }
}

/** The same scaling as the kernels take it: they compare in 32 bits, so a BLANK beyond them is met by no pixel. */
export function kernelScaling({ bscale, bzero, blank }: PixelScaling): {
  readonly bscale: number;
  readonly bzero: number;
  readonly blank: number | undefined;
} {
  const isReachable = blank !== undefined && BigInt.asIntN(32, blank) === blank;
  return { bscale, bzero, blank: isReachable ? Number(blank) : undefined };
}

function decodeToFloat64(
  stored: Exclude<StoredPixels, BigInt64Array>,
  bitpix: Bitpix,
  { bscale, bzero, blank }: PixelScaling,
  target: Float64Array,
  at: number,
): void {
  const blankNumber = blank === undefined || bitpix < 0 ? Number.NaN : Number(blank);
  if (bscale === 1 && bzero === 0 && Number.isNaN(blankNumber)) {
    target.set(stored, at);
    return;
  }
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i]!;
    target[at + i] = value === blankNumber ? Number.NaN : bzero + bscale * value;
  }
}

function decodeInt64(stored: BigInt64Array, scaling: PixelScaling, target: FloatArray, at: number): void {
  // Two halves are many times faster than BigInt, and their sum is rounded once, as a conversion would.
  const halves = new Int32Array(stored.buffer, stored.byteOffset, stored.length * 2);
  const { bscale, bzero, blank } = scaling;
  const blankHigh = blank === undefined ? 0 : Number(BigInt.asIntN(32, blank >> 32n));
  const blankLow = blank === undefined ? 0 : Number(BigInt.asIntN(32, blank));
  for (let i = 0; i < stored.length; i++) {
    const low = halves[2 * i]!;
    const high = halves[2 * i + 1]!;
    if (blank !== undefined && high === blankHigh && low === blankLow) target[at + i] = Number.NaN;
    else target[at + i] = bzero + bscale * (high * 4294967296 + (low >>> 0));
  }
}

/** Stored pixels in the order of this machine. */
export type StoredPixels = Uint8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/**
 * View big-endian pixels as an array of their type, reversing the bytes in place.
 *
 * @param bytes whole pixels, aligned to their size.
 */
export function nativePixels(bytes: Uint8Array, bitpix: Bitpix): StoredPixels {
  const { buffer, byteOffset, length } = bytes;
  const swappable = Buffer.from(buffer, byteOffset, length);
  switch (bitpix) {
    case 8:
      return bytes;
    case 16:
      swappable.swap16();
      return new Int16Array(buffer, byteOffset, length / 2);
    case 32:
      swappable.swap32();
      return new Int32Array(buffer, byteOffset, length / 4);
    case 64:
      swappable.swap64();
      return new BigInt64Array(buffer, byteOffset, length / 8);
    case -32:
      swappable.swap32();
      return new Float32Array(buffer, byteOffset, length / 4);
    case -64:
      swappable.swap64();
      return new Float64Array(buffer, byteOffset, length / 8);
  }
}
