import { MaskBit, readExposureFacts, UNUSABLE } from '../../core/domains/observations/index.ts';
import {
  type Difficulty,
  type SimulatedImage,
  SKY_RECIPES,
  type SkyRecipe,
  simulateField,
} from '../../core/domains/observations/simulate/index.ts';
import { preprocessExposure } from '../../core/domains/preprocessing/index.ts';
import { labelFootprints } from '../../core/domains/preprocessing/label-footprints.ts';
import type { MaskPlane, Plane } from '../../core/kernels/index.ts';

/** How well the cosmic rays of one simulated image were masked. */
export interface CosmicRayScore {
  /** Rays and hot pixels with a pixel above eight sigma of what was there without them, and how many were masked. */
  readonly rays: number;
  readonly found: number;
  /** The same of those whose brightest pixel is between five and eight. */
  readonly faintRays: number;
  readonly foundFaint: number;
  /** Those above eight sigma on a star's or galaxy's light. */
  readonly raysOnSources: number;
  readonly foundOnSources: number;
  /** Pixels masked, and those of them within a pixel of a ray. */
  readonly masked: number;
  readonly right: number;
  /** Stars that are bright enough for a PSF, and those of them with a masked centre and no ray within two pixels. */
  readonly stars: number;
  readonly eaten: number;
}

/** A pixel this far above the noise belongs to a ray, and one this far makes the ray count. */
const LEAST_SIGMA = 5;
const BRIGHT_SIGMA = 8;
const BRIGHT_STAR_SNR = 20;

/**
 * Simulate an image twice, with cosmic rays and without, and compare what preprocessing masks with the difference.
 *
 * A ray is found if half of its pixels above five sigma are masked. One that is no brighter than eight is fainter than
 * a candidate may be: a pixel of fifteen sigma is one of five to a PSF of FWHM 3 px.
 */
export function scoreCosmicRays(
  difficulty: Difficulty,
  seed: number,
  sizePx: number,
  raysPerMegapixel: number,
  changes: Partial<SkyRecipe> = {},
): CosmicRayScore {
  const base = { sizePx, seed, difficulty, transients: 0 };
  const recipe = { ...changes, satelliteTrails: 0, badColumns: 0 };
  const struck = simulateField({
    ...base,
    recipe: { ...recipe, cosmicRaysPerMegapixel: raysPerMegapixel },
  });
  const clean = simulateField({
    ...base,
    recipe: { ...recipe, cosmicRaysPerMegapixel: 0, hotPixelsPerMegapixel: 0 },
  });
  const { science: camera } = { ...SKY_RECIPES[difficulty], ...changes };
  const gain = camera.gainEPerAdu;
  const { mask } = preprocess(struck.science);
  const truth = new Uint8Array(sizePx * sizePx);
  const strength = new Float32Array(sizePx * sizePx);
  const sky = gain * medianOf(clean.science.pixels);
  for (let i = 0; i < truth.length; i++) {
    const before = gain * clean.science.pixels.data[i]!;
    const charge = gain * struck.science.pixels.data[i]! - before;
    if (charge <= 0) continue;
    truth[i] = 1;
    strength[i] = charge / Math.sqrt(before + camera.readNoiseE ** 2);
  }
  const others = UNUSABLE & ~MaskBit.CR;
  const skyNoise = Math.sqrt(sky + camera.readNoiseE ** 2);
  const rays = labelFootprints(truth, sizePx, sizePx, 1);
  const count = { rays: 0, found: 0, faintRays: 0, foundFaint: 0, raysOnSources: 0, foundOnSources: 0 };
  for (let n = 0; n < rays.count; n++) {
    const pixels = rays.pixels.subarray(rays.starts[n]!, rays.starts[n + 1]!);
    const seen = pixels.filter((at) => strength[at]! > LEAST_SIGMA && (mask.data[at]! & others) === 0);
    if (seen.length === 0) continue;
    const hit = seen.filter((at) => (mask.data[at]! & MaskBit.CR) !== 0).length;
    const isFound = 2 * hit >= seen.length;
    if (!seen.some((at) => strength[at]! > BRIGHT_SIGMA)) {
      count.faintRays++;
      if (isFound) count.foundFaint++;
      continue;
    }
    count.rays++;
    if (isFound) count.found++;
    if (!seen.some((at) => gain * clean.science.pixels.data[at]! - sky > 3 * skyNoise)) continue;
    count.raysOnSources++;
    if (isFound) count.foundOnSources++;
  }
  let masked = 0;
  let right = 0;
  for (let at = 0; at < truth.length; at++) {
    if ((mask.data[at]! & MaskBit.CR) === 0) continue;
    masked++;
    if (isNear(truth, sizePx, at % sizePx, Math.floor(at / sizePx), 1)) right++;
  }
  const stars = struck.sources.filter(
    ({ kind, fluxE, xPx, yPx }) =>
      kind === 'star' &&
      fluxE > BRIGHT_STAR_SNR ** 2 + BRIGHT_STAR_SNR * 3 * camera.fwhmPx * skyNoise &&
      Math.min(xPx, yPx) > 4 &&
      Math.max(xPx, yPx) < sizePx - 5,
  );
  const eaten = stars.filter(({ xPx, yPx }) => {
    const x = Math.round(xPx);
    const y = Math.round(yPx);
    return (mask.data[y * sizePx + x]! & MaskBit.CR) !== 0 && !isNear(truth, sizePx, x, y, 2);
  });
  return { ...count, masked, right, stars: stars.length, eaten: eaten.length };
}

function preprocess(image: SimulatedImage): { readonly mask: MaskPlane } {
  const { header, pixels } = image;
  return preprocessExposure({ name: 'simulated', pixels, header, facts: readExposureFacts(header, pixels) });
}

function isNear(marked: Uint8Array, side: number, x: number, y: number, reach: number): boolean {
  for (let py = Math.max(0, y - reach); py <= Math.min(side - 1, y + reach); py++) {
    for (let px = Math.max(0, x - reach); px <= Math.min(side - 1, x + reach); px++) {
      if (marked[py * side + px] !== 0) return true;
    }
  }
  return false;
}

function medianOf(plane: Plane): number {
  const sorted = plane.data.slice().sort();
  return sorted[sorted.length >> 1]!;
}
