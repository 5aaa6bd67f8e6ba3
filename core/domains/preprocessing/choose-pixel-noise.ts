import type { Plane } from '../../kernels/index.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit, readCombination, UNUSABLE } from '../observations/index.ts';
import { rmsRows } from './measure-background.ts';
import type { PixelNoise } from './measure-pixel-noise.ts';
import { measurePixelNoise } from './measure-pixel-noise.ts';
import type { Sky } from './measure-sky.ts';
import { CROWDED_COVER } from './measure-sky.ts';

/** How well second differences must agree with what gain and sky predict. */
const AGREEMENT = 0.25;

/**
 * Choose the noise of a pixel: the scatter of the sky, unless a crowd of faint stars widens it.
 *
 * What is common to both epochs subtracts, noise does not, so the two must not be confused. Second differences
 * tell them apart as long as pixels are independent, which whole numbers of ADU or the header's gain show.
 *
 * @param holdsIntegers the exposure as read does.
 */
export function choosePixelNoise(
  exposure: Exposure,
  holdsIntegers: boolean,
  image: Plane,
  sky: Sky,
): PixelNoise & { readonly notes: readonly string[] } {
  const { mesh } = sky;
  const scatter = { rows: rmsRows(mesh, image), medianRms: mesh.medianRms, notes: [] };
  if (sky.cover < CROWDED_COVER || readCombination(exposure.header).isCombined) return scatter;
  const pixel = measurePixelNoise(image, sky.sourceMask, UNUSABLE | MaskBit.DETECTED, mesh.meshPx);
  if (pixel === undefined || pixel.medianRms >= scatter.medianRms) return scatter;
  const { readNoiseE } = exposure.facts;
  const expected = Math.sqrt(Math.max(0, mesh.medianLevel) + readNoiseE * readNoiseE);
  const isExpected = mesh.medianLevel > 0 && Math.abs(pixel.medianRms / expected - 1) < AGREEMENT;
  if (!isExpected && !holdsIntegers) return scatter;
  const percent = Math.round(100 * sky.cover);
  return {
    ...pixel,
    notes: [
      `Sources cover ${percent} % of the field: noise is ${pixel.medianRms.toPrecision(3)} e- by second differences, while the sky scatters by ${scatter.medianRms.toPrecision(3)} e-.`,
    ],
  };
}
