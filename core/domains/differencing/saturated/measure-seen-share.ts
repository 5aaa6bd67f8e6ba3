import type { MaskPlane } from '../../../kernels/index.ts';
import type { MeasuredStar } from '../model.ts';
import { SPOILED } from '../zogy/load-tile.ts';

/** Measure the share of what tells a star's flux that lies on good pixels of its image, 0..1; 1 beyond the image. */
export function measureSeenShare(
  { width, height, data }: MaskPlane,
  { xPx, yPx }: Pick<MeasuredStar, 'xPx' | 'yPx'>,
  fwhmPx: number,
): number {
  const reach = Math.ceil(fwhmPx);
  const [xMid, yMid] = [Math.round(xPx), Math.round(yPx)];
  const [left, right] = [Math.max(0, xMid - reach), Math.min(width - 1, xMid + reach)];
  const [bottom, top] = [Math.max(0, yMid - reach), Math.min(height - 1, yMid + reach)];
  let isSpoiled = false;
  for (let y = bottom; y <= top && !isSpoiled; y++) {
    for (let k = y * width + left; k <= y * width + right; k++) isSpoiled ||= (data[k] & SPOILED) !== 0;
  }
  if (!isSpoiled) return 1;
  let good = 0;
  let all = 0;
  // Square of a Gaussian of this FWHM, a column's part.
  const parts = new Float64Array(2 * reach + 1);
  for (let i = 0; i <= 2 * reach; i++) parts[i] = 2 ** (-8 * ((xMid + i - reach - xPx) / fwhmPx) ** 2);
  for (let y = bottom; y <= top; y++) {
    const part = 2 ** (-8 * ((y - yPx) / fwhmPx) ** 2);
    for (let x = left; x <= right; x++) {
      const say = part * parts[x - xMid + reach];
      all += say;
      if ((data[y * width + x] & SPOILED) === 0) good += say;
    }
  }
  return all > 0 ? good / all : 1;
}
