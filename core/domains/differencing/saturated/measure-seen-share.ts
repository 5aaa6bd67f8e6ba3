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
  let good = 0;
  let all = 0;
  // Square of a Gaussian of this FWHM, a column's part.
  const parts = new Float64Array(2 * reach + 1);
  for (let i = 0; i <= 2 * reach; i++) {
    parts[i] = 2 ** (-8 * ((Math.round(xPx) + i - reach - xPx) / fwhmPx) ** 2);
  }
  for (
    let y = Math.max(0, Math.round(yPx) - reach);
    y <= Math.min(height - 1, Math.round(yPx) + reach);
    y++
  ) {
    const part = 2 ** (-8 * ((y - yPx) / fwhmPx) ** 2);
    for (
      let x = Math.max(0, Math.round(xPx) - reach);
      x <= Math.min(width - 1, Math.round(xPx) + reach);
      x++
    ) {
      const say = part * parts[x - Math.round(xPx) + reach];
      all += say;
      if ((data[y * width + x] & SPOILED) === 0) good += say;
    }
  }
  return all > 0 ? good / all : 1;
}
