import { allocate, floatsAt, withArena } from './arena.ts';
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
  if (width === 0 || height === 0) return;
  withArena(() => {
    const rows = Math.min(height, Math.max(8, 4 * radiusY, Math.floor(BAND_FLOATS / width)));
    // Kernels read whole blocks of up to 64 pixels.
    const stride = roundUp(width, 64) + 2 * radiusX + 16;
    const pitch = roundUp(width, 64);
    const from = allocate(stride * (rows + 2 * radiusY) * 4);
    const to = allocate(pitch * rows * 4);
    for (let firstRow = 0; firstRow < height; firstRow += rows) {
      const count = Math.min(rows, height - firstRow);
      fillBand(
        plane,
        floatsAt(from, stride * (count + 2 * radiusY)),
        stride,
        firstRow,
        radiusX,
        radiusY,
        surround,
      );
      kernel({ from, stride: stride * 4, to, pitch: pitch * 4, width, rows: count, firstRow });
      const result = floatsAt(to, pitch * count);
      const target = out.data;
      for (let y = 0; y < count; y++) {
        target.set(result.subarray(y * pitch, y * pitch + width), (firstRow + y) * width);
      }
    }
  });
}

function fillBand(
  plane: Plane,
  band: Float32Array,
  stride: number,
  firstRow: number,
  radiusX: number,
  radiusY: number,
  surround: Surround,
): void {
  const { width, height, data } = plane;
  const rows = band.length / stride;
  for (let j = 0; j < rows; j++) {
    const y = firstRow + j - radiusY;
    const start = j * stride;
    if (surround === 'zero' && (y < 0 || y >= height)) {
      band.fill(0, start, start + stride);
      continue;
    }
    const row = Math.min(Math.max(y, 0), height - 1) * width;
    band.set(data.subarray(row, row + width), start + radiusX);
    if (radiusX > 0) {
      const nearest = surround === 'nearest';
      band.fill(nearest ? data[row]! : 0, start, start + radiusX);
      band.fill(nearest ? data[row + width - 1]! : 0, start + radiusX + width, start + 2 * radiusX + width);
    }
  }
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
