import {
  decodeRiceFloat32,
  decodeRiceInt32,
  type RiceFault,
  type RiceTile,
  type Scaling,
} from '../../kernels/index.ts';
import type { Tiling } from './parse-tiling.ts';

/** A tile's bytes end before its pixels do, or make no sense. */
export class TileDataError extends Error {}

/**
 * Decompress a RICE_1 tile.
 *
 * Each pixel is stored as its difference from the one before, in blocks that share the number of bits kept whole.
 *
 * @param pixelBytes 1, 2 or 4: the width in which differences wrap; one-byte pixels are unsigned.
 * @throws TileDataError
 * @see FITS standard 4.0, 10.4.1; Rice, Yeh & Miller 1993, AIAA 93-4541
 */
export function decompressRice(
  bytes: Uint8Array,
  count: number,
  blockSize: number,
  pixelBytes: number,
): Int32Array {
  const pixels = new Int32Array(count);
  refuse(decodeRiceInt32(bytes, pixels, { blockSize, pixelBytes }), bytes.length, count);
  return pixels;
}

/**
 * Decompress RICE_1 tiles straight into an image, scaled, one after the other.
 *
 * @param bytes what holds the tiles; `at` the first pixel of the first one, of `count` pixels each.
 * @param naming called with the number of the tile that cannot be decompressed, to throw what is wrong with it.
 */
export function decompressRiceInto(
  target: Float32Array,
  at: number,
  bytes: Uint8Array,
  tiles: readonly RiceTile[],
  count: number,
  tiling: Pick<Tiling, 'riceBlock' | 'ricePixelBytes'>,
  scaling: Scaling,
  naming: (tile: number, work: () => void) => void,
): void {
  const coding = { blockSize: tiling.riceBlock, pixelBytes: tiling.ricePixelBytes };
  const found = decodeRiceFloat32(bytes, tiles, target, at, count, coding, scaling);
  if (found) naming(found.tile, () => refuse(found.fault, tiles[found.tile]!.length, count));
}

function refuse(fault: RiceFault | undefined, length: number, count: number): void {
  if (fault === undefined) return;
  throw new TileDataError(
    fault.kind === 'split'
      ? `has a block split of ${fault.bits} bits`
      : `has ${length} bytes, which end at pixel ${fault.pixel} of ${count}`,
  );
}
