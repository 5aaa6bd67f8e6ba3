import { allocate, copyIn, copyOut, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** A band of rows in the kernels' memory; addresses and pitches in bytes. */
export interface Band {
  /** The input pixel at (-radiusX, -radiusY) from the first output pixel; rows `stride` apart. */
  readonly from: number;
  readonly stride: number;
  /** The first output pixel; rows `pitch` apart, `pitch` covering the width rounded up to 64 pixels. */
  readonly to: number;
  readonly pitch: number;
  readonly width: number;
  readonly rows: number;
  /** Image row of the first output row. */
  readonly firstRow: number;
}

/** What lies outside the image: the nearest pixel, or zero. */
export type Surround = 'nearest' | 'zero';

/** Floats of a band: input and output of one stay in a second-level cache of 1 to 2 MiB. */
const BAND_FLOATS = 131072;

/**
 * Walk a neighbourhood kernel over a plane, band by band, through small buffers in the kernels' memory.
 *
 * Input rows are copied with a margin of `radiusX` and `radiusY` pixels, so a kernel needs no edge cases and a plane
 * of any size needs the same small memory.
 *
 * @throws RangeError when sizes differ or `out` is `plane`.
 */
export function runBands(
  plane: Plane,
  out: Plane,
  radiusX: number,
  radiusY: number,
  surround: Surround,
  kernel: (band: Band) => void,
): void {
  const { width, height } = plane;
  requireSameSize(plane, out);
  if (
    plane.data.buffer === out.data.buffer &&
    plane.data.byteOffset === out.data.byteOffset &&
    width * height > 0
  ) {
    throw new RangeError(
      'A neighbourhood kernel cannot write over its own input: give another output plane.',
    );
  }
  if (width === 0 || height === 0) return;
  withArena(() => {
    const module = kernelModule();
    const rows = Math.min(height, Math.max(8, 4 * radiusY, Math.floor(BAND_FLOATS / width)));
    // Kernels read whole blocks of up to 64 pixels.
    const stride = (roundUp(width, 64) + 2 * radiusX + 16) * 4;
    const pitch = roundUp(width, 64) * 4;
    const from = allocate(stride * (rows + 2 * radiusY));
    const to = allocate(pitch * rows);
    const raw = allocate((rows + 2 * radiusY) * width * 4 + WORD);
    const packed = allocate(rows * width * 4 + WORD);
    for (let firstRow = 0; firstRow < height; firstRow += rows) {
      const count = Math.min(rows, height - firstRow);
      const rawFirst = Math.max(0, firstRow - radiusY);
      const rawEnd = Math.min(height, firstRow + count + radiusY);
      const source = copyIn(plane.data, rawFirst * width, (rawEnd - rawFirst) * width, raw);
      module.padRows(
        source,
        rawFirst,
        width,
        height,
        firstRow - radiusY,
        count + 2 * radiusY,
        radiusX,
        radiusX,
        Number(surround === 'zero'),
        from,
        stride,
      );
      kernel({ from, stride, to, pitch, width, rows: count, firstRow });
      copyOut(out.data, firstRow * width, count * width, packed, (address) => {
        module.packRows(to, pitch, count, width * 4, address);
      });
    }
  });
}

/** Refuse an output of another size than the input. @throws RangeError */
export function requireSameSize(
  a: { readonly width: number; readonly height: number },
  b: { readonly width: number; readonly height: number },
): void {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(`Sizes differ: ${a.width} x ${a.height} and ${b.width} x ${b.height}.`);
  }
}

function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
