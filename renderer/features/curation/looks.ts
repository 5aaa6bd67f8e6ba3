import type { Display } from '../../viewer/index.ts';

/** One way of looking at a triplet. */
export interface Look {
  readonly name: string;
  readonly cutout: Display;
  /** Science and template share the limits that zscale finds; otherwise each has its own. */
  readonly sharesLimits: boolean;
  readonly difference: Display;
}

const NEUTRAL = { stretch: 'linear', colormap: 'grey', invert: false, contrast: 1, bias: 0.5 } as const;

/** From faint to bright, as V goes through them. */
export const LOOKS: readonly Look[] = [
  {
    name: 'faint',
    cutout: { ...NEUTRAL, limits: { kind: 'zscale' } },
    sharesLimits: true,
    difference: { ...NEUTRAL, limits: { kind: 'symmetric', sigmas: 5 } },
  },
  {
    name: 'bright',
    cutout: { ...NEUTRAL, stretch: 'asinh', limits: { kind: 'percentile', percent: 99.5 } },
    sharesLimits: false,
    difference: { ...NEUTRAL, limits: { kind: 'symmetric', sigmas: 20 } },
  },
  {
    name: 'full range',
    cutout: { ...NEUTRAL, stretch: 'log', limits: { kind: 'minmax' } },
    sharesLimits: false,
    difference: { ...NEUTRAL, colormap: 'diverging', limits: { kind: 'symmetric', sigmas: 100 } },
  },
];
