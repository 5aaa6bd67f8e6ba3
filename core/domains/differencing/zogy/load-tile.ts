import { goodFftSize, makePlane, type Plane } from '../../../kernels/index.ts';
import { MaskBit, type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { evaluateOnRow, type ImageMatch } from '../match/image-match.ts';
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
  const whitening = 1 / (noiseFactor * noiseFactor);
  const ratios = new Float64Array(width);
  const { fluxRatio } = match;
  if (fluxRatio.length === 1) ratios.fill(fluxRatio[0]);
  for (let j = 0; j < height; j++) {
    if (fluxRatio.length > 1) {
      evaluateOnRow(fluxRatio, columns, rows[j], imageWidth, imageHeight, ratios);
    }
    const row = rows[j] * imageWidth;
    const to = j * width;
    gatherFloats(science.science.data, row, columns, loaded.science.data, to);
    gatherFloats(science.variance.data, row, columns, loaded.scienceVariance.data, to);
    gatherBits(science.mask.data, row, columns, loaded.scienceMask, to);
    gatherFloats(template.science.data, row, columns, loaded.template.data, to);
    gatherFloats(template.variance.data, row, columns, loaded.templateVariance.data, to);
    gatherBits(template.mask.data, row, columns, loaded.templateMask, to);
    scaleRow(loaded.template.data, loaded.templateVariance.data, to, ratios, whitening);
  }
  return loaded;
}

// Two of them, so that each sees arrays of one type only.

/** Copy the pixels of some columns of a row. */
function gatherFloats(
  from: Float32Array,
  row: number,
  columns: Int32Array,
  target: Float32Array,
  to: number,
): void {
  for (let i = 0; i < columns.length; i++) target[to + i] = from[row + columns[i]];
}

/** Copy the mask bits of some columns of a row. */
function gatherBits(
  from: Uint16Array,
  row: number,
  columns: Int32Array,
  target: Uint16Array,
  to: number,
): void {
  for (let i = 0; i < columns.length; i++) target[to + i] = from[row + columns[i]];
}

/** Bring a row of the template to the science flux scale. */
function scaleRow(
  template: Float32Array,
  variance: Float32Array,
  to: number,
  ratios: Float64Array,
  whitening: number,
): void {
  for (let i = 0; i < ratios.length; i++) {
    const ratio = ratios[i];
    template[to + i] *= ratio;
    variance[to + i] *= ratio * ratio * whitening;
  }
}

/** Reflect an index into 0..length-1 without repeating the rim. */
export function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}
