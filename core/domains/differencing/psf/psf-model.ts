import type { EllipseProfile, ProfilePress } from '../../../kernels/index.ts';
import { drawMoffat, type Moffat, TABLE_SCALE, tableOf } from './moffat.ts';
import { evaluateTerms } from './psf-polynomial.ts';

/**
 * A point-spread function while it is being measured: an exact Moffat profile plus a table of corrections.
 *
 * Only the small corrections are ever interpolated, so a star is drawn at any fraction of a pixel without
 * the interpolation error that a purely tabulated profile would have.
 *
 * @see Stetson 1987, PASP 99, 191, section III (an analytic profile with a look-up table of corrections)
 */
export interface PsfModel {
  readonly moffat: Moffat;
  readonly fwhmPx: number;
  /** Odd side of the stamps, px. */
  readonly size: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly degree: number;
  /** One stamp (size, size) for each polynomial term; none for a pure Moffat. */
  readonly corrections: readonly Float64Array[];
}

/**
 * Add the corrections at pixel (x, y) to a stamp.
 *
 * @param size odd side of the stamp, at most the model's: its middle part.
 * @param stamp (size, size)
 */
export function addCorrections(
  model: PsfModel,
  x: number,
  y: number,
  size: number,
  stamp: Float64Array,
): void {
  const terms = evaluateTerms(model.degree, x, y, model.imageWidth, model.imageHeight);
  const margin = (model.size - size) / 2;
  model.corrections.forEach((correction, t) => {
    const term = terms[t];
    for (let j = 0; j < size; j++) {
      const from = (j + margin) * model.size + margin;
      for (let i = 0; i < size; i++) stamp[j * size + i] += term * correction[from + i];
    }
  });
}

const profiles = new WeakMap<PsfModel, EllipseProfile>();

function profileOf(model: PsfModel): EllipseProfile {
  const known = profiles.get(model);
  if (known) return known;
  const { moffat, corrections, size } = model;
  const { cxx, cyy, cxy } = moffat;
  const profile = {
    ...{ cxx, cyy, cxy, scale: TABLE_SCALE },
    radial: tableOf(moffat),
    tables: corrections,
    side: size,
  };
  profiles.set(model, profile);
  return profile;
}

/**
 * Draw a star of unit flux at (x, y) as the image's pixels see it.
 *
 * @param size odd, at most the model's; the stamp's middle is the pixel nearest to (x, y).
 * @param isFaint leave out the corrections: a few percent of a star that is hardly seen.
 * @param stamp (size, size), overwritten.
 */
export function drawPsf(
  press: ProfilePress,
  model: PsfModel,
  x: number,
  y: number,
  size: number,
  isFaint: boolean,
  stamp: Float64Array,
): void {
  const factors =
    isFaint || model.corrections.length === 0
      ? undefined
      : evaluateTerms(model.degree, x, y, model.imageWidth, model.imageHeight);
  press.draw(profileOf(model), x - Math.round(x), y - Math.round(y), factors, size, stamp);
}

/** Give a model another FWHM and a stamp to match; its corrections keep their place. */
export function resizePsf(model: PsfModel, fwhmPx: number, size: number): PsfModel {
  const corrections = model.corrections.map((table) =>
    size <= model.size ? cropStamp(table, model.size, size) : padStamp(table, model.size, size),
  );
  return { ...model, fwhmPx, size, corrections };
}

function padStamp(stamp: Float64Array, size: number, fullSize: number): Float64Array {
  const padded = new Float64Array(fullSize * fullSize);
  const margin = (fullSize - size) / 2;
  for (let y = 0; y < size; y++) {
    padded.set(stamp.subarray(y * size, (y + 1) * size), (y + margin) * fullSize + margin);
  }
  return padded;
}

/** Draw the mean profile at its own centre, (size, size). */
export function drawMeanPsf(model: PsfModel): Float64Array {
  const mean = new Float64Array(model.size * model.size);
  drawMoffat(model.moffat, 0, 0, mean, model.size);
  const [constant] = model.corrections;
  if (constant) for (let k = 0; k < mean.length; k++) mean[k] += constant[k];
  return mean;
}

/** Cut the middle (size, size) out of a square stamp of odd side. */
export function cropStamp(stamp: Float64Array, fullSize: number, size: number): Float64Array {
  if (size === fullSize) return stamp;
  const cropped = new Float64Array(size * size);
  const margin = (fullSize - size) / 2;
  for (let y = 0; y < size; y++) {
    const start = (y + margin) * fullSize + margin;
    cropped.set(stamp.subarray(start, start + size), y * size);
  }
  return cropped;
}
