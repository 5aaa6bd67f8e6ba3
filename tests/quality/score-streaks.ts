import { MaskBit, readExposureFacts, UNUSABLE } from '../../core/domains/observations/index.ts';
import {
  type Difficulty,
  type SimulatedImage,
  SKY_RECIPES,
  type SkyRecipe,
  simulateField,
} from '../../core/domains/observations/simulate/index.ts';
import { preprocessExposure } from '../../core/domains/preprocessing/index.ts';
import { makePlane } from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/** A trail to draw: from end to end in pixels, and how bright its ridge is. */
export interface DrawnTrail {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Ridge above the sky, in sigma of a pixel of sky. */
  readonly peakSigma: number;
  /** FWHM across, in FWHM of the stars; default 1. */
  readonly width?: number | undefined;
  /** On for so many px, then off for as many. */
  readonly dashPx?: number | undefined;
  /** Brightness swings between a twentieth and all of it with this period, px. */
  readonly tumblePx?: number | undefined;
}

/** How well trails were masked on one image. */
export interface StreakScore {
  /** Pixels of trails above one sigma (of ridges, where they are fainter than two), and those of them masked. */
  readonly trailPixels: number;
  readonly masked: number;
  /** Pixels without a trail's light, and those of them masked as STREAK. */
  readonly cleanPixels: number;
  readonly falselyMasked: number;
  readonly seconds: number;
}

const BETA = 3;

/** Simulate a field, draw trails over it, and compare what preprocessing masks as STREAK with them. */
export function scoreStreaks(
  difficulty: Difficulty,
  seed: number,
  sizePx: number,
  trails: readonly DrawnTrail[],
  changes: Partial<SkyRecipe> = {},
): StreakScore {
  const recipe = { ...SKY_RECIPES[difficulty], ...changes, satelliteTrails: 0 };
  const field = simulateField({ sizePx, seed, difficulty, transients: 0, recipe });
  const { gainEPerAdu, skyE, readNoiseE, fwhmPx, fullWellE } = recipe.science;
  const sigma = Math.sqrt(skyE + readNoiseE ** 2);
  const light = drawTrails(sizePx, trails, sigma, fwhmPx);
  // The gaps of a trail are no clean sky.
  const band = drawTrails(
    sizePx,
    trails.map((trail) => ({ ...trail, dashPx: undefined, tumblePx: undefined })),
    sigma,
    fwhmPx,
  );
  const random = createRandom(seed + 1000);
  const pixels = makePlane(sizePx, sizePx);
  for (let i = 0; i < pixels.data.length; i++) {
    const extra = light[i]! > 0 ? light[i]! + Math.sqrt(light[i]!) * random.normal() : 0;
    pixels.data[i] = Math.min(
      Math.floor(fullWellE / gainEPerAdu),
      field.science.pixels.data[i]! + Math.round(extra / gainEPerAdu),
    );
  }
  const started = performance.now();
  const { mask } = preprocess({ ...field.science, pixels });
  const seconds = (performance.now() - started) / 1000;
  let trailPixels = 0;
  let masked = 0;
  let cleanPixels = 0;
  let falselyMasked = 0;
  const faintest = Math.min(...trails.map((trail) => trail.peakSigma));
  // Of a trail that nowhere or hardly reaches one sigma the ridge is what counts.
  const least = faintest < 2 ? faintest / 2 : 1;
  for (let i = 0; i < light.length; i++) {
    const isMasked = (mask.data[i]! & MaskBit.STREAK) !== 0;
    if (light[i]! >= least * sigma) {
      trailPixels++;
      // A level trail may pass for a bad row: masked it is.
      if (isMasked || (mask.data[i]! & UNUSABLE) !== 0) masked++;
    } else if (band[i]! < Math.min(0.1, 0.1 * faintest) * sigma || trails.length === 0) {
      cleanPixels++;
      if (isMasked) falselyMasked++;
    }
  }
  return { trailPixels, masked, cleanPixels, falselyMasked, seconds };
}

function preprocess(image: SimulatedImage): ReturnType<typeof preprocessExposure> {
  const { header, pixels } = image;
  return preprocessExposure({ name: 'simulated', pixels, header, facts: readExposureFacts(header, pixels) });
}

/** Light of trails, e-: a Moffat's line integral across, as a satellite crossing in good focus leaves. */
function drawTrails(
  sizePx: number,
  trails: readonly DrawnTrail[],
  sigma: number,
  starFwhm: number,
): Float32Array {
  const light = new Float32Array(sizePx * sizePx);
  for (const { x0, y0, x1, y1, peakSigma, width = 1, dashPx, tumblePx } of trails) {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const ux = (x1 - x0) / length;
    const uy = (y1 - y0) / length;
    const alpha = (starFwhm * width) / (2 * Math.sqrt(2 ** (1 / BETA) - 1));
    for (let y = 0; y < sizePx; y++) {
      for (let x = 0; x < sizePx; x++) {
        const along = (x - x0) * ux + (y - y0) * uy;
        const across = (y - y0) * ux - (x - x0) * uy;
        const beyond = Math.max(0, -along, along - length);
        const r2 = (across * across + beyond * beyond) / (alpha * alpha);
        if (r2 > 60) continue;
        if (dashPx !== undefined && Math.floor(along / dashPx) % 2 !== 0) continue;
        const swing = tumblePx === undefined ? 1 : 0.525 + 0.475 * Math.sin((2 * Math.PI * along) / tumblePx);
        light[y * sizePx + x]! += peakSigma * sigma * swing * (1 + r2) ** (0.5 - BETA);
      }
    }
  }
  return light;
}
