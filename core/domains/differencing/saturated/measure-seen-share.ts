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
  for (
    let y = Math.max(0, Math.round(yPx) - reach);
    y <= Math.min(height - 1, Math.round(yPx) + reach);
    y++
  ) {
    for (
      let x = Math.max(0, Math.round(xPx) - reach);
      x <= Math.min(width - 1, Math.round(xPx) + reach);
      x++
    ) {
      // Square of a Gaussian of this FWHM.
      const say = 2 ** (-8 * (((x - xPx) ** 2 + (y - yPx) ** 2) / fwhmPx ** 2));
      all += say;
      if ((data[y * width + x] & SPOILED) === 0) good += say;
    }
  }
  return all > 0 ? good / all : 1;
}
