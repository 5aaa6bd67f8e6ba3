import { allocate, heapFloats } from './arena.ts';
import type { Plane } from './plane.ts';

/** An image to measure a source on. */
export interface OwnedImage {
  readonly image: Plane;
  /** Whose each pixel is: a source's number, 0 for nobody's; negative where it must not be used. */
  readonly owners: Int32Array;
}

/** A box of an image in the kernels' memory, in which pixels that belong to others are NaN. */
export interface OwnedStamp {
  readonly address: number;
  /** The first pixel, and the size. */
  readonly x0: number;
  readonly y0: number;
  readonly columns: number;
  readonly rows: number;
  /** No pixel belongs to others. */
  readonly isWhole: boolean;
}

/** Kernels read four pixels at a time. */
const OVERHANG = 3;

/**
 * Bring a box into the kernels' memory, as far as it is on the image; at least a pixel.
 *
 * @param own number of the source whose pixels, and nobody's, are kept.
 */
export function holdStamp(
  { image, owners }: OwnedImage,
  own: number,
  left: number,
  right: number,
  bottom: number,
  top: number,
): OwnedStamp {
  const { width, height } = image;
  const x0 = Math.min(width - 1, Math.max(0, left));
  const y0 = Math.min(height - 1, Math.max(0, bottom));
  const columns = Math.max(0, Math.min(width - 1, right) - x0) + 1;
  const rows = Math.max(0, Math.min(height - 1, top) - y0) + 1;
  const address = allocate((columns * rows + OVERHANG) * 4);
  const floats = heapFloats();
  // Only now: it may lie in memory that has grown.
  const { data } = image;
  let to = address >> 2;
  const isWhole = copyOwn(data, owners, width, own, x0, y0, columns, rows, floats, to);
  if (!isWhole) blankOthers(owners, width, own, x0, y0, columns, rows, floats, to);
  to += columns * rows;
  floats.fill(0, to, to + OVERHANG);
  return { address, x0, y0, columns, rows, isWhole };
}

/** Copy a box and tell whether all of it is a source's own or nobody's; without branches, since it is nearly always. */
function copyOwn(
  data: Float32Array,
  owners: Int32Array,
  width: number,
  own: number,
  x0: number,
  y0: number,
  columns: number,
  rows: number,
  out: Float32Array,
  to: number,
): boolean {
  let others = 0;
  for (let y = 0; y < rows; y++) {
    const from = (y0 + y) * width + x0;
    for (let x = 0; x < columns; x++) {
      const owner = owners[from + x]!;
      // All bits where somebody's, and those in which somebody differs from the source.
      others |= ((owner | -owner) >> 31) & (owner ^ own);
      out[to + x] = data[from + x]!;
    }
    to += columns;
  }
  return others === 0;
}

/** Make the pixels of a box that belong to others NaN. */
function blankOthers(
  owners: Int32Array,
  width: number,
  own: number,
  x0: number,
  y0: number,
  columns: number,
  rows: number,
  out: Float32Array,
  to: number,
): void {
  for (let y = 0; y < rows; y++) {
    const from = (y0 + y) * width + x0;
    for (let x = 0; x < columns; x++) {
      const owner = owners[from + x]!;
      if (owner !== 0 && owner !== own) out[to + x] = Number.NaN;
    }
    to += columns;
  }
}
