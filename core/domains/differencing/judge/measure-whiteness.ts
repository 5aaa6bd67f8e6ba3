import type { AssembledDifference } from '../zogy/assemble-difference.ts';
import { isSky } from './remove-background.ts';

/**
 * Give the largest |autocorrelation| of the difference's noise at lags of 1 to 3 px, along both axes.
 *
 * Only pairs of pixels without star or mask count, each divided by its own sigma; the mean is taken off first.
 */
export function measureWhiteness(assembled: AssembledDifference): number {
  const { width, height, data } = assembled.difference;
  const scaled = new Float32Array(data.length);
  const sky = new Uint8Array(data.length);
  let mean = 0;
  let count = 0;
  for (let k = 0; k < data.length; k++) {
    if (!isSky(assembled, k)) continue;
    scaled[k] = data[k] / Math.sqrt(assembled.variance.data[k]);
    if (Math.abs(scaled[k]) > 6) continue;
    sky[k] = 1;
    mean += scaled[k];
    count++;
  }
  if (count < 100) return 0;
  mean /= count;
  let power = 0;
  for (let k = 0; k < data.length; k++) if (sky[k] === 1) power += (scaled[k] - mean) ** 2;
  let largest = 0;
  for (let lag = 1; lag <= 3; lag++) {
    for (const [dx, dy] of [
      [lag, 0],
      [0, lag],
    ]) {
      let sum = 0;
      let pairs = 0;
      for (let y = 0; y + dy < height; y++) {
        for (let x = 0; x + dx < width; x++) {
          const k = y * width + x;
          const j = k + dy * width + dx;
          if (sky[k] === 0 || sky[j] === 0) continue;
          sum += (scaled[k] - mean) * (scaled[j] - mean);
          pairs++;
        }
      }
      if (pairs > 0) largest = Math.max(largest, Math.abs(sum / pairs / (power / count)));
    }
  }
  return largest;
}
