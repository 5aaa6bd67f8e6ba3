import { MaskBit, readExposureFacts, UNUSABLE } from '../../core/domains/observations/index.ts';
import { addCosmicRays } from '../../core/domains/observations/simulate/add-artefacts.ts';
import {
  type CameraRecipe,
  type Difficulty,
  type SimulatedImage,
  SKY_RECIPES,
  type SkyRecipe,
  type SkySource,
  simulateField,
} from '../../core/domains/observations/simulate/index.ts';
import {
  type CalibratedExposure,
  DEFAULT_PREPROCESSING,
  type PreprocessingConfig,
  preprocessExposure,
} from '../../core/domains/preprocessing/index.ts';
import { labelFootprints } from '../../core/domains/preprocessing/label-footprints.ts';
import { makePlane, type Plane } from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/index.ts';

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
  /** Of the pixels masked those on sources, and those of them within a pixel of a ray. */
  readonly maskedOnSources: number;
  readonly rightOnSources: number;
  /** Stars and galaxies that are bright enough to be measured, and those without a ray of which a pixel within a FWHM is masked. */
  readonly stars: number;
  readonly eaten: number;
  readonly galaxies: number;
  readonly eatenGalaxies: number;
  /** Light within 1.5 FWHM of each star that was struck and masked, over what it is without rays, less one. */
  readonly fluxErrors: readonly number[];
}

/** A pixel this far above the noise belongs to a ray, and one this far makes the ray count. */
const LEAST_SIGMA = 5;
const BRIGHT_SIGMA = 8;
/** Light this far above the sky is a source's. */
const SOURCE_SIGMA = 3;
const BRIGHT_SNR = 20;

/** What is simulated, and how it is masked. */
export interface CosmicRayTrial {
  readonly difficulty: Difficulty;
  readonly seed: number;
  readonly sizePx: number;
  readonly raysPerMegapixel: number;
  /** Rays that are aimed at stars and galaxies, of which about one in three hundred hits; default none. */
  readonly aimedPerMegapixel?: number | undefined;
  readonly changes?: Partial<SkyRecipe> | undefined;
  readonly config?: PreprocessingConfig | undefined;
}

/**
 * Simulate an image twice, with cosmic rays and without, and compare what preprocessing masks with the difference.
 *
 * A ray is found if half of its pixels above five sigma are masked. One that is no brighter than eight is fainter than
 * a candidate may be: a pixel of fifteen sigma is one of five to a PSF of FWHM 3 px.
 */
export function scoreCosmicRays(trial: CosmicRayTrial): CosmicRayScore {
  const { difficulty, seed, sizePx, raysPerMegapixel, changes = {}, config = DEFAULT_PREPROCESSING } = trial;
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
  const unstruck = preprocess(clean.science, config);
  const skyNoise = Math.sqrt(camera.skyE + camera.readNoiseE ** 2);
  const light = unstruck.science;
  const isOnSource = (at: number): boolean => light.data[at]! > SOURCE_SIGMA * skyNoise;
  const aimed = ((trial.aimedPerMegapixel ?? 0) * sizePx * sizePx) / 1e6;
  const pixels = aimAtSources(struck.science.pixels, camera, Math.round(aimed), seed, isOnSource);
  const masked = preprocess({ ...struck.science, pixels }, config);
  const { mask } = masked;
  const truth = new Uint8Array(sizePx * sizePx);
  const strength = new Float32Array(sizePx * sizePx);
  for (let i = 0; i < truth.length; i++) {
    const before = gain * clean.science.pixels.data[i]!;
    const charge = gain * pixels.data[i]! - before;
    if (charge <= 0) continue;
    truth[i] = 1;
    strength[i] = charge / Math.sqrt(before + camera.readNoiseE ** 2);
  }
  const others = UNUSABLE & ~MaskBit.CR;
  const rays = labelFootprints(truth, sizePx, sizePx, 1);
  const count = { rays: 0, found: 0, faintRays: 0, foundFaint: 0, raysOnSources: 0, foundOnSources: 0 };
  for (let n = 0; n < rays.count; n++) {
    const own = rays.pixels.subarray(rays.starts[n]!, rays.starts[n + 1]!);
    const seen = own.filter((at) => strength[at]! > LEAST_SIGMA && (mask.data[at]! & others) === 0);
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
    if (!seen.some(isOnSource)) continue;
    count.raysOnSources++;
    if (isFound) count.foundOnSources++;
  }
  const sums = { masked: 0, right: 0, maskedOnSources: 0, rightOnSources: 0 };
  for (let at = 0; at < truth.length; at++) {
    if ((mask.data[at]! & MaskBit.CR) === 0) continue;
    const isRight = isNear(truth, sizePx, at % sizePx, Math.floor(at / sizePx), 1);
    sums.masked++;
    if (isRight) sums.right++;
    if (!isOnSource(at)) continue;
    sums.maskedOnSources++;
    if (isRight) sums.rightOnSources++;
  }
  const bright = struck.sources.filter(
    ({ fluxE, xPx, yPx }) =>
      fluxE > BRIGHT_SNR ** 2 + BRIGHT_SNR * 3 * camera.fwhmPx * skyNoise &&
      Math.min(xPx, yPx) > 4 &&
      Math.max(xPx, yPx) < sizePx - 5,
  );
  const reach = Math.max(1, Math.round(camera.fwhmPx));
  const isEaten = ({ xPx, yPx }: SkySource): boolean => {
    const [x, y] = [Math.round(xPx), Math.round(yPx)];
    // With the rays and without: either is an image that a camera could have taken.
    return (
      hasBit(unstruck.mask.data, sizePx, x, y, reach) ||
      (hasBit(mask.data, sizePx, x, y, reach) && !isNear(truth, sizePx, x, y, reach + 2))
    );
  };
  const stars = bright.filter(({ kind }) => kind === 'star');
  const galaxies = bright.filter(({ kind }) => kind === 'galaxy');
  const fluxErrors = stars.flatMap((star) => {
    const [x, y] = [Math.round(star.xPx), Math.round(star.yPx)];
    if (!hasBit(mask.data, sizePx, x, y, reach)) return [];
    const before = sumAround(unstruck, x, y, 1.5 * camera.fwhmPx);
    const after = sumAround(masked, x, y, 1.5 * camera.fwhmPx);
    return before === undefined || after === undefined ? [] : [after / before - 1];
  });
  return {
    ...count,
    ...sums,
    stars: stars.length,
    eaten: stars.filter(isEaten).length,
    galaxies: galaxies.length,
    eatenGalaxies: galaxies.filter(isEaten).length,
    fluxErrors,
  };
}

/** Strike an image where there is light, as often as chance has it. */
function aimAtSources(
  image: Plane,
  { gainEPerAdu, fullWellE }: CameraRecipe,
  count: number,
  seed: number,
  isOnSource: (at: number) => boolean,
): Plane {
  const { width, height } = image;
  const charge = makePlane(width, height);
  const isAside = (x: number, y: number): boolean => {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || row < 0 || column >= width || row >= height) return true;
    return !isOnSource(row * width + column);
  };
  addCosmicRays(charge, count, createRandom(seed + 5000), isAside);
  const full = Math.floor(fullWellE / gainEPerAdu);
  const data = image.data.map((value, at) =>
    charge.data[at]! > 0
      ? Math.max(value, Math.min(full, value + Math.round(charge.data[at]! / gainEPerAdu)))
      : value,
  );
  return { ...image, data };
}

function preprocess({ header, pixels }: SimulatedImage, config: PreprocessingConfig): CalibratedExposure {
  const facts = readExposureFacts(header, pixels);
  return preprocessExposure({ name: 'simulated', pixels, header, facts }, {}, config);
}

function isNear(marked: Uint8Array, side: number, x: number, y: number, reach: number): boolean {
  for (let py = Math.max(0, y - reach); py <= Math.min(side - 1, y + reach); py++) {
    for (let px = Math.max(0, x - reach); px <= Math.min(side - 1, x + reach); px++) {
      if (marked[py * side + px] !== 0) return true;
    }
  }
  return false;
}

/** Tell whether a pixel within a circle was taken for a cosmic ray's. */
function hasBit(bits: Uint16Array, side: number, x: number, y: number, reach: number): boolean {
  for (let py = Math.max(0, y - reach); py <= Math.min(side - 1, y + reach); py++) {
    for (let px = Math.max(0, x - reach); px <= Math.min(side - 1, x + reach); px++) {
      if ((px - x) ** 2 + (py - y) ** 2 > reach * reach) continue;
      if ((bits[py * side + px]! & MaskBit.CR) !== 0) return true;
    }
  }
  return false;
}

/** Sum of the light within a circle; nothing where a part of it cannot be used for other reasons. */
function sumAround(
  { science, mask }: CalibratedExposure,
  x: number,
  y: number,
  radius: number,
): number | undefined {
  const reach = Math.floor(radius);
  let sum = 0;
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy > radius * radius) continue;
      const [px, py] = [x + dx, y + dy];
      if (px < 0 || py < 0 || px >= science.width || py >= science.height) return undefined;
      const at = py * science.width + px;
      if ((mask.data[at]! & UNUSABLE & ~MaskBit.CR) !== 0) return undefined;
      sum += science.data[at]!;
    }
  }
  return sum;
}
