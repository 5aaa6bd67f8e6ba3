import { expect, it } from 'vitest';
import { makeMaskPlane, makePlane } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';
import type { MeasuredStar } from '../model.ts';
import { testStars } from './test-stars.ts';

const star = (xPx: number, yPx: number): MeasuredStar => ({
  xPx,
  yPx,
  fluxE: 1e4,
  fluxErrE: 100,
  positionErrPx: 0.01,
  isClean: true,
});

it('tells of each star the worst that it left within the radius, with its sign', () => {
  const score = makePlane(60, 40);
  const mask = makeMaskPlane(60, 40);
  score.data[20 * 60 + 20] = 2;
  score.data[20 * 60 + 22] = -7;
  // Beyond the radius.
  score.data[20 * 60 + 26] = 30;
  score.data[10 * 60 + 40] = 4;
  mask.data[30 * 60 + 31] = MaskBit.SAT;
  const stars = [star(20.2, 19.9), star(40, 10), star(30, 30), star(1, 20)];
  expect(testStars(score, mask, stars, 5, 3)).toEqual({
    tested: 2,
    beyond: 0.5,
    scores: [
      { xPx: 20.2, yPx: 19.9, score: -7 },
      { xPx: 40, yPx: 10, score: 4 },
    ],
  });
});
