import { allocate, bytesAt, copyOut, WORD, withArena } from './arena.ts';
import type { Scaling } from './decode-pixels.ts';
import { kernelModule } from './load-module.ts';

/** How a Rice tile was packed. */
export interface RiceCoding {
  /** Pixels that share a number of bits kept whole. */
  readonly blockSize: number;
  /** 1, 2 or 4: the width in which differences wrap; one-byte pixels are unsigned. */
  readonly pixelBytes: number;
}

/** What is wrong with a tile: its bytes do not reach the pixels from `pixel`, or a block cannot be split so. */
export type RiceFault =
  | { readonly kind: 'short'; readonly pixel: number }
  | { readonly kind: 'split'; readonly bits: number };

/**
 * Decode a RICE_1 tile to integers.
 *
 * @returns what is wrong, `undefined` if nothing is; then `out` is whole.
 * @see FITS standard 4.0, 10.4.1; Rice, Yeh & Miller 1993, AIAA 93-4541
 */
export function decodeRiceInt32(
  bytes: Uint8Array,
  out: Int32Array,
  coding: RiceCoding,
): RiceFault | undefined {
  if (out.length === 0) return undefined;
  return withArena(() => {
    const from = allocate(bytes.length);
    const to = allocate(out.length * 4);
    bytesAt(from, bytes.length).set(bytes);
    const fault = decodeAt(from, bytes.length, to, out.length, coding);
    if (!fault) out.set(new Int32Array(kernelModule().memory.buffer, to, out.length));
    return fault;
  });
}

/** Bytes of a tile. */
export interface RiceTile {
  readonly start: number;
  readonly length: number;
}

/**
 * Decode RICE_1 tiles of as many pixels each to floats, scaled in double precision and rounded once.
 *
 * Two tiles are decoded at a time, for a code can be found only when the one before has been read.
 *
 * @param bytes what holds the tiles, in any order.
 * @param out filled from `at` with one tile after the other, `count` pixels each.
 * @returns which tile is the first that something is wrong with, and what; `undefined` if nothing is.
 */
export function decodeRiceFloat32(
  bytes: Uint8Array,
  tiles: readonly RiceTile[],
  out: Float32Array,
  at: number,
  count: number,
  coding: RiceCoding,
  scaling: Scaling = {},
): { readonly tile: number; readonly fault: RiceFault } | undefined {
  const { bscale = 1, bzero = 0, blank } = scaling;
  const { blockSize, pixelBytes } = coding;
  if (count === 0) return undefined;
  const start = tiles.reduce((least, tile) => Math.min(least, tile.start), bytes.length);
  const end = tiles.reduce((most, tile) => Math.max(most, tile.start + tile.length), 0);
  return withArena(() => {
    const module = kernelModule();
    const pixels = tiles.length * count;
    // Words that a tile begins in are read whole, and a block of one that ends too early.
    const from = allocate(end - start + 8 * blockSize + 16);
    const to = allocate(pixels * 4);
    const room = allocate(pixels * 4 + WORD);
    bytesAt(from, end - start).set(bytes.subarray(start, end));
    for (let k = 0; k < tiles.length; k++) {
      const [first, second] = [tiles[k]!, tiles[k + 1]];
      const target = to + k * count * 4;
      const isPair =
        second !== undefined &&
        pixelBytes > 1 &&
        first.length > pixelBytes &&
        second.length > pixelBytes &&
        module.decodeRicePair(
          from + first.start - start,
          first.length,
          from + second.start - start,
          second.length,
          target,
          count,
          blockSize,
          8 * pixelBytes,
        ) === 1;
      if (isPair) k++;
      else {
        const fault = decodeAt(from + first.start - start, first.length, target, count, coding);
        if (fault) return { tile: k, fault };
      }
    }
    copyOut(out, at, pixels, room, (target) => {
      module.scaleInt32(to, target, pixels, bscale, bzero, Number(blank !== undefined), blank ?? 0);
    });
    return undefined;
  });
}

/** Decode one tile to integers at an address. */
function decodeAt(
  from: number,
  length: number,
  to: number,
  count: number,
  { blockSize, pixelBytes }: RiceCoding,
): RiceFault | undefined {
  if (length <= pixelBytes) return { kind: 'short', pixel: 0 };
  const module = kernelModule();
  const decoded = module.decodeRice(from, length, to, count, blockSize, 8 * pixelBytes);
  if (decoded === count) {
    if (pixelBytes === 1) {
      const pixels = new Int32Array(module.memory.buffer, to, count);
      for (let i = 0; i < count; i++) pixels[i] = pixels[i]! & 0xff;
    }
    return undefined;
  }
  return decoded <= -count - 2
    ? { kind: 'split', bits: -decoded - count - 2 }
    : { kind: 'short', pixel: -1 - decoded };
}
