import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listFillings } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';
import { MOST_EQUAL, markConstantPatches, measureEquality } from './find-constant-patches.ts';

/** Neighbours, of eight, that must hold the same value. */
const MIN_EQUAL = 5;

/**
 * Mark patches that hold one and the same filling value instead of data, as resampling leaves beyond its inputs.
 *
 * The filling value is zero or the lowest of the image, and is no plausible sky: over `5 rms` from it, or exactly
 * zero in an image of fractions, unless these are multiples of a coarse step, as photons over time are. Larger
 * patches may hold any value up to `5 rms` above the sky.
 *
 * @param pixels any unit; the sky's level and rms in the same.
 * @param holdsIntegers the exposure as read does: its zeros may be counts like any other, whatever multiplied them.
 * @returns how many pixels were marked NO_DATA.
 */
export function markMissingData(
  pixels: Plane,
  mask: MaskPlane,
  sky: number,
  rms: number,
  holdsIntegers: boolean,
): number {
  const { width, height, data } = pixels;
  const { lowest, lows, zeros } = listFillings(pixels);
  const chance = measureEquality(pixels, mask);
  const areZerosRare = !holdsIntegers && chance <= MOST_EQUAL;
  let marked = 0;
  for (const [filling, places] of lowest === 0
    ? ([[0, zeros]] as const)
    : ([
        [0, zeros],
        [lowest, lows],
      ] as const)) {
    const isOffSky = Math.abs(filling - sky) > 5 * rms;
    const isZeroAmongFractions = filling === 0 && areZerosRare;
    if (!isOffSky && !isZeroAmongFractions) continue;
    for (const at of places) {
      if ((mask.data[at]! & MaskBit.NO_DATA) !== 0) continue;
      const x = at % width;
      if (equalNeighbours(data, width, height, x, (at - x) / width, filling) < MIN_EQUAL) continue;
      mask.data[at]! |= MaskBit.NO_DATA;
      marked++;
    }
  }
  return marked + markConstantPatches(pixels, mask, sky + 5 * rms, chance);
}

/** Neighbours that hold the value; those beyond the border are taken to. */
function equalNeighbours(
  data: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  value: number,
): number {
  let equal = 0;
  for (let py = y - 1; py <= y + 1; py++) {
    for (let px = x - 1; px <= x + 1; px++) {
      if (px === x && py === y) continue;
      if (px < 0 || py < 0 || px >= width || py >= height || data[py * width + px] === value) equal++;
    }
  }
  return equal;
}
