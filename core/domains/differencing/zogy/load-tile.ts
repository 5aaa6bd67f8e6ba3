import {
  type Arena,
  fillMargins,
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
  const copyRow = <Pixels extends Float32Array | Uint16Array>(
    from: { readonly width: number; readonly data: Pixels } | FilePlane,
    y: number,
    target: Pixels,
    to: number,
  ): void => copyPixels(from, columns[first], y, end - first, target, to + first, readFile);
  // Where in the tile's rows lies what each column shows.
  const shown = columns.map((column) => column + first - columns[first]);
  const mirrorBits = (target: Uint16Array, to: number): void => {
    for (let i = 0; i < first; i++) target[to + i] = target[to + shown[i]];
    for (let i = end; i < width; i++) target[to + i] = target[to + shown[i]];
  };
  const u = Float64Array.from(columns, (x) => (imageWidth > 1 ? (2 * x) / (imageWidth - 1) - 1 : 0));
  const whitening = 1 / (noiseFactor * noiseFactor);
  const floats = [
    [science.science, loaded.science],
    [science.variance, loaded.scienceVariance],
    [template.science, loaded.template],
    [template.variance, loaded.templateVariance],
  ] as const;
  const masks = [
    [science.mask, loaded.scienceMask],
    [template.mask, loaded.templateMask],
  ] as const;
  for (let y = 0; y < height; y += ROWS_PER_BAND) {
    const above = Math.min(height, y + ROWS_PER_BAND);
    // Read anew at each use: the memory of an arena may have grown.
    const band = (plane: Plane): Plane => ({
      width,
      height: above - y,
      get data() {
        return plane.data.subarray(y * width, above * width);
      },
    });
    for (const [from, plane] of floats) {
      const { data } = plane;
      for (let j = y; j < above; j++) copyRow(from, rows[j], data, j * width);
      fillMargins(band(plane), first, end, shown);
    }
    for (const [from, mask] of masks) {
      for (let j = y; j < above; j++) {
        copyRow(from, rows[j], mask, j * width);
        mirrorBits(mask, j * width);
      }
    }
    scaleByPolynomial(
      band(loaded.template),
      band(loaded.templateVariance),
      u,
      Array.from(rows.subarray(y, above), (row) => collectAlongRow(match.fluxRatio, row, imageHeight)),
      whitening,
    );
  }
  const [inScience, inTemplate] = masks.map(([, data]) => ({ width, height, data }));
  const kept = scratch.mask(tile.width, tile.height);
  const spoiled = listMarked(inScience, inTemplate, 0xffff & ~MaskBit.DETECTED, {
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
