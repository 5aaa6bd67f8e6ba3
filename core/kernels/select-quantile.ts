import { allocate, borrow, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Statistics of what sigma clipping leaves. */
export interface ClippedStatistics {
  readonly mean: number;
  readonly median: number;
  /** About the mean, divisor n. */
  readonly std: number;
  /** Values left. */
  readonly count: number;
}

/** How to clip. */
export interface ClipOptions {
  /** Standard deviations kept on either side of the median; default 3. */
  readonly sigma?: number | undefined;
  /** Most rounds of clipping; default 100, which in practice is until nothing more is clipped. */
  readonly iterations?: number | undefined;
}

/** Find the median; the mean of the middle two for an even count. NaN is left out; NaN when nothing is left. */
export function selectMedian(data: Float32Array): number {
  return selectQuantile(data, 0.5);
}

/**
 * Find a quantile exactly, interpolating linearly between neighbours as NumPy does. NaN is left out.
 *
 * `data` is not changed.
 *
 * @param fraction 0 (least) to 1 (greatest).
 * @returns NaN when there are no numbers.
 * @throws RangeError for a fraction outside 0..1.
 */
export function selectQuantile(data: Float32Array, fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`A quantile lies in 0..1, not at ${fraction}.`);
  return withArena(() => quantileAt(borrow(data), data.length, fraction, 0, 0));
}

/**
 * Estimate the standard deviation of a normal core: 1.4826 times the median absolute deviation from the median.
 *
 * NaN is left out; NaN when nothing is left.
 */
export function madStandardDeviation(data: Float32Array): number {
  return withArena(() => {
    const from = borrow(data);
    return deviationFrom(from, data.length, quantileAt(from, data.length, 0.5, 0, 0));
  });
}

/** The core of a distribution with tails. */
export interface Core {
  readonly median: number;
  /** 1.4826 times the median absolute deviation from the median. */
  readonly deviation: number;
  /** Mean of what lies near the median. */
  readonly mean: number;
}

/** So much of a deviation the medians and deviations of two samples of a few thousand differ by, at most, by chance. */
const MEDIANS_DIFFER = 0.08;
const DEVIATIONS_DIFFER = 0.05;

/**
 * Average what lies within some standard deviations of the median, by the median absolute deviation.
 *
 * The mean of the core is more precise than the median, and as robust once the tails are cut. The sum is float64, in the
 * order of the data. NaN is left out; all is NaN when nothing is left.
 *
 * @param like the core of a neighbouring sample, where one is known: if this one is like it, it is found sooner.
 */
export function measureCore(data: Float32Array, deviations: number, like?: Core): Core {
  return withArena(() => {
    // Asked for once: where the memory grows, a view of it is empty afterwards.
    const { length } = data;
    const from = borrow(data);
    const median = quantileAt(
      from,
      length,
      0.5,
      0,
      0,
      like && {
        value: like.median,
        slack: MEDIANS_DIFFER * like.deviation,
      },
    );
    const deviation = deviationFrom(from, length, median, like);
    const mean = kernelModule().meanWithin(from, length, median, deviations * deviation);
    return { median, deviation, mean };
  });
}

/**
 * Clip values beyond `sigma` standard deviations from the median, again and again, and measure the rest.
 *
 * Sums are float64. NaN is left out from the start; mean, median and std are NaN when nothing is left.
 */
export function sigmaClippedStatistics(data: Float32Array, options: ClipOptions = {}): ClippedStatistics {
  return withArena(() => {
    const from = borrow(data);
    const sorted = allocate(data.length * 4);
    const other = allocate(data.length * 4);
    const histograms = allocate(3 * 8192);
    const result = allocate(32);
    const module = kernelModule();
    module.clipSigma(
      from,
      data.length,
      options.sigma ?? 3,
      options.iterations ?? 100,
      sorted,
      other,
      histograms,
      result,
    );
    const [mean, median, std, count] = new Float64Array(module.memory.buffer, result, 4);
    return { mean: mean!, median: median!, std: std!, count: count! };
  });
}

/** Where a number is thought to lie. */
interface Guess {
  readonly value: number;
  readonly slack: number;
}

/** Standard deviation over the median absolute deviation of a normal distribution. */
const STD_PER_MAD = 1.482602218505602;

function deviationFrom(from: number, length: number, centre: number, like?: Core): number {
  const guess = like && {
    value: like.deviation / STD_PER_MAD,
    slack: DEVIATIONS_DIFFER * like.deviation,
  };
  return STD_PER_MAD * quantileAt(from, length, 0.5, centre, 1, guess);
}

function quantileAt(
  from: number,
  length: number,
  fraction: number,
  centre: number,
  distances: 0 | 1,
  guess?: Guess,
): number {
  const module = kernelModule();
  const count = module.countNumbers(from, length);
  if (count === 0) return Number.NaN;
  const histogram = allocate(8192);
  const position = fraction * (count - 1);
  const rank = Math.floor(position);
  const room = (length >> 2) + 1024;
  const between = allocate(room * 4);
  const low = guess
    ? module.selectBetween(
        from,
        length,
        rank,
        centre,
        distances,
        guess.value - guess.slack,
        guess.value + guess.slack,
        histogram,
        between,
        room,
      )
    : module.selectRank(from, length, rank, centre, distances, histogram, between, room);
  if (position === rank) return low;
  const high = module.nextRank(from, length, rank, low, centre, distances);
  return low === high ? low : low + (high - low) * (position - rank);
}
