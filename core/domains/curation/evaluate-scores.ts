/** A score and what people say of the same candidate. */
export interface JudgedScore {
  /** 0..1, 1 = real. */
  readonly score: number;
  readonly isReal: boolean;
}

/** A share with the interval in which the true one lies nineteen times of twenty. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Everything that counts of a threshold: real and bogus, called real or not. */
export interface Confusion {
  readonly realCalledReal: number;
  readonly bogusCalledReal: number;
  readonly realCalledBogus: number;
  readonly bogusCalledBogus: number;
  /** Part of the real that is called real; absent without any. */
  readonly completeness?: Share | undefined;
  /** Part of what is called real that is real. */
  readonly purity?: Share | undefined;
}

/** A threshold and what comes of it. */
export interface ThresholdPoint {
  /** Called real from this score on. */
  readonly threshold: number;
  /** Part of the real called real: recall, true positive rate. */
  readonly completeness: Share;
  /** Part of the bogus called real: false positive rate. */
  readonly falseAlarms: Share;
  /** Precision. */
  readonly purity: Share;
}

/** Scores of a range beside how many of them were real. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanScore: number;
  readonly realShare: Share;
}

/** How good scores are, by what people say. */
export interface ScoreEvaluation {
  readonly real: number;
  readonly bogus: number;
  /** From the strictest threshold to the most lenient; empty unless there are both real and bogus ones. */
  readonly points: readonly ThresholdPoint[];
  /** Chance that a real one scores above a bogus one, and its error. */
  readonly rocArea?: { readonly value: number; readonly error: number } | undefined;
  readonly averagePrecision?: number | undefined;
  readonly calibration: readonly CalibrationBin[];
  /** Mean square of score minus truth. */
  readonly brier?: number | undefined;
  /** Expected calibration error: |mean score - share of real| over the bins, weighted by their numbers. */
  readonly calibrationError?: number | undefined;
}

const CALIBRATION_BINS = 10;
/** Thresholds told at most; more are not seen on any screen. */
const MOST_POINTS = 240;
/** Sigmas of 95 %. */
const Z = 1.959963984540054;

/**
 * Estimate a share from counts, with its 95 % interval.
 *
 * @param of above 0.
 * @see Wilson 1927, JASA 22, 209
 */
export function estimateShare(count: number, of: number): Share {
  const value = count / of;
  const spread = Z * Math.sqrt((value * (1 - value)) / of + (Z * Z) / (4 * of * of));
  const middle = value + (Z * Z) / (2 * of);
  const scale = 1 + (Z * Z) / of;
  // Rounding must not push an end past what a share can be, nor past the share itself.
  return {
    value,
    low: count === 0 ? 0 : Math.max(0, (middle - spread) / scale),
    high: count === of ? 1 : Math.min(1, (middle + spread) / scale),
  };
}

/** Count what a threshold makes of judged scores. */
export function countConfusion(judged: readonly JudgedScore[], threshold: number): Confusion {
  const count = (isReal: boolean, isCalledReal: boolean): number =>
    judged.filter((one) => one.isReal === isReal && one.score >= threshold === isCalledReal).length;
  const [hits, misses] = [count(true, true), count(true, false)];
  const falseAlarms = count(false, true);
  return {
    realCalledReal: hits,
    bogusCalledReal: falseAlarms,
    realCalledBogus: misses,
    bogusCalledBogus: count(false, false),
    completeness: hits + misses > 0 ? estimateShare(hits, hits + misses) : undefined,
    purity: hits + falseAlarms > 0 ? estimateShare(hits, hits + falseAlarms) : undefined,
  };
}

/**
 * Measure how well scores tell real from bogus.
 *
 * Equal scores pass together, so no order among them is made up. Intervals are those of each point by itself.
 *
 * @see Hanley & McNeil 1982, Radiology 143, 29, eq. 1 (error of the area)
 * @see Guo et al. 2017, PMLR 70, 1321, eq. 3 (calibration error)
 */
export function evaluateScores(judged: readonly JudgedScore[]): ScoreEvaluation {
  const falling = [...judged].sort((a, b) => b.score - a.score);
  const real = falling.filter(({ isReal }) => isReal).length;
  const bogus = falling.length - real;
  const calibration = calibrate(falling);
  const base = {
    real,
    bogus,
    calibration,
    brier:
      falling.length > 0
        ? meanOf(falling.map(({ score, isReal }) => (score - Number(isReal)) ** 2))
        : undefined,
    calibrationError:
      falling.length > 0
        ? calibration.reduce(
            (sum, bin) => sum + bin.count * Math.abs(bin.meanScore - bin.realShare.value),
            0,
          ) / falling.length
        : undefined,
  };
  if (real === 0 || bogus === 0) return { ...base, points: [] };
  const points: ThresholdPoint[] = [];
  let [hits, alarms, area, averagePrecision] = [0, 0, 0, 0];
  for (let first = 0; first < falling.length; ) {
    const threshold = falling[first]!.score;
    const [hitsBefore, alarmsBefore] = [hits, alarms];
    let end = first;
    for (; end < falling.length && falling[end]!.score === threshold; end++)
      if (falling[end]!.isReal) hits++;
      else alarms++;
    first = end;
    area += (alarms - alarmsBefore) * (hits + hitsBefore) * 0.5;
    averagePrecision += ((hits - hitsBefore) / real) * (hits / (hits + alarms));
    points.push({
      threshold,
      completeness: estimateShare(hits, real),
      falseAlarms: estimateShare(alarms, bogus),
      purity: estimateShare(hits, hits + alarms),
    });
  }
  const value = area / (real * bogus);
  return {
    ...base,
    points: thin(points),
    rocArea: { value, error: errorOfArea(value, real, bogus) },
    averagePrecision,
  };
}

function errorOfArea(area: number, real: number, bogus: number): number {
  const both = area / (2 - area);
  const other = (2 * area * area) / (1 + area);
  const variance =
    area * (1 - area) + (real - 1) * (both - area * area) + (bogus - 1) * (other - area * area);
  return Math.sqrt(Math.max(0, variance) / (real * bogus));
}

function calibrate(judged: readonly JudgedScore[]): CalibrationBin[] {
  return Array.from({ length: CALIBRATION_BINS }, (_, k): CalibrationBin | undefined => {
    const [from, to] = [k / CALIBRATION_BINS, (k + 1) / CALIBRATION_BINS];
    // The last bin holds a score of 1.
    const own = judged.filter(
      ({ score }) => Math.min(CALIBRATION_BINS - 1, Math.floor(score * CALIBRATION_BINS)) === k,
    );
    if (own.length === 0) return undefined;
    return {
      from,
      to,
      count: own.length,
      meanScore: meanOf(own.map(({ score }) => score)),
      realShare: estimateShare(own.filter(({ isReal }) => isReal).length, own.length),
    };
  }).filter((bin) => bin !== undefined);
}

function thin(points: readonly ThresholdPoint[]): readonly ThresholdPoint[] {
  if (points.length <= MOST_POINTS) return points;
  return Array.from(
    { length: MOST_POINTS },
    (_, k) => points[Math.round((k * (points.length - 1)) / (MOST_POINTS - 1))]!,
  );
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
