import { type MaskPlane, withScratch } from '../../../kernels/index.ts';
import type { Task } from '../../../utils/index.ts';
import { type ImageSource, loadMask } from '../../observations/index.ts';
import type { MeasuredStar } from '../model.ts';
import { SPOILED } from '../zogy/load-tile.ts';

type Place = Pick<MeasuredStar, 'xPx' | 'yPx'>;

/** Stars of one image, of which it is asked how much it sees of each. */
export interface SeenInput {
  readonly mask: ImageSource['mask'];
  readonly places: readonly Place[];
  readonly fwhmPx: number;
}

/** Measures on a thread the shares of stars' light that lie on good pixels, image by image, 0..1. */
export const measureSeenTask: Task<
  { readonly images: readonly SeenInput[] },
  readonly (readonly number[])[]
> = {
  name: 'differencing.measure-seen',
  run: ({ images }, context) =>
    images.map(({ mask, places, fwhmPx }) =>
      withScratch((scratch) => {
        const loaded = loadMask(mask, scratch, context);
        return places.map((star) => measureSeenShare(loaded, star, fwhmPx));
      }),
    ),
};

/** Measure the share of what tells a star's flux that lies on good pixels of its image, 0..1; 1 beyond the image. */
export function measureSeenShare(
  { width, height, data }: MaskPlane,
  { xPx, yPx }: Place,
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
