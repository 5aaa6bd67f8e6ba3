import type { ScoreCounts } from '../../../core/api/contract/index.ts';

/** What lies at or above a threshold. */
export interface AboveThreshold {
  readonly all: number;
  readonly real: number;
  readonly bogus: number;
  readonly unlabelled: number;
  /** Of the real, the share kept; `undefined` without a label. */
  readonly completeness: number | undefined;
  /** Of what is kept and labelled, the share that is real. */
  readonly purity: number | undefined;
}

/** Count what lies at or above a threshold; steps of score are taken whole. */
export function countAbove(counts: ScoreCounts, threshold: number): AboveThreshold {
  const from = Math.min(counts.bins, Math.ceil(threshold * counts.bins - 1e-9));
  const [real, bogus, unsure, unlabelled] = [counts.real, counts.bogus, counts.unsure, counts.unlabelled].map(
    (bins) => sum(bins.slice(from)),
  ) as [number, number, number, number];
  const allReal = sum(counts.real);
  return {
    all: real + bogus + unsure + unlabelled,
    real,
    bogus,
    unlabelled,
    completeness: allReal === 0 ? undefined : real / allReal,
    purity: real + bogus === 0 ? undefined : real / (real + bogus),
  };
}

/** How often a range of scores is real. */
export interface CalibrationBin {
  /** Mean score of the labelled in it. */
  readonly score: number;
  readonly realShare: number;
  /** Central 68 % interval of the share (Wilson). */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The share of real in ten ranges of score; ranges without labels are left out. @see Wilson 1927, JASA 22, 209 */
export function calibrate(counts: ScoreCounts, ranges = 10): readonly CalibrationBin[] {
  const width = counts.bins / ranges;
  return Array.from({ length: ranges }, (_, range) => {
    const inRange = (bins: readonly number[]) => bins.slice(range * width, (range + 1) * width);
    const real = sum(inRange(counts.real));
    const count = real + sum(inRange(counts.bogus));
    const labelled = inRange(counts.real).map((n, i) => n + inRange(counts.bogus)[i]!);
    const score = sum(labelled.map((n, i) => n * (range * width + i + 0.5))) / (count * counts.bins);
    const share = real / count;
    // One sigma: z = 1.
    const centre = (share + 1 / (2 * count)) / (1 + 1 / count);
    const half = Math.sqrt((share * (1 - share)) / count + 1 / (4 * count * count)) / (1 + 1 / count);
    return {
      score,
      realShare: share,
      low: Math.max(0, centre - half),
      high: Math.min(1, centre + half),
      count,
    };
  }).filter(({ count }) => count > 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
