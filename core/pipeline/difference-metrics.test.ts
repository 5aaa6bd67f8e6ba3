import { expect, it } from 'vitest';
import type { DifferenceMetrics } from '../domains/differencing/index.ts';
import { flattenMetrics, readMetrics } from './difference-metrics.ts';

const METRICS: DifferenceMetrics = {
  fluxRatio: 0.5,
  fluxRatioErr: 0.001,
  fluxRatioScatter: 0.005,
  fluxRatioStars: 120,
  astrometricSigmaXPx: 0.03,
  astrometricSigmaYPx: 0.03,
  modelError: 0.005,
  wingError: 0.02,
  rebuildError: 0.03,
  backgroundRemovedE: 0.5,
  scorrMadStd: 1.01,
  scorrMedian: 0.01,
  scorrRescale: 1.01,
  starsTested: 200,
  kernelStarsBeyond5Sigma: 0.005,
  psfStarsScience: 150,
  psfStarsTemplate: 160,
  fwhmSciencePx: 3.2,
  fwhmTemplatePx: 2.5,
  whiteness: 0.01,
};

it('reads back what it flattened, with a kernel and without', () => {
  const kernel = {
    convolved: 'science',
    stampsUsed: 30,
    stampsRejected: 2,
    conditionNumber: 1e5,
    sum: 1.01,
    largestGain: 1.2,
    misfit: 0.9,
  } as const;
  expect(readMetrics({ method: 'zogy', ...flattenMetrics(METRICS) })).toEqual(METRICS);
  expect(readMetrics({ method: 'alard-lupton', ...flattenMetrics({ ...METRICS, kernel }) })).toEqual({
    ...METRICS,
    kernel,
  });
});

it('reads nothing from a row that cannot be graded', () => {
  expect(readMetrics({ method: 'zogy', fluxRatio: 1 })).toBeUndefined();
});
