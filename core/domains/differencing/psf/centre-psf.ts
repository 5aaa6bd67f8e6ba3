import { shiftStamp } from '../../../kernels/index.ts';
import { drawMoffat } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';

/**
 * Give the centroid of a stamp under a Gaussian window of the star's own width, relative to its middle, px.
 *
 * The same definition as Source Extractor's windowed positions, which registration uses: a profile that is
 * centred so keeps science and template in step even where both are lopsided.
 */
export function measureCentroid(
  stamp: ArrayLike<number>,
  size: number,
  fwhmPx: number,
): readonly [number, number] {
  const half = (size - 1) / 2;
  const sigma = fwhmPx / 2.3548;
  let x = 0;
  let y = 0;
  for (let round = 0; round < 30; round++) {
    let sum = 0;
    let sumX = 0;
    let sumY = 0;
    for (let j = 0; j < size; j++) {
      for (let i = 0; i < size; i++) {
        const u = i - half - x;
        const v = j - half - y;
        const w = Math.exp(-(u * u + v * v) / (2 * sigma * sigma)) * stamp[j * size + i];
        sum += w;
        sumX += w * u;
        sumY += w * v;
      }
    }
    if (!(sum > 0)) break;
    x += (2 * sumX) / sum;
    y += (2 * sumY) / sum;
    if (Math.hypot(sumX, sumY) < 1e-6 * sum) break;
  }
  return [x, y];
}

/**
 * Move a model's corrections so that its windowed centroid is zero everywhere in the image.
 *
 * The constant part is shifted; in the varying parts the component that would move the centroid is taken out.
 */
export function centrePsf(model: PsfModel): PsfModel {
  if (model.corrections.length === 0) return model;
  const { size } = model;
  const analytic = new Float64Array(size * size);
  drawMoffat(model.moffat, 0, 0, analytic, size);
  const total = analytic.map((value, k) => value + model.corrections[0][k]);
  const [cx, cy] = measureCentroid(total, size, model.fwhmPx);
  // Only the corrections may be interpolated: redraw the Moffat off centre and take the centred one off again.
  const moved = new Float64Array(size * size);
  shiftStamp(model.corrections[0], size, -cx, -cy, moved);
  const offset = new Float64Array(size * size);
  drawMoffat(model.moffat, -cx, -cy, offset, size);
  const constant = moved.map((value, k) => value + offset[k] - analytic[k]);
  const centred = analytic.map((value, k) => value + constant[k]);
  const varying = model.corrections.slice(1).map((table) => removeShift(table, centred, size, model.fwhmPx));
  return { ...model, corrections: [constant, ...varying] };
}

function removeShift(table: Float64Array, profile: Float64Array, size: number, fwhmPx: number): Float64Array {
  const half = (size - 1) / 2;
  const sigma = fwhmPx / 2.3548;
  const slopeX = new Float64Array(size * size);
  const slopeY = new Float64Array(size * size);
  const sums = { tableX: 0, tableY: 0, slopeXX: 0, slopeYY: 0 };
  for (let j = 1; j < size - 1; j++) {
    for (let i = 1; i < size - 1; i++) {
      const k = j * size + i;
      const u = i - half;
      const v = j - half;
      const w = Math.exp(-(u * u + v * v) / (2 * sigma * sigma));
      slopeX[k] = (profile[k + 1] - profile[k - 1]) / 2;
      slopeY[k] = (profile[k + size] - profile[k - size]) / 2;
      sums.tableX += w * u * table[k];
      sums.tableY += w * v * table[k];
      sums.slopeXX += w * u * slopeX[k];
      sums.slopeYY += w * v * slopeY[k];
    }
  }
  const a = sums.slopeXX === 0 ? 0 : sums.tableX / sums.slopeXX;
  const b = sums.slopeYY === 0 ? 0 : sums.tableY / sums.slopeYY;
  return table.map((value, k) => value - a * slopeX[k] - b * slopeY[k]);
}
