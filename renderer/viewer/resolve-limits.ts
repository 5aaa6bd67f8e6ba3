import { percentileOf } from './measure-plane.ts';
import type { Limits, LimitsMode, PlaneStatistics } from './model.ts';

/**
 * Turn a way of choosing limits into the limits of one plane.
 *
 * Always finite with `hi > lo`: an image of one value gets a range around that value, an image
 * without finite pixels 0..1.
 */
export function resolveLimits(mode: LimitsMode, statistics: PlaneStatistics): Limits {
  return widen(choose(mode, statistics));
}

/** Name a way of choosing limits in the fewest words. */
export function describeLimitsMode(mode: LimitsMode): string {
  switch (mode.kind) {
    case 'zscale':
      return 'zscale';
    case 'minmax':
      return 'min–max';
    case 'percentile':
      return `${mode.percent} %`;
    case 'user':
      return 'user';
    case 'symmetric':
      return `±${mode.sigmas} σ`;
  }
}

function choose(mode: LimitsMode, statistics: PlaneStatistics): Limits {
  switch (mode.kind) {
    case 'zscale':
      return statistics.zscale;
    case 'minmax':
      return { lo: statistics.min, hi: statistics.max };
    case 'percentile': {
      const tail = (100 - mode.percent) / 2;
      return {
        lo: percentileOf(statistics.sortedSample, tail),
        hi: percentileOf(statistics.sortedSample, 100 - tail),
      };
    }
    case 'user':
      return { lo: mode.lo, hi: mode.hi };
    case 'symmetric': {
      // A plane that is zero nearly everywhere has no sigma: its largest pixel sets the range.
      const reach =
        statistics.sigma > 0
          ? mode.sigmas * statistics.sigma
          : Math.max(Math.abs(statistics.min), Math.abs(statistics.max));
      return { lo: -reach, hi: reach };
    }
  }
}

function widen({ lo, hi }: Limits): Limits {
  if (!Number.isFinite(lo) || !Number.isFinite(hi)) return { lo: 0, hi: 1 };
  if (hi > lo) return { lo, hi };
  const margin = Math.max(Math.abs(lo) * 1e-3, 0.5);
  return { lo: lo - margin, hi: lo + margin };
}
