import { goodFftSize, makePlane, type Plane } from '../../../kernels/index.ts';
import { MaskBit, type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { evaluatePolynomial, type ImageMatch } from '../match/image-match.ts';
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
}

/** Bits that say there is no sky here at all, in contrast to a spoiled pixel among good ones. */
export const NO_SKY = MaskBit.NO_DATA | MaskBit.EDGE;
/** Bits of pixels whose value is wrong though there is sky. */
export const SPOILED = UNUSABLE & ~NO_SKY;

/**
 * Copy a tile and its border out of both images; beyond the image the border mirrors it.
 *
 * Mirroring keeps the noise and the sky as they are, so nothing rings at the rim; what it makes of stars
 * near the rim is the same in both images.
 *
 * @param noiseFactor the template's noise is divided by it.
 */
export function loadTile(
  science: MaskedImage,
  template: MaskedImage,
  tile: Tile,
  match: ImageMatch,
  noiseFactor: number,
): LoadedTile {
  const { width: imageWidth, height: imageHeight } = science.science;
  const width = goodFftSize(tile.width + 2 * tile.border);
  const height = goodFftSize(tile.height + 2 * tile.border);
  const offsetX = tile.border;
  const offsetY = tile.border;
  const columns = Int32Array.from({ length: width }, (_, i) => mirror(tile.x - offsetX + i, imageWidth));
  const rows = Int32Array.from({ length: height }, (_, j) => mirror(tile.y - offsetY + j, imageHeight));
  const loaded: LoadedTile = {
    width,
    height,
    offsetX,
    offsetY,
    science: makePlane(width, height),
    template: makePlane(width, height),
    scienceVariance: makePlane(width, height),
    templateVariance: makePlane(width, height),
    scienceMask: new Uint16Array(width * height),
    templateMask: new Uint16Array(width * height),
  };
  const ratioAt = ratioOnColumns(match, columns, imageWidth, imageHeight);
  const whitening = 1 / (noiseFactor * noiseFactor);
  for (let j = 0; j < height; j++) {
    const row = rows[j] * imageWidth;
    const ratios = ratioAt(rows[j]);
    for (let i = 0; i < width; i++) {
      const from = row + columns[i];
      const to = j * width + i;
      const ratio = ratios[i];
      loaded.science.data[to] = science.science.data[from];
      loaded.template.data[to] = ratio * template.science.data[from];
      loaded.scienceVariance.data[to] = science.variance.data[from];
      loaded.templateVariance.data[to] = ratio * ratio * whitening * template.variance.data[from];
      loaded.scienceMask[to] = science.mask.data[from];
      loaded.templateMask[to] = template.mask.data[from];
    }
  }
  return loaded;
}

/** Reflect an index into 0..length-1 without repeating the rim. */
export function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

function ratioOnColumns(
  match: ImageMatch,
  columns: Int32Array,
  imageWidth: number,
  imageHeight: number,
): (y: number) => Float64Array {
  const ratios = new Float64Array(columns.length);
  if (match.fluxRatio.length === 1) {
    ratios.fill(match.fluxRatio[0]);
    return () => ratios;
  }
  return (y) => {
    for (let i = 0; i < columns.length; i++) {
      ratios[i] = evaluatePolynomial(match.fluxRatio, columns[i], y, imageWidth, imageHeight);
    }
    return ratios;
  };
}
