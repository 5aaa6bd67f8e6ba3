import {
  type Arena,
  goodFftSize,
  listMarked,
  type MaskPlane,
  type Plane,
  type Scratch,
  scaleByPolynomial,
} from '../../../kernels/index.ts';
import type { TaskContext } from '../../../utils/index.ts';
import { copyPixels, type FilePlane, type ImageSource, MaskBit, UNUSABLE } from '../../observations/index.ts';
import { collectAlongRow, type ImageMatch } from '../match/image-match.ts';
import type { Tile } from './plan-tiles.ts';

/** Both images of one tile with its border, ready to be filled and transformed. All planes have one size. */
export interface LoadedTile {
  readonly width: number;
  readonly height: number;
  /** Where the kept part begins in these planes. */
  readonly offsetX: number;
  readonly offsetY: number;
  /** Science e-. */
  readonly science: Plane;
  /** Template on the science flux scale, e-. */
  readonly template: Plane;
  readonly scienceVariance: Plane;
  /** On the science flux scale, e-^2. */
  readonly templateVariance: Plane;
  /** Mask bits. */
  readonly scienceMask: Uint16Array;
  readonly templateMask: Uint16Array;
  /** What either mask says of the kept part. */
  readonly mask: MaskPlane;
  /** Pixels of which either mask has a bit that says more than that something was detected there, in order. */
  readonly spoiled: Int32Array;
}

/** Bits that say there is no sky here at all, in contrast to a spoiled pixel among good ones. */
export const NO_SKY = MaskBit.NO_DATA | MaskBit.EDGE;
/** Rows that are copied and scaled at a time: they stay in the second-level cache. */
const ROWS_PER_BAND = 32;

/** Bits of pixels whose value is wrong though there is sky. */
export const SPOILED = UNUSABLE & ~NO_SKY;

/**
 * Copy a tile and its border out of both images; beyond the image the border mirrors it.
 *
 * Mirroring keeps the noise and the sky as they are, so nothing rings at the rim; what it makes of stars
 * near the rim is the same in both images.
 *
 * @param noiseFactor the template's noise is divided by it.
 * @param scratch lends the masks.
 * @param plane makes the planes: an arena's.
 */
export function loadTile(
  science: ImageSource,
  template: ImageSource,
  tile: Tile,
  match: ImageMatch,
  noiseFactor: number,
  { readFile }: TaskContext,
  scratch: Scratch,
  plane: Arena['plane'],
): LoadedTile {
  const { width: imageWidth, height: imageHeight } = science.science;
  const width = goodFftSize(tile.width + 2 * tile.border);
  const height = goodFftSize(tile.height + 2 * tile.border);
  const offsetX = tile.border;
  const offsetY = tile.border;
  const columns = Int32Array.from({ length: width }, (_, i) => mirror(tile.x - offsetX + i, imageWidth));
  const rows = Int32Array.from({ length: height }, (_, j) => mirror(tile.y - offsetY + j, imageHeight));
  // Columns inside the image follow each other; what the mirror shows lies among them.
  const first = Math.max(0, offsetX - tile.x);
  const end = Math.min(width, imageWidth + offsetX - tile.x);
  // Within a word they lie as in the image, for a faster copy; and pairs of pixels within half a word.
  const shift = (columns[first] - first) & 2;
  const mask = () => scratch.mask(width, height + 1).data.subarray(shift, shift + width * height);
  const loaded = {
    width,
    height,
    offsetX,
    offsetY,
    science: plane(width, height),
    template: plane(width, height),
    scienceVariance: plane(width, height),
    templateVariance: plane(width, height),
    scienceMask: mask(),
    templateMask: mask(),
  };
  const gather = <Pixels extends Float32Array | Uint16Array>(
    from: { readonly width: number; readonly data: Pixels } | FilePlane,
    y: number,
    target: Pixels,
    to: number,
  ): void => {
    copyPixels(from, columns[first], y, end - first, target, to + first, readFile);
    const zero = to + first - columns[first];
    if (target instanceof Float32Array) mirrorFloats(target, zero, to);
    else mirrorBits(target, zero, to);
  };
  // One loop for each kind of numbers: V8 makes faster code of them than of one for both.
  const mirrorFloats = (target: Float32Array, zero: number, to: number): void => {
    for (let i = 0; i < first; i++) target[to + i] = target[zero + columns[i]];
    for (let i = end; i < width; i++) target[to + i] = target[zero + columns[i]];
  };
  const mirrorBits = (target: Uint16Array, zero: number, to: number): void => {
    for (let i = 0; i < first; i++) target[to + i] = target[zero + columns[i]];
    for (let i = end; i < width; i++) target[to + i] = target[zero + columns[i]];
  };
  const u = Float64Array.from(columns, (x) => (imageWidth > 1 ? (2 * x) / (imageWidth - 1) - 1 : 0));
  const whitening = 1 / (noiseFactor * noiseFactor);
  for (let y = 0; y < height; y += ROWS_PER_BAND) {
    const end = Math.min(height, y + ROWS_PER_BAND);
    // Read anew for each band: the memory of an arena may have grown.
    const targets = [
      [science.science, loaded.science.data],
      [science.variance, loaded.scienceVariance.data],
      [template.science, loaded.template.data],
      [template.variance, loaded.templateVariance.data],
    ] as const;
    for (const [from, data] of targets) for (let j = y; j < end; j++) gather(from, rows[j], data, j * width);
    for (let j = y; j < end; j++) {
      gather(science.mask, rows[j], loaded.scienceMask, j * width);
      gather(template.mask, rows[j], loaded.templateMask, j * width);
    }
    const band = (plane: Plane): Plane => ({
      width,
      height: end - y,
      get data() {
        return plane.data.subarray(y * width, end * width);
      },
    });
    scaleByPolynomial(
      band(loaded.template),
      band(loaded.templateVariance),
      u,
      Array.from(rows.subarray(y, end), (row) => collectAlongRow(match.fluxRatio, row, imageHeight)),
      whitening,
    );
  }
  const masks = [loaded.scienceMask, loaded.templateMask].map((data) => ({ width, height, data }));
  const kept = scratch.mask(tile.width, tile.height);
  const spoiled = listMarked(masks[0], masks[1], 0xffff & ~MaskBit.DETECTED, {
    left: offsetX,
    bottom: offsetY,
    mask: kept,
  });
  return { ...loaded, mask: kept, spoiled };
}

/** Reflect an index into 0..length-1 without repeating the rim. */
export function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}
