/** Half-width of the histogram, in clipped sigmas. */
const HISTOGRAM_SIGMAS = 5;
/** A bin should hold at least this many pixels near the mode. */
const MIN_PIXELS_AT_MODE = 4;
const MAX_LEVELS = 4096;
const histogram = new Int32Array(MAX_LEVELS);

/** Mode and standard deviation of the sky in one mesh. */
export interface MeshStatistics {
  readonly mode: number;
  readonly sigma: number;
}

/**
 * Estimate the mode and noise of sky pixels that sources have skewed.
 *
 * Clips once at two sigma, histograms the pixels, then clips the histogram at three sigma about its median
 * to convergence. The mode is 2.5 median - 1.5 mean, or the median where the two differ by over 0.3 sigma.
 *
 * Intermediate results are rounded to single precision, because which bin a pixel falls in depends on it.
 *
 * @param pixels finite values; the first `count` are read.
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 3.1.
 */
export function estimateMeshStatistics(pixels: Float32Array, count: number): MeshStatistics {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = pixels[i]!;
    sum += value;
    squares += value * value;
  }
  let mean = sum / count;
  let sigma = Math.sqrt(Math.max(0, squares / count - mean * mean));
  const low = Math.fround(mean - 2 * sigma);
  const high = Math.fround(mean + 2 * sigma);
  let kept = 0;
  sum = 0;
  squares = 0;
  for (let i = 0; i < count; i++) {
    const value = pixels[i]!;
    if (value < low || value > high) continue;
    sum += value;
    squares += value * value;
    kept++;
  }
  if (kept === 0) return { mode: mean, sigma };
  mean = sum / kept;
  sigma = Math.sqrt(Math.max(0, squares / kept - mean * mean));
  if (!(sigma > 0)) return { mode: mean, sigma: 0 };

  const perLevel = (Math.sqrt(2 / Math.PI) * HISTOGRAM_SIGMAS) / MIN_PIXELS_AT_MODE;
  const levels = Math.min(MAX_LEVELS, Math.floor(perLevel * kept + 1));
  const scale = Math.fround((2 * HISTOGRAM_SIGMAS * sigma) / levels);
  const zero = Math.fround(mean - HISTOGRAM_SIGMAS * sigma);
  const offset = Math.fround(0.499999 - Math.fround(zero / scale));
  histogram.fill(0, 0, levels);
  for (let i = 0; i < count; i++) {
    const bin = Math.fround(Math.fround(pixels[i]! / scale) + offset);
    if (bin > -1 && bin < levels) histogram[Math.trunc(bin)]!++;
  }
  const clipped = clipHistogram(levels, Math.fround(mean));
  const { median, mean: binMean, sigma: binSigma } = clipped;
  let mode = zero + binMean * scale;
  if (binSigma > 0) {
    mode =
      Math.abs((binMean - median) / binSigma) < 0.3
        ? zero + (2.5 * median - 1.5 * binMean) * scale
        : zero + median * scale;
  }
  return { mode, sigma: binSigma * scale };
}

/** Clip the histogram at three sigma about its median until sigma settles; results are in bins. */
function clipHistogram(levels: number, start: number): { median: number; mean: number; sigma: number } {
  const last = levels - 1;
  let low = 0;
  let high = last;
  let sigma = 10 * last;
  let previous = 1;
  let mean = start;
  let median = start;
  for (let round = 0; round < 100 && sigma >= 0.1 && Math.abs(sigma / previous - 1) > 1e-4; round++) {
    previous = sigma;
    let total = 0;
    let first = 0;
    let second = 0;
    // Two fingers walk towards each other, always the lighter side, until they meet at the median.
    let lowSum = 0;
    let highSum = 0;
    let lowFinger = low;
    let highFinger = high;
    for (let i = low; i <= high; i++) {
      if (lowSum < highSum) lowSum += histogram[lowFinger++]!;
      else highSum += histogram[highFinger--]!;
      const n = histogram[i]!;
      total += n;
      first += n * i;
      second += n * i * i;
    }
    if (highFinger >= 0) {
      const step = Math.max(histogram[lowFinger]!, histogram[highFinger]!);
      median = highFinger + 0.5 + (step > 0 ? (highSum - lowSum) / (2 * step) : 0);
    } else {
      median = 0;
    }
    mean = total > 0 ? first / total : first;
    sigma = total > 0 ? Math.sqrt(Math.max(0, second / total - mean * mean)) : 0;
    const lower = median - 3 * sigma;
    const upper = median + 3 * sigma;
    low = lower > 0 ? Math.floor(lower + 0.5) : 0;
    high = upper < last ? Math.trunc(upper > 0 ? upper + 0.5 : upper - 0.5) : last;
  }
  return { median, mean, sigma };
}
