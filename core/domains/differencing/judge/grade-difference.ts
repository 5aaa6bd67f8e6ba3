import type { DifferenceGrade, DifferenceMetrics, KernelMetrics } from '../model.ts';

/** One number of a difference, where it should be, and what it means. */
export interface GradeCheck {
  /** What is measured, in the fewest words. */
  readonly name: string;
  /** The number with its unit, and where it should be, as a person reads them. */
  readonly value: string;
  readonly accepted: string;
  readonly grade: DifferenceGrade;
  /** What follows from the number. */
  readonly sentence: string;
}

/** A check before it is graded: how far off it is in units of what is accepted. */
interface Measured extends Omit<GradeCheck, 'grade'> {
  readonly off: number;
}

/**
 * Grade a difference by its own numbers: green as accepted, yellow up to twice as far off, red beyond.
 *
 * What could not be measured is red: nothing says that it is right.
 *
 * @returns the worst grade of all checks, and a sentence for each that is not green.
 */
export function gradeDifference(metrics: DifferenceMetrics): {
  readonly grade: DifferenceGrade;
  readonly reasons: readonly string[];
} {
  const checks = examineDifference(metrics);
  const has = (grade: DifferenceGrade) => checks.some((check) => check.grade === grade);
  return {
    grade: has('red') ? 'red' : has('yellow') ? 'yellow' : 'green',
    reasons: checks.filter(({ grade }) => grade !== 'green').map(({ sentence }) => sentence),
  };
}

/** Hold every number of a difference against where it should be; those that are right are told too. */
export function examineDifference(metrics: DifferenceMetrics): readonly GradeCheck[] {
  const checks = [
    ...checkScore(metrics),
    ...checkCoverage(metrics),
    ...checkStars(metrics),
    ...(metrics.kernel ? checkKernel(metrics.kernel) : []),
  ];
  return checks.map(({ off, ...check }) => ({
    ...check,
    grade: off <= 1 ? 'green' : off <= 2 ? 'yellow' : 'red',
  }));
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function checkScore({ scorrMadStd, scorrMedian, whiteness }: DifferenceMetrics): readonly Measured[] {
  return [
    check(
      {
        name: 'Score noise',
        value: `${scorrMadStd.toFixed(2)} σ`,
        accepted: '0.85 to 1.15',
        off: Math.abs(scorrMadStd - 1) / 0.15,
      },
      `The noise model fits: the score image scattered by ${scorrMadStd.toFixed(2)} before it was rescaled.`,
      `The score image scattered by ${scorrMadStd.toFixed(2)} instead of 1 before it was rescaled: ${
        scorrMadStd < 1
          ? 'the template may contain this exposure, or sky that slopes counts as noise (check gain and read noise, too)'
          : 'the noise model does not fit these images (check gain and read noise)'
      }.`,
    ),
    check(
      {
        name: 'Score level',
        value: `${scorrMedian.toFixed(2)} σ`,
        accepted: '±0.1 σ',
        off: Math.abs(scorrMedian) / 0.1,
      },
      'No background is left: the score image lies at zero.',
      `The score image has a median of ${scorrMedian.toFixed(2)} sigma instead of 0: background is left.`,
    ),
    check(
      {
        name: 'Correlated noise',
        value: whiteness.toFixed(2),
        accepted: 'up to 0.10',
        off: whiteness / 0.1,
      },
      'The noise of the difference is white.',
      `Neighbouring pixels of the difference are correlated (${whiteness.toFixed(2)}).`,
    ),
  ];
}

/** LSST subtracts where a tenth of the image has a template. */
function checkCoverage({ usableFraction }: DifferenceMetrics): readonly Measured[] {
  if (usableFraction === undefined) return [];
  const value = percent(usableFraction);
  return [
    check(
      {
        name: 'Usable pixels',
        value,
        accepted: 'from 50 %',
        off: usableFraction >= 0.5 ? 0 : usableFraction >= 0.1 ? 1.5 : 3,
      },
      `${value} of the pixels can be used.`,
      `Only ${value} of the pixels can be used: the images hardly overlap, or many pixels are masked.`,
    ),
  ];
}

function checkStars(metrics: DifferenceMetrics): readonly Measured[] {
  const { starsTested, modelError, fluxRatioScatter, fluxRatioStars } = metrics;
  const badStars = Math.round(metrics.kernelStarsBeyond5Sigma * starsTested);
  // One star in a handful is chance; a hundredth is the limit where there are hundreds.
  const allowedStars = Math.max(1, 0.01 * starsTested);
  return [
    check(
      {
        name: 'Stars beyond 5 σ',
        value: `${badStars} of ${starsTested}`,
        accepted: `up to ${Math.floor(allowedStars)}`,
        off: starsTested > 0 ? badStars / allowedStars : 1.5,
      },
      'Constant stars subtract away: profiles and registration fit.',
      starsTested === 0
        ? 'No constant star could be looked at: whether stars subtract away is not known.'
        : `${badStars} of ${starsTested} constant stars left more than 5 sigma: point-spread functions or registration do not fit.`,
    ),
    check(
      {
        name: 'Light stars leave',
        value: percent(modelError),
        accepted: 'up to 3 %',
        off: modelError / 0.03,
      },
      `Constant stars leave ${percent(modelError)} of their light, which the score allows for.`,
      `Constant stars leave ${percent(modelError)} of their light: changes of bright stars below ${percent(5 * modelError)} are not seen.`,
    ),
    check(
      {
        name: 'Flux ratio scatter',
        value: percent(fluxRatioScatter),
        accepted: 'up to 5 %',
        off: fluxRatioScatter / 0.05,
      },
      'The stars agree on one flux ratio.',
      `The flux ratio scatters by ${percent(fluxRatioScatter)} from star to star: different filters, clouds or a bad flat field.`,
    ),
    countStars(
      'Science PSF',
      metrics.psfStarsScience,
      5,
      'of the science image shape its point-spread function.',
    ),
    countStars(
      'Template PSF',
      metrics.psfStarsTemplate,
      5,
      'of the template shape its point-spread function.',
    ),
    countStars('Flux ratio', fluxRatioStars, 3, 'in common tell the flux ratio.', 3),
  ];
}

/** LSST's limits of stamps and of the spatial fit's condition; warnings, for what a bad kernel leaves is measured above. */
function checkKernel(kernel: KernelMetrics): readonly Measured[] {
  const { stampsUsed, stampsRejected, conditionNumber, largestGain, convolved } = kernel;
  const condition = conditionNumber.toExponential(0);
  return [
    countStars(
      'Kernel stamps',
      stampsUsed,
      20,
      `tell the convolution kernel${stampsRejected > 0 ? `; ${stampsRejected} did not fit` : ''}.`,
    ),
    check(
      {
        name: 'Kernel condition',
        value: condition,
        accepted: 'up to 1e+10',
        off: conditionNumber > 1e10 ? 1.5 : 0,
      },
      'The stamps determine the convolution kernel well.',
      `The convolution kernel is poorly determined (condition number ${condition}).`,
    ),
    check(
      {
        name: 'Kernel sharpening',
        value: `${largestGain.toFixed(1)} times`,
        accepted: 'up to 3',
        off: largestGain > 3 ? 1.5 : 0,
      },
      `The kernel blurs the ${convolved}, as it should.`,
      `The convolution kernel sharpens the ${convolved} ${largestGain.toFixed(1)} times: neither image is the sharper one in all directions.`,
    ),
  ];
}

/** @param off of fewer than needed. */
function countStars(name: string, count: number, needed: number, what: string, off = 1.5): Measured {
  return check(
    { name, value: `${count} stars`, accepted: `${needed} or more`, off: count >= needed ? 0 : off },
    `${count} stars ${what}`,
    `Only ${count} stars ${what}`,
  );
}

function check(measured: Omit<Measured, 'sentence'>, right: string, wrong: string): Measured {
  return { ...measured, sentence: measured.off <= 1 ? right : wrong };
}
