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
  return decode(bytes, out.length, coding, (from) => {
    out.set(new Int32Array(kernelModule().memory.buffer, from, out.length));
  });
}

/**
 * Decode a RICE_1 tile to floats, scaled in double precision and rounded once.
 *
 * @param out filled from `at` with `count` pixels.
 * @returns as `decodeRiceInt32`
 */
export function decodeRiceFloat32(
  bytes: Uint8Array,
  out: Float32Array,
  at: number,
  count: number,
  coding: RiceCoding,
  scaling: Scaling = {},
): RiceFault | undefined {
  const { bscale = 1, bzero = 0, blank } = scaling;
  return decode(bytes, count, coding, (from) => {
    const room = allocate(count * 4 + WORD);
    copyOut(out, at, count, room, (to) => {
      kernelModule().scaleInt32(from, to, count, bscale, bzero, Number(blank !== undefined), blank ?? 0);
    });
  });
}

function decode(
  bytes: Uint8Array,
  count: number,
  { blockSize, pixelBytes }: RiceCoding,
  take: (from: number) => void,
): RiceFault | undefined {
  if (count === 0) return undefined;
  if (bytes.length <= pixelBytes) return { kind: 'short', pixel: 0 };
  return withArena(() => {
    const from = allocate(bytes.length);
    const to = allocate(count * 4);
    bytesAt(from, bytes.length).set(bytes);
    const module = kernelModule();
    const decoded = module.decodeRice(from, bytes.length, to, count, blockSize, 8 * pixelBytes);
    if (decoded === count) {
      if (pixelBytes === 1) {
        const pixels = new Int32Array(module.memory.buffer, to, count);
        for (let i = 0; i < count; i++) pixels[i] = pixels[i]! & 0xff;
      }
      take(to);
      return undefined;
    }
    return decoded <= -count - 2
      ? { kind: 'split', bits: -decoded - count - 2 }
      : { kind: 'short', pixel: -1 - decoded };
  });
}
