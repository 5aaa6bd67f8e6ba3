import type { MaskPlane, Plane } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { MeasuredStar, StarScore } from '../model.ts';

export interface StarTest {
  readonly tested: number;
  /** Fraction of the tested with |S_corr| beyond the threshold somewhere within the radius, 0..1. */
  readonly beyond: number;
  /** Of each tested star its worst, brightest star first. */
  readonly scores: readonly StarScore[];
}

/**
 * Look whether constant stars left more in the score than noise would.
 *
 * The worst pixel within `radiusPx` of each star counts, not the central one: dipoles and rings sit beside it.
 *
 * @param stars constant and unsaturated, of the science image.
 */
export function testStars(
  score: Plane,
  mask: MaskPlane,
  stars: readonly MeasuredStar[],
  threshold: number,
  radiusPx: number,
): StarTest {
  const { width, height } = score;
  const reach = Math.ceil(radiusPx);
  const scores: StarScore[] = [];
  let beyond = 0;
  for (const star of stars) {
    const x0 = Math.round(star.xPx);
    const y0 = Math.round(star.yPx);
    if (x0 < reach || y0 < reach || x0 >= width - reach || y0 >= height - reach) continue;
    let worst = -1;
    let isMasked = false;
    for (let y = y0 - reach; y <= y0 + reach; y++) {
      for (let x = x0 - reach; x <= x0 + reach; x++) {
        if ((x - x0) ** 2 + (y - y0) ** 2 > radiusPx * radiusPx) continue;
        const k = y * width + x;
        if ((mask.data[k] & UNUSABLE) !== 0) isMasked = true;
        if (worst < 0 || Math.abs(score.data[k]) > Math.abs(score.data[worst])) worst = k;
      }
    }
    if (isMasked) continue;
    scores.push({ xPx: star.xPx, yPx: star.yPx, score: score.data[worst] });
    if (Math.abs(score.data[worst]) > threshold) beyond++;
  }
  const tested = scores.length;
  return { tested, beyond: tested > 0 ? beyond / tested : 0, scores };
}
