/** Bins of the middle of the histogram, where the sky is, and of each tail. */
const MIDDLE_BINS = 2 ** 18;
const TAIL_BINS = 2 ** 12;
/** Ranks kept for percentiles. */
const KEPT_RANKS = 65_536;

/** What is known of a plane when all its pixels were looked at. */
export interface SurveyedPlane {
  /** Of `means`: blocks across. */
  readonly columns: number;
  /** Mean of the finite pixels of each block; NaN where there are none. */
  readonly means: Float32Array<ArrayBuffer>;
  /** NaN when no pixel is finite. */
  readonly min: number;
  readonly max: number;
  readonly finiteCount: number;
  /** Finite pixels at equal steps of their rank, ascending: at most 65 536. */
  readonly ranks: Float32Array<ArrayBuffer>;
}

/**
 * Learns all that is to be known of a plane from its rows, a few at a time.
 *
 * Smallest, largest and number of finite pixels are exact. Ranks come from a histogram: its middle reaches fifty sigma
 * to either side of the median in 262 144 bins, so a percentile there is right to 0.0004 sigma; beyond it bins grow
 * with the distance, by 0.3 %. Blocks are averaged over their finite pixels: the level that the overview only sampled.
 */
export class PlaneSurvey {
  readonly #width: number;
  readonly #step: number;
  readonly #means: Float32Array<ArrayBuffer>;
  readonly #columns: number;
  readonly #lo: number;
  readonly #perUnit: number;
  readonly #middle = new Float64Array(MIDDLE_BINS);
  readonly #below = new Float64Array(TAIL_BINS);
  readonly #above = new Float64Array(TAIL_BINS);
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #finiteCount = 0;
  #row = 0;

  /** @param range the middle: fifty sigma to either side of the median, not empty. @param step side of the blocks that are averaged. */
  constructor(
    width: number,
    height: number,
    step: number,
    range: { readonly lo: number; readonly hi: number },
  ) {
    this.#width = width;
    this.#step = step;
    this.#columns = Math.ceil(width / step);
    this.#means = new Float32Array(this.#columns * Math.ceil(height / step));
    this.#lo = range.lo;
    this.#perUnit = MIDDLE_BINS / (range.hi - range.lo);
  }

  /** Take the next rows; a multiple of the step, but for the last. */
  add(pixels: Float32Array): void {
    const rows = pixels.length / this.#width;
    for (let y = 0; y < rows; y += this.#step) this.#addBlocks(pixels, y, Math.min(rows, y + this.#step));
  }

  #addBlocks(pixels: Float32Array, first: number, end: number): void {
    const { columns, width, step } = { columns: this.#columns, width: this.#width, step: this.#step };
    const sums = new Float64Array(columns);
    const counts = new Uint32Array(columns);
    for (let y = first; y < end; y++) {
      for (let column = 0, x = 0; column < columns; column++) {
        const last = Math.min(width, x + step);
        for (; x < last; x++) {
          const value = pixels[y * width + x]!;
          // What is not finite differs from itself.
          if (value - value !== 0) continue;
          sums[column]! += value;
          counts[column]!++;
          this.#count(value);
        }
      }
    }
    for (let column = 0; column < columns; column++)
      this.#means[this.#row * columns + column] =
        counts[column]! > 0 ? sums[column]! / counts[column]! : Number.NaN;
    this.#row++;
  }

  #count(value: number): void {
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#finiteCount++;
    const bin = (value - this.#lo) * this.#perUnit;
    if (bin >= 0 && bin < MIDDLE_BINS) this.#middle[bin | 0]!++;
    else if (bin < 0) this.#below[tailBin(-bin)]!++;
    else this.#above[tailBin(bin - MIDDLE_BINS)]!++;
  }

  /** What was learned. */
  finish(): SurveyedPlane {
    const finiteCount = this.#finiteCount;
    return {
      columns: this.#columns,
      means: this.#means,
      min: finiteCount > 0 ? this.#min : Number.NaN,
      max: finiteCount > 0 ? this.#max : Number.NaN,
      finiteCount,
      ranks: this.#ranks(),
    };
  }

  /** Values at equal steps of their rank, from the bins in order. */
  #ranks(): Float32Array<ArrayBuffer> {
    const count = Math.min(KEPT_RANKS, this.#finiteCount);
    const ranks = new Float32Array(count);
    if (count === 0) return ranks;
    const stride = count > 1 ? (this.#finiteCount - 1) / (count - 1) : 0;
    let kept = 0;
    let seen = 0;
    const pass = (inBin: number, from: number, to: number): void => {
      if (inBin === 0) return;
      const low = Math.max(from, this.#min);
      const high = Math.min(to, this.#max);
      for (; kept < count && kept * stride < seen + inBin - 1e-6; kept++)
        ranks[kept] = low + ((kept * stride - seen) / inBin) * (high - low);
      seen += inBin;
    };
    const at = (bin: number): number => this.#lo + bin / this.#perUnit;
    for (let i = TAIL_BINS - 1; i >= 0; i--) pass(this.#below[i]!, at(-tailEdge(i + 1)), at(-tailEdge(i)));
    for (let i = 0; i < MIDDLE_BINS; i++) pass(this.#middle[i]!, at(i), at(i + 1));
    for (let i = 0; i < TAIL_BINS; i++)
      pass(this.#above[i]!, at(MIDDLE_BINS + tailEdge(i)), at(MIDDLE_BINS + tailEdge(i + 1)));
    ranks[0] = this.#min;
    ranks[count - 1] = this.#max;
    return ranks.fill(this.#max, kept);
  }
}

/** Which tail bin a distance lies in: bins grow by 0.3 % of the distance. */
function tailBin(distance: number): number {
  return Math.min(TAIL_BINS - 1, Math.floor(Math.log1p(distance / MIDDLE_BINS) * BINS_PER_E));
}

function tailEdge(bin: number): number {
  return bin >= TAIL_BINS ? Number.POSITIVE_INFINITY : Math.expm1(bin / BINS_PER_E) * MIDDLE_BINS;
}

const BINS_PER_E = 330;
