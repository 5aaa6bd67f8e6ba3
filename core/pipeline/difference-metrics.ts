import type { DifferenceMetrics } from '../domains/differencing/index.ts';

/** Put the kernel's numbers beside the others, for a row holds numbers only. */
export function flattenMetrics({
  kernel,
  usableFraction,
  ...others
}: DifferenceMetrics): Readonly<Record<string, number>> {
  const numbers = usableFraction === undefined ? others : { ...others, usableFraction };
  if (kernel === undefined) return numbers;
  return {
    ...numbers,
    kernelConvolvesScience: kernel.convolved === 'science' ? 1 : 0,
    kernelStampsUsed: kernel.stampsUsed,
    kernelStampsRejected: kernel.stampsRejected,
    kernelConditionNumber: kernel.conditionNumber,
    kernelSum: kernel.sum,
    kernelLargestGain: kernel.largestGain,
    kernelMisfit: kernel.misfit,
  };
}

/** What a grade cannot be told without. */
const NEEDED = [
  'scorrMadStd',
  'scorrMedian',
  'whiteness',
  'starsTested',
  'kernelStarsBeyond5Sigma',
  'modelError',
  'fluxRatioScatter',
  'fluxRatioStars',
  'psfStarsScience',
  'psfStarsTemplate',
] as const;

/** Read metrics back from a row: the inverse of `flattenMetrics`; `undefined` where the row has not the numbers of a grade. */
export function readMetrics(row: Readonly<Record<string, number | string>>): DifferenceMetrics | undefined {
  if (NEEDED.some((name) => typeof row[name] !== 'number')) return undefined;
  const numbers = row as Readonly<Record<string, number>>;
  const { kernelConvolvesScience, kernelStampsUsed, kernelStampsRejected, kernelConditionNumber } = numbers;
  const { kernelSum, kernelLargestGain, kernelMisfit, method: _method, ...rest } = numbers;
  const plain = Object.fromEntries(
    Object.entries(rest).filter(([name]) => !/^kernel(?!StarsBeyond)/.test(name)),
  ) as unknown as DifferenceMetrics;
  if (kernelStampsUsed === undefined) return plain;
  return {
    ...plain,
    kernel: {
      convolved: kernelConvolvesScience === 1 ? 'science' : 'template',
      stampsUsed: kernelStampsUsed,
      stampsRejected: kernelStampsRejected ?? 0,
      conditionNumber: kernelConditionNumber ?? Number.NaN,
      sum: kernelSum ?? Number.NaN,
      largestGain: kernelLargestGain ?? Number.NaN,
      misfit: kernelMisfit ?? Number.NaN,
    },
  };
}
