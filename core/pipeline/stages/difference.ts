import { holdTournament } from '../../domains/detection/index.ts';
import { differenceImages, type KernelMetrics } from '../../domains/differencing/index.ts';
import type { Stage } from '../stage.ts';

/** Subtract the registered template and grade the result. */
export const difference: Stage<'difference'> = {
  name: 'difference',
  keeps: 'everything',
  planes: [
    { path: 'difference', kind: 'difference', unit: 'e-' },
    { path: 'score', kind: 'score', unit: 'sigma' },
    { path: 'variance', kind: 'difference-variance', unit: 'e-^2' },
    { path: 'mask', kind: 'mask', unit: 'bits' },
  ],
  // Who wins a tournament depends on how stars are injected and detected.
  config: ({ differencing, detection, completeness }) =>
    differencing.method === 'auto' ? { differencing, detection, completeness } : differencing,
  run: async ({ need, config, ports, signal, report }) => {
    const { science } = await need('preprocess');
    const template = await need('register');
    if (config.differencing.method === 'auto') {
      report(0.1, 'subtracting with every engine, and injecting the same stars into each');
      return holdTournament(science, template, config, ports.tasks, { signal });
    }
    report(0.1, 'measuring PSFs and subtracting');
    return differenceImages(science, template, config.differencing, ports.tasks, { signal });
  },
  summarise: ({ grade, gradeReasons, metrics: { kernel, ...numbers }, method }) => {
    const metrics = { ...numbers, ...(kernel && flattenKernel(kernel)) };
    return {
      metrics,
      notes: gradeReasons.map((reason) => `difference graded ${grade}: ${reason}`),
      run: { grade, gradeReasons, difference: { method, ...metrics } },
    };
  },
};

/** The kernel's numbers beside the others, for a row holds numbers only. */
function flattenKernel({
  convolved,
  stampsUsed,
  stampsRejected,
  conditionNumber,
  sum,
  largestGain,
  misfit,
}: KernelMetrics) {
  return {
    kernelConvolvesScience: convolved === 'science' ? 1 : 0,
    kernelStampsUsed: stampsUsed,
    kernelStampsRejected: stampsRejected,
    kernelConditionNumber: conditionNumber,
    kernelSum: sum,
    kernelLargestGain: largestGain,
    kernelMisfit: misfit,
  };
}
