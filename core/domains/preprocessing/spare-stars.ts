import type { Plane } from '../../kernels/index.ts';
import { labelFootprints } from './label-footprints.ts';

/** A group of hits larger than this is a track, never a star's core, px. */
const MAX_CORE_PX = 90;
/** Half the side of the box in which a group is compared with a star. */
const HALF_BOX = 2;
/** A group is a star if its reduced chi^2 as one is below this, */
const MAX_CHI2 = 2.5;
/** or, for bright stars, which no model fits that well, below this and far better than as a hit. */
const MAX_CHI2_BRIGHT = 15;
const FAR_BETTER = 10;
/** Variance of a box one pixel wide, which the image's FWHM holds and the model adds itself, px^2. */
const PIXEL_VARIANCE = 1 / 12;
const MIN_VARIANCE = 0.09;
/** A FWHM of 2.4 px. */
const UNDERSAMPLED_SIGMA_PX = 1.02;
/** What was struck has this much more light than its surroundings foresee, sigma and as a fraction. */
const UNFORESEEN_SIGMA = 5;
const UNFORESEEN_FRACTION = 0.4;
/** How far a real PSF is from the Gaussian model: a fraction of the model, and of its total. */
const MODEL_ERROR = 0.15;
const WING_ERROR = 0.01;

/**
 * Take hits that look like stars out of a list of cosmic rays, in place.
 *
 * Where stars are hardly wider than a pixel, their edges are as sharp as a cosmic ray's. Each group is fitted
 * with a pixel-integrated Gaussian of the stars' width: a cosmic ray is narrower or longer in some direction, and
 * leaves nothing around it.
 *
 * @param science e-, background-subtracted; `rms` its noise.
 * @param hits 1 where a cosmic ray was found.
 * @param fwhmPx of point sources as they are on the image.
 * @returns how many groups were spared.
 */
export function spareStars(science: Plane, rms: number, hits: Uint8Array, fwhmPx: number): number {
  const { width, height } = science;
  const groups = labelFootprints(hits, width, height, 1);
  const sigma = Math.sqrt(Math.max(MIN_VARIANCE, (fwhmPx / 2.3548) ** 2 - PIXEL_VARIANCE));
  let spared = 0;
  for (let i = 0; i < groups.count; i++) {
    const pixels = groups.pixels.subarray(groups.starts[i]!, groups.starts[i + 1]!);
    if (pixels.length > MAX_CORE_PX || !isStarLike(science, rms, hits, pixels, sigma)) continue;
    for (const at of pixels) hits[at] = 0;
    spared++;
  }
  return spared;
}

function isStarLike(
  science: Plane,
  rms: number,
  hits: Uint8Array,
  pixels: Int32Array,
  sigma: number,
): boolean {
  const { width, height, data } = science;
  let peak = pixels[0]!;
  for (const at of pixels) if (data[at]! > data[peak]!) peak = at;
  const px = peak % width;
  const py = (peak - px) / width;
  if (px < HALF_BOX || py < HALF_BOX || px >= width - HALF_BOX || py >= height - HALF_BOX) return false;
  let x = px;
  let y = py;
  const side = 2 * HALF_BOX + 1;
  const profileX = new Float64Array(side);
  const profileY = new Float64Array(side);
  let chi2 = Number.POSITIVE_INFINITY;
  // Newton's steps on the position; they settle within a few rounds or the group is no star.
  for (let round = 0; round < 6; round++) {
    integrateGaussian(profileX, px - HALF_BOX - x, sigma);
    integrateGaussian(profileY, py - HALF_BOX - y, sigma);
    let cross = 0;
    let norm = 0;
    let weightedX = 0;
    let weightedY = 0;
    let weighted = 0;
    for (let j = 0; j < side; j++) {
      for (let k = 0; k < side; k++) {
        const value = data[(py + j - HALF_BOX) * width + px + k - HALF_BOX]!;
        const model = profileX[k]! * profileY[j]!;
        cross += value * model;
        norm += model * model;
        weighted += value * model;
        weightedX += value * model * (px + k - HALF_BOX - x);
        weightedY += value * model * (py + j - HALF_BOX - y);
      }
    }
    const amplitude = cross / norm;
    if (!(amplitude > 0) || !(weighted > 0)) return false;
    chi2 = reducedChi2(data, width, px, py, profileX, profileY, amplitude, rms);
    x = Math.min(px + 1, Math.max(px - 1, x + (2 * weightedX) / weighted));
    y = Math.min(py + 1, Math.max(py - 1, y + (2 * weightedY) / weighted));
  }
  const asHit = reducedChi2OfHit(data, hits, width, px, py, rms);
  // Well-sampled stars are seldom taken for hits: then only clear cases are given back.
  const isUndersampled = sigma < UNDERSAMPLED_SIGMA_PX;
  if (!isUndersampled) {
    return (
      chi2 < MAX_CHI2 &&
      FAR_BETTER * chi2 < asHit &&
      isForeseen(data, hits, width, px, py, profileX, profileY, rms)
    );
  }
  return (chi2 < MAX_CHI2 && chi2 < asHit) || (chi2 < MAX_CHI2_BRIGHT && FAR_BETTER * chi2 < asHit);
}

/**
 * Tell whether the pixels around the hits foresee what is in them: those of a star do, those of a star that was struck
 * fall short of it.
 */
function isForeseen(
  data: Float32Array,
  hits: Uint8Array,
  width: number,
  px: number,
  py: number,
  profileX: Float64Array,
  profileY: Float64Array,
  rms: number,
): boolean {
  let cross = 0;
  let norm = 0;
  let struck = 0;
  let share = 0;
  let count = 0;
  for (let j = -HALF_BOX; j <= HALF_BOX; j++) {
    for (let k = -HALF_BOX; k <= HALF_BOX; k++) {
      const at = (py + j) * width + px + k;
      const model = profileX[k + HALF_BOX]! * profileY[j + HALF_BOX]!;
      if (hits[at] === 0) {
        cross += data[at]! * model;
        norm += model * model;
      } else {
        struck += data[at]!;
        share += model;
        count++;
      }
    }
  }
  if (!(norm > 0)) return true;
  const foreseen = (cross / norm) * share;
  const noise = Math.sqrt(count * rms * rms + Math.max(0, struck) + (share * share * rms * rms) / norm);
  return struck - foreseen < Math.max(UNFORESEEN_SIGMA * noise, UNFORESEEN_FRACTION * foreseen);
}

function reducedChi2(
  data: Float32Array,
  width: number,
  px: number,
  py: number,
  profileX: Float64Array,
  profileY: Float64Array,
  amplitude: number,
  rms: number,
): number {
  const side = 2 * HALF_BOX + 1;
  let chi2 = 0;
  for (let j = 0; j < side; j++) {
    for (let k = 0; k < side; k++) {
      const model = amplitude * profileX[k]! * profileY[j]!;
      const residual = data[(py + j - HALF_BOX) * width + px + k - HALF_BOX]! - model;
      const tolerance = MODEL_ERROR * model + WING_ERROR * amplitude;
      chi2 += (residual * residual) / (rms * rms + model + tolerance * tolerance);
    }
  }
  return chi2 / (side * side - 3);
}

/** The same for a cosmic ray: whatever it likes where it hit, nothing around it. */
function reducedChi2OfHit(
  data: Float32Array,
  hits: Uint8Array,
  width: number,
  px: number,
  py: number,
  rms: number,
): number {
  let chi2 = 0;
  let free = 0;
  for (let y = py - HALF_BOX; y <= py + HALF_BOX; y++) {
    for (let x = px - HALF_BOX; x <= px + HALF_BOX; x++) {
      const at = y * width + x;
      if (hits[at] !== 0) continue;
      chi2 += (data[at]! * data[at]!) / (rms * rms);
      free++;
    }
  }
  // Five by five all hit: no track is that broad.
  return free === 0 ? Number.POSITIVE_INFINITY : chi2 / free;
}

/** The share of a Gaussian's light in each of a row of pixels, the first one's centre at `first`. */
function integrateGaussian(out: Float64Array, first: number, sigma: number): void {
  const scale = 1 / (sigma * Math.SQRT2);
  let before = errorFunction((first - 0.5) * scale);
  for (let k = 0; k < out.length; k++) {
    const after = errorFunction((first + k + 0.5) * scale);
    out[k] = (after - before) / 2;
    before = after;
  }
}

/** The error function to 1.5e-7. @see Abramowitz & Stegun 7.1.26 */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const value = 1 - series * Math.exp(-x * x);
  return x < 0 ? -value : value;
}
