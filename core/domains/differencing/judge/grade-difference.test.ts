import { expect, it } from 'vitest';
import type { DifferenceMetrics, KernelMetrics } from '../model.ts';
import { examineDifference, gradeDifference } from './grade-difference.ts';

const GOOD: DifferenceMetrics = {
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

it('has nothing to say of a good difference', () => {
  expect(gradeDifference(GOOD)).toEqual({ grade: 'green', reasons: [] });
});

it.each([
  ['noise that does not fit', { scorrMadStd: 1.2 }, { scorrMadStd: 1.4 }],
  ['noise that is overestimated', { scorrMadStd: 0.8 }, { scorrMadStd: 0.6 }],
  ['background that is left', { scorrMedian: -0.15 }, { scorrMedian: 0.3 }],
  ['stars that do not subtract', { kernelStarsBeyond5Sigma: 0.015 }, { kernelStarsBeyond5Sigma: 0.1 }],
  ['a model that leaves light', { modelError: 0.04 }, { modelError: 0.1 }],
  ['correlated noise', { whiteness: 0.15 }, { whiteness: 0.4 }],
  ['fluxes that do not agree', { fluxRatioScatter: 0.08 }, { fluxRatioScatter: 0.2 }],
])('calls %s yellow, and red where it is twice as bad, with one sentence', (_, mild, severe) => {
  const yellow = gradeDifference({ ...GOOD, ...mild });
  expect(yellow.grade).toBe('yellow');
  expect(yellow.reasons).toHaveLength(1);
  expect(gradeDifference({ ...GOOD, ...severe }).grade).toBe('red');
});

it('forgives one star among a handful', () => {
  expect(gradeDifference({ ...GOOD, starsTested: 12, kernelStarsBeyond5Sigma: 1 / 12 }).grade).toBe('green');
  expect(gradeDifference({ ...GOOD, starsTested: 12, kernelStarsBeyond5Sigma: 3 / 12 }).grade).toBe('red');
});

it('warns where too few stars told the profiles or the flux ratio', () => {
  expect(gradeDifference({ ...GOOD, psfStarsScience: 3 }).reasons[0]).toContain(
    'Only 3 stars of the science image',
  );
  expect(gradeDifference({ ...GOOD, psfStarsTemplate: 2 }).reasons[0]).toContain(
    'Only 2 stars of the template',
  );
});

it('does not trust a flux ratio that one or two stars tell', () => {
  expect(gradeDifference({ ...GOOD, fluxRatioStars: 3 }).grade).toBe('green');
  expect(gradeDifference({ ...GOOD, fluxRatioStars: 2 })).toEqual({
    grade: 'red',
    reasons: ['Only 2 stars in common tell the flux ratio.'],
  });
});

it.each([
  'scorrMadStd',
  'scorrMedian',
  'whiteness',
  'modelError',
  'fluxRatioScatter',
  'kernelStarsBeyond5Sigma',
  'usableFraction',
])('calls a difference red whose %s is no number', (name) => {
  expect(gradeDifference({ ...GOOD, [name]: Number.NaN }).grade).toBe('red');
});

it('says that no star could be tested', () => {
  const { grade, reasons } = gradeDifference({ ...GOOD, starsTested: 0, kernelStarsBeyond5Sigma: 0 });
  expect({ grade, reasons }).toEqual({
    grade: 'yellow',
    reasons: ['No constant star could be looked at: whether stars subtract away is not known.'],
  });
});

it('warns of a difference that covers little of the image', () => {
  expect(gradeDifference({ ...GOOD, usableFraction: 0.5 }).grade).toBe('green');
  expect(gradeDifference({ ...GOOD, usableFraction: 0.3 }).reasons).toEqual([
    'Only 30.0 % of the pixels can be used: the images hardly overlap, or many pixels are masked.',
  ]);
  expect(gradeDifference({ ...GOOD, usableFraction: 0.05 }).grade).toBe('red');
});

const KERNEL: KernelMetrics = {
  convolved: 'template',
  stampsUsed: 120,
  stampsRejected: 3,
  conditionNumber: 1e6,
  sum: 1,
  largestGain: 1,
  misfit: 0.8,
};

it('has nothing to say of a good kernel', () => {
  expect(gradeDifference({ ...GOOD, kernel: KERNEL })).toEqual({ grade: 'green', reasons: [] });
});

it.each([
  ['few stamps', { stampsUsed: 19 }, 'Only 19 stars'],
  ['a matrix that is nearly singular', { conditionNumber: 3e10 }, 'condition number 3e+10'],
  ['sharpening', { largestGain: 3.5 }, 'sharpens the template 3.5 times'],
])('warns of a kernel with %s, but leaves red to what it does to the stars', (_, change, words) => {
  const { grade, reasons } = gradeDifference({ ...GOOD, kernel: { ...KERNEL, ...change } });
  expect(grade).toBe('yellow');
  expect(reasons).toEqual([expect.stringContaining(words)]);
});

it('tells every number with where it should be, also of a good difference', () => {
  const checks = examineDifference({ ...GOOD, whiteness: 0.15, kernel: KERNEL });
  expect(checks.map(({ name }) => name)).toHaveLength(new Set(checks.map(({ name }) => name)).size);
  expect(checks.filter(({ grade }) => grade !== 'green')).toEqual([
    {
      name: 'Correlated noise',
      value: '0.15',
      accepted: 'up to 0.10',
      grade: 'yellow',
      sentence: 'Neighbouring pixels of the difference are correlated (0.15).',
    },
  ]);
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'Kernel condition', value: '1e+6', grade: 'green' }),
  );
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'Stars beyond 5 σ', value: '1 of 200', accepted: 'up to 2' }),
  );
});
