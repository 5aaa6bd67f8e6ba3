import type { PsfConfig } from '../config.ts';
import type { StarFitOptions } from './fit-star.ts';
import { pedestalAt } from './measure-pedestals.ts';
import { pedestalAround, type Scene, type SceneStar } from './model-scene.ts';
import { drawMeanPsf, type PsfModel } from './psf-model.ts';

/** Where the pedestal under a star is measured, FWHM from its centre. */
const PEDESTAL_FROM = 2;
const PEDESTAL_TO = 4;
/** Error of the pedestal beyond its own noise, in units of the sky's noise per pixel. */
export const PEDESTAL_ERROR = 0.03;
/** Part of the profile's own wings that may be mistaken for a pedestal. */
const WING_ERROR = 0.3;

/**
 * Say how each star is to be fitted: stars freely, faint neighbours at their catalogued places, where a free position
 * would follow the noise.
 *
 * The pedestal comes from the star's surroundings, but around a bright star these are its own wings: there the map
 * of the whole field knows better, and both are weighed by their errors.
 */
export function pickOptions(
  scene: Scene,
  config: PsfConfig,
  withErrors = false,
): (star: SceneStar, index: number) => StarFitOptions {
  const { model, noise } = scene;
  const { fwhmPx } = model;
  const { modelError } = config;
  const { width, height } = scene.image.science;
  const wing = wingLevel(model);
  const mapError = Math.max(0.05 * noise, scene.pedestals.scatter);
  return (star, index) => {
    const mapped = pedestalAt(scene.pedestals, star.x, star.y, width, height);
    if (star.role === 'neighbour') {
      const radius = star.coreRadius > 0 ? star.coreRadius + 1.5 * fwhmPx : fwhmPx;
      const fitPosition = star.flux > 20 * star.fluxErr;
      return { radius, modelError, background: mapped, backgroundSigma: 0, fitPosition, withErrors };
    }
    const around = pedestalAround(scene, index, PEDESTAL_FROM * fwhmPx, PEDESTAL_TO * fwhmPx);
    const aroundError = around
      ? Math.hypot(around.error, PEDESTAL_ERROR * noise, WING_ERROR * star.flux * wing)
      : Number.POSITIVE_INFINITY;
    const weight = aroundError ** -2 / (aroundError ** -2 + mapError ** -2);
    return {
      radius: star.coreRadius + 1.75 * fwhmPx,
      modelError,
      background: (around?.level ?? 0) * weight + mapped * (1 - weight),
      backgroundSigma: 1 / Math.sqrt(aroundError ** -2 + mapError ** -2),
      fitPosition: true,
      withErrors,
    };
  };
}

/** Mean of the profile where pedestals are measured, px^-2. */
function wingLevel(model: PsfModel): number {
  const mean = drawMeanPsf(model);
  const half = (model.size - 1) / 2;
  let sum = 0;
  let count = 0;
  for (let k = 0; k < mean.length; k++) {
    const radius = Math.hypot((k % model.size) - half, Math.floor(k / model.size) - half);
    if (radius < PEDESTAL_FROM * model.fwhmPx || radius > PEDESTAL_TO * model.fwhmPx) continue;
    sum += mean[k];
    count++;
  }
  return count > 0 ? Math.abs(sum / count) : 0;
}
