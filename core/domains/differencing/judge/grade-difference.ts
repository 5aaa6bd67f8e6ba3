import type { DifferenceGrade, DifferenceMetrics, KernelMetrics } from '../model.ts';

/** A number, where it should be, and what to say where it is not. */
interface Check {
  readonly off: number;
  readonly sentence: string;
}

/**
 * Grade a difference by its own numbers: green as accepted, yellow up to twice as far off, red beyond.
 *
 * @returns the worst grade of all checks, and a sentence for each that is not green.
 */
export function gradeDifference(metrics: DifferenceMetrics): {
  readonly grade: DifferenceGrade;
  readonly reasons: readonly string[];
} {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const badStars = Math.round(metrics.kernelStarsBeyond5Sigma * metrics.starsTested);
  // One star in a handful is chance; a hundredth is the limit where there are hundreds.
  const allowedStars = Math.max(1, 0.01 * metrics.starsTested);
  const checks: Check[] = [
    {
      off: Math.abs(metrics.scorrMadStd - 1) / 0.15,
      sentence: `The score image scattered by ${metrics.scorrMadStd.toFixed(2)} instead of 1 before it was rescaled: the noise model does not fit these images (check gain and read noise).`,
    },
    {
      off: Math.abs(metrics.scorrMedian) / 0.1,
      sentence: `The score image has a median of ${metrics.scorrMedian.toFixed(2)} sigma instead of 0: background is left.`,
    },
    {
      off: badStars / allowedStars,
      sentence: `${badStars} of ${metrics.starsTested} constant stars left more than 5 sigma: point-spread functions or registration do not fit.`,
    },
    {
      off: metrics.modelError / 0.03,
      sentence: `Constant stars leave ${percent(metrics.modelError)} of their light: changes of bright stars below ${percent(5 * metrics.modelError)} are not seen.`,
    },
    {
      off: metrics.whiteness / 0.1,
      sentence: `Neighbouring pixels of the difference are correlated (${metrics.whiteness.toFixed(2)}).`,
    },
    {
      off: metrics.fluxRatioScatter / 0.05,
      sentence: `The flux ratio scatters by ${percent(metrics.fluxRatioScatter)} from star to star: different filters, clouds or a bad flat field.`,
    },
    {
      off: metrics.psfStarsScience < 5 ? 1.5 : 0,
      sentence: `Only ${metrics.psfStarsScience} stars of the science image shape its point-spread function.`,
    },
    {
      off: metrics.psfStarsTemplate < 5 ? 1.5 : 0,
      sentence: `Only ${metrics.psfStarsTemplate} stars of the template shape its point-spread function.`,
    },
    {
      off: metrics.fluxRatioStars < 3 ? 1.5 : 0,
      sentence: `Only ${metrics.fluxRatioStars} stars in common tell the flux ratio.`,
    },
  ];
  if (metrics.kernel) checks.push(...checkKernel(metrics.kernel));
  const reasons = checks.filter((check) => check.off > 1).map((check) => check.sentence);
  const worst = Math.max(...checks.map((check) => check.off));
  return { grade: worst > 2 ? 'red' : worst > 1 ? 'yellow' : 'green', reasons };
}

/** LSST's limits of stamps and of the spatial fit's condition; warnings, for what a bad kernel leaves is measured above. */
function checkKernel(kernel: KernelMetrics): readonly Check[] {
  return [
    {
      off: kernel.stampsUsed < 20 ? 1.5 : 0,
      sentence: `Only ${kernel.stampsUsed} stars tell the convolution kernel.`,
    },
    {
      off: kernel.conditionNumber > 1e10 ? 1.5 : 0,
      sentence: `The convolution kernel is poorly determined (condition number ${kernel.conditionNumber.toExponential(0)}).`,
    },
    {
      off: kernel.largestGain > 3 ? 1.5 : 0,
      sentence: `The convolution kernel sharpens the ${kernel.convolved} ${kernel.largestGain.toFixed(1)} times: neither image is the sharper one in all directions.`,
    },
  ];
}
