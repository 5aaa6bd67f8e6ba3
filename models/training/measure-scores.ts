/** One scored example of a test set. */
export interface Scored {
  readonly score: number;
  readonly isReal: boolean;
}

/** How well scores tell real from bogus. */
export interface ScoreMetrics {
  readonly real: number;
  readonly bogus: number;
  /** Area under the ROC curve, 0.5..1. */
  readonly rocAuc: number;
  /** Area under the precision-recall curve (average precision). */
  readonly averagePrecision: number;
  /** Share of bogus kept at the threshold that keeps 99 % of the real ones. */
  readonly falsePositiveRateAt99: number;
  /** Expected calibration error over ten bins of equal width. */
  readonly calibrationError: number;
}

/** Shares at one threshold. */
export interface ThresholdMetrics {
  readonly threshold: number;
  /** Real examples kept. */
  readonly completeness: number;
  /** Real among the kept. */
  readonly purity: number;
  /** Bogus kept. */
  readonly falsePositiveRate: number;
}

/** Measure the threshold-free metrics. */
export function measureScores(scored: readonly Scored[]): ScoreMetrics {
  const sorted = [...scored].sort((a, b) => b.score - a.score);
  const real = sorted.filter((s) => s.isReal).length;
  const bogus = sorted.length - real;
  let seenReal = 0;
  let seenBogus = 0;
  let pairs = 0;
  let precisionSum = 0;
  let falsePositiveRateAt99 = 1;
  for (let i = 0; i < sorted.length; ) {
    // Ties count as one step.
    let j = i;
    let tiedReal = 0;
    while (j < sorted.length && sorted[j]!.score === sorted[i]!.score) {
      if (sorted[j]!.isReal) tiedReal++;
      j++;
    }
    const tiedBogus = j - i - tiedReal;
    pairs += tiedBogus * (seenReal + tiedReal / 2);
    const before = seenReal;
    seenReal += tiedReal;
    seenBogus += tiedBogus;
    precisionSum += tiedReal * (seenReal / j);
    if (before < 0.99 * real && seenReal >= 0.99 * real) falsePositiveRateAt99 = seenBogus / bogus;
    i = j;
  }
  return {
    real,
    bogus,
    rocAuc: pairs / (real * bogus),
    averagePrecision: precisionSum / real,
    falsePositiveRateAt99,
    calibrationError: measureCalibration(scored),
  };
}

/** Measure the shares at a threshold. */
export function measureThreshold(scored: readonly Scored[], threshold: number): ThresholdMetrics {
  const kept = scored.filter((s) => s.score >= threshold);
  const keptReal = kept.filter((s) => s.isReal).length;
  const real = scored.filter((s) => s.isReal).length;
  return {
    threshold,
    completeness: keptReal / real,
    purity: kept.length > 0 ? keptReal / kept.length : 1,
    falsePositiveRate: (kept.length - keptReal) / Math.max(1, scored.length - real),
  };
}

function measureCalibration(scored: readonly Scored[]): number {
  let error = 0;
  for (let bin = 0; bin < 10; bin++) {
    const inside = scored.filter((s) => Math.min(9, Math.floor(10 * s.score)) === bin);
    if (inside.length === 0) continue;
    const mean = inside.reduce((sum, s) => sum + s.score, 0) / inside.length;
    const share = inside.filter((s) => s.isReal).length / inside.length;
    error += (inside.length / scored.length) * Math.abs(mean - share);
  }
  return error;
}
