import { gunzipSync } from 'node:zlib';
import { type Bitpix, nativePixels, type StoredPixels } from './decode-pixels.ts';
import { decompressHcompress } from './decompress-hcompress.ts';
import { decompressPlio } from './decompress-plio.ts';
import { decompressRice, TileDataError } from './decompress-rice.ts';
import { ditheredZero, ditherOfTile } from './dither-pixels.ts';
import type { Tiling } from './parse-tiling.ts';

/** Where a tile's bytes were found, which decides how they are packed. */
export type TileColumn = 'compressed' | 'gzipped' | 'uncompressed';

/** One tile as stored. */
export interface PackedTile {
  /** Zero-based row of the table. */
  readonly row: number;
  readonly column: TileColumn;
  readonly bytes: Uint8Array;
  /** Element code of the column: the width of pixels that are not compressed. */
  readonly code: string;
  readonly scale: number;
  readonly zero: number;
  readonly blank: bigint | undefined;
}

/** Numbers of one tile before BSCALE and BZERO. */
export type TilePixels = StoredPixels | Float64Array;

/**
 * Unpack one tile.
 *
 * @param count pixels in the tile.
 * @param bitpix of the image. Quantised floats come out dequantised, in the image's own width.
 * @throws TileDataError
 */
export function decompressTile(tile: PackedTile, tiling: Tiling, count: number, bitpix: Bitpix): TilePixels {
  if (tile.column === 'gzipped') return pixelsOfBytes(inflateTile(tile.bytes, count), bitpix, count);
  if (tile.column === 'uncompressed')
    return storedPixels(tile.bytes, uncompressedBitpix(tile.code, bitpix), count);
  const stored = unpack(tile, tiling, count, bitpix);
  return tiling.isQuantised ? dequantise(asNumbers(stored), tile, tiling, bitpix) : stored;
}

function unpack(tile: PackedTile, tiling: Tiling, count: number, bitpix: Bitpix): TilePixels {
  const { bytes } = tile;
  switch (tiling.method) {
    case 'RICE_1':
      return decompressRice(bytes, count, tiling.riceBlock, tiling.ricePixelBytes);
    case 'PLIO_1':
      return decompressPlio(nativePixels(bytes.subarray(0, bytes.length & ~1), 16) as Int16Array, count);
    case 'HCOMPRESS_1':
      return decompressHcompress(bytes, count, tiling.smooth);
    case 'GZIP_1':
      return gzipPixels(inflateTile(bytes, count), tiling, count, bitpix);
    case 'GZIP_2':
      return gzipPixels(unshuffle(inflateTile(bytes, count), count), tiling, count, bitpix);
    case 'NOCOMPRESS':
      return storedPixels(bytes, uncompressedBitpix(tile.code, bitpix), count);
  }
}

function gzipPixels(bytes: Uint8Array, tiling: Tiling, count: number, bitpix: Bitpix): TilePixels {
  if (tiling.isQuantised) return storedPixels(bytes, 32, count);
  return pixelsOfBytes(bytes, bitpix, count);
}

// Integers may have been packed in another width than the image's: the length tells.
function pixelsOfBytes(bytes: Uint8Array, bitpix: Bitpix, count: number): TilePixels {
  const width = bytes.length / count;
  if (bitpix < 0 && width === -bitpix / 8) return storedPixels(bytes, bitpix, count);
  if (bitpix > 0 && (width === 1 || width === 2 || width === 4 || width === 8)) {
    return storedPixels(bytes, (width * 8) as Bitpix, count);
  }
  throw new TileDataError(`unpacks to ${bytes.length} bytes for ${count} pixels of BITPIX ${bitpix}`);
}

function uncompressedBitpix(code: string, bitpix: Bitpix): Bitpix {
  switch (code) {
    case 'B':
      return 8;
    case 'I':
      return 16;
    case 'J':
      return 32;
    case 'K':
      return 64;
    case 'E':
      return -32;
    case 'D':
      return -64;
    default:
      return bitpix;
  }
}

function storedPixels(bytes: Uint8Array, bitpix: Bitpix, count: number): StoredPixels {
  const wanted = count * (Math.abs(bitpix) / 8);
  if (bytes.length !== wanted)
    throw new TileDataError(`has ${bytes.length} bytes where ${wanted} are needed`);
  // A view of wider numbers must start at a multiple of eight bytes.
  return nativePixels(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice(), bitpix);
}

function inflateTile(bytes: Uint8Array, count: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: count * 8 + 1024 });
  } catch (error) {
    throw new TileDataError(`cannot be unpacked: ${(error as Error).message}`);
  }
}

// GZIP_2 keeps all first bytes of the pixels together, then all second bytes, and so on.
function unshuffle(bytes: Uint8Array, count: number): Uint8Array {
  const width = bytes.length / count;
  if (!Number.isInteger(width))
    throw new TileDataError(`unpacks to ${bytes.length} bytes for ${count} pixels`);
  const pixels = new Uint8Array(bytes.length);
  for (let byte = 0; byte < width; byte++) {
    const start = byte * count;
    for (let i = 0, at = byte; i < count; i++, at += width) pixels[at] = bytes[start + i]!;
  }
  return pixels;
}

// One of two array types, so that the loops below stay fast.
function asNumbers(stored: TilePixels): Int32Array | Float64Array {
  return stored instanceof Int32Array || stored instanceof Float64Array
    ? stored
    : Float64Array.from(stored, Number);
}

/** @see FITS standard 4.0, 10.2; Pence et al. 2009, PASP 121, 414; the order of operations is fixed by both. */
function dequantise(
  stored: Int32Array | Float64Array,
  tile: PackedTile,
  tiling: Tiling,
  bitpix: Bitpix,
): TilePixels {
  const values = bitpix === -32 ? new Float32Array(stored.length) : new Float64Array(stored.length);
  const { scale, zero } = tile;
  const blank = tile.blank === undefined ? Number.NaN : Number(tile.blank);
  if (tiling.dither === 'none') {
    for (let i = 0; i < values.length; i++) {
      const number = stored[i]!;
      values[i] = number === blank ? Number.NaN : number * scale + zero;
    }
    return values;
  }
  const random = ditherOfTile(tile.row, tiling.ditherSeed, values.length);
  const keepsZero = tiling.dither === 'subtractive-2';
  for (let i = 0; i < values.length; i++) {
    const number = stored[i]!;
    if (number === blank) values[i] = Number.NaN;
    else if (keepsZero && number === ditheredZero) values[i] = 0;
    else values[i] = (number - random[i]! + 0.5) * scale + zero;
  }
  return values;
}
