import { shiftStamp } from '../../../kernels/index.ts';
import type { Scene } from './model-scene.ts';
import { addCorrections } from './psf-model.ts';

/** What one star says of the correction table: wanted values and their weights, on the profile's own grid. */
export interface StarEvidence {
  readonly x: number;
  readonly y: number;
  readonly wanted: Float64Array;
  /** 1 / variance; 0 where the star has no good pixel. */
  readonly weight: Float64Array;
}

// Stamps of one star after the other.
let room = new Float64Array(0);

/**
 * Compare one star with the model and write down which correction would make it agree.
 *
 * @param index of a star that is drawn with the whole model.
 * @param memory for what it says: 2 * size^2 numbers.
 */
export function collectEvidence(
  scene: Scene,
  index: number,
  modelError: number,
  memory: Float64Array,
): StarEvidence {
  const { model, residual: plane, skyVariance } = scene;
  const { size } = model;
  const { width, height } = scene.image.science;
  const profile = scene.profiles[index];
  const { x, y, flux, background } = scene.stars[index];
  const pixels = size * size;
  if (room.length < 3 * pixels) room = new Float64Array(3 * pixels);
  const residual = room.subarray(0, pixels);
  const bad = room.subarray(pixels, 2 * pixels).fill(0);
  const badShare = room.subarray(2 * pixels, 3 * pixels).fill(0);
  const half = (size - 1) / 2;
  const xMid = Math.round(x);
  const yMid = Math.round(y);
  let isWhole = true;
  for (let k = 0, j = yMid - half; j <= yMid + half; j++) {
    for (let i = xMid - half; i <= xMid + half; i++, k++) {
      const isInside = i >= 0 && i < width && j >= 0 && j < height;
      const value = isInside ? plane[j * width + i] : Number.NaN;
      if (Number.isNaN(value)) {
        bad[k] = 1;
        residual[k] = 0;
        isWhole = false;
      } else residual[k] = (value - background) / flux;
    }
  }
  const wanted = memory.subarray(0, pixels);
  const weight = memory.subarray(pixels, 2 * pixels).fill(0);
  shiftStamp(residual, size, xMid - x, yMid - y, wanted);
  if (!isWhole) shiftStamp(bad, size, xMid - x, yMid - y, badShare);
  addCorrections(model, x, y, size, wanted);
  const error2 = modelError * modelError;
  for (let k = 0; k < pixels; k++) {
    // A grid point leans on its neighbours through the interpolation; one bad pixel of weight 0.05 spoils it.
    if (bad[k] !== 0 || Math.abs(badShare[k]) >= 0.05) continue;
    const p = profile[k];
    weight[k] = 1 / ((skyVariance / flux + Math.max(0, p)) / flux + error2 * p * p);
  }
  return { x, y, wanted, weight };
}
