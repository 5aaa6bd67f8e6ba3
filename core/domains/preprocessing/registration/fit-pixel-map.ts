import { AstridError } from '../../../utils/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import { SourceFlag } from '../measure-source.ts';
import type { PixelMap, PlaneMap, Source } from '../model.ts';
import { type Correspondences, countTerms, evaluatePlaneAt, fitPlane } from './fit-plane.ts';
import { mapPixels } from './map-pixels.ts';
import type { IndexPairs } from './verify-alignment.ts';

/** How a map is fitted to matched stars. */
export interface PixelMapConfig {
  /** Highest order of the polynomial, 1 to 4. Default 4. */
  readonly maxOrder: number;
  /** Stars farther from the map than this many sigma are left out. Default 3.5. */
  readonly clipSigma: number;
  /** Error of a perfect star's position, px: keeps the brightest few from deciding alone. Default 0.03. */
  readonly floorPx: number;
  /** Stars of the cleanest kind that suffice to leave all others aside. Default 30. */
  readonly enoughStars: number;
  /** Most stars used, brightest first. Default 1500. */
  readonly maxStars: number;
  /** Stars needed for each pair of coefficients. Default 3. */
  readonly starsPerTerm: number;
}

/** The defaults of `fitPixelMap`. */
export const DEFAULT_PIXEL_MAP: PixelMapConfig = {
  maxOrder: 4,
  clipSigma: 3.5,
  floorPx: 0.03,
  enoughStars: 30,
  maxStars: 1500,
  starsPerTerm: 3,
};

/** A fitted map and how well it fits. */
export interface PixelMapFit {
  readonly map: PixelMap;
  /** Order of the polynomial that the stars asked for; -1 when they asked for nothing beyond the start. */
  readonly order: number;
  /** Stars used, after clipping. */
  readonly matched: number;
  readonly rmsPx: number;
  readonly sigmaXPx: number;
  readonly sigmaYPx: number;
  readonly offsetXPx: number;
  readonly offsetYPx: number;
}

interface Fit {
  readonly order: number;
  /** Absent for the start itself. */
  readonly plane?: PlaneMap | undefined;
  /** Offsets of every star, template minus map. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

/** Parts into which the stars are divided to see how a map fares on stars it was not fitted to. */
const FOLDS = 5;

/**
 * Fit the map from science pixels to template pixels.
 *
 * Candidates, from the simplest: the start itself (the headers' coordinates, or a shift by whole pixels), the start
 * with a shift, an affine map, polynomials of order 2 to `maxOrder`. Each is fitted with weights from the stars'
 * errors, made robust by Tukey's biweight; five-fold cross-validation on robust losses ranks them, and the simplest
 * that is not worse than the best by more than one standard error wins: so a map never has more freedom than the
 * stars can prove. Orders above 1 also need stars over most of the common field, since polynomials run away beyond.
 *
 * @param start the headers' map; without one a polynomial alone is fitted.
 * @throws preprocessing/too-few-stars
 * @see Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, 7.10, for the one-standard-error rule
 */
export function fitPixelMap(
  science: readonly Source[],
  template: readonly Source[],
  pairs: IndexPairs,
  config: PixelMapConfig = DEFAULT_PIXEL_MAP,
  start?: Extract<PixelMap, { kind: 'wcs' }>,
): PixelMapFit {
  const chosen = chooseCleanest(science, template, pairs, config);
  if (chosen.science.length < 3)
    throw new AstridError(
      'preprocessing/too-few-stars',
      `Only ${chosen.science.length} stars are left to fit the map between the images; 3 are needed.`,
      { found: chosen.science.length, needed: 3 },
    );
  const from = chosen.science.map((k) => science[k]!);
  const to = chosen.template.map((k) => template[k]!);
  const x = Float64Array.from(from, (source) => source.xPx);
  const y = Float64Array.from(from, (source) => source.yPx);
  const u = Float64Array.from(to, (source) => source.xPx);
  const v = Float64Array.from(to, (source) => source.yPx);
  const errors = Float64Array.from(from, (source, k) =>
    Math.hypot(centroidError(source), centroidError(to[k]!), config.floorPx),
  );

  const shift = start === undefined ? wholeShift({ x, y, u, v }) : undefined;
  const base = start === undefined ? shift : mapPixels(start, x, y);
  const offsets: Correspondences | undefined = base && {
    x,
    y,
    u: u.map((value, k) => value - base.x[k]!),
    v: v.map((value, k) => value - base.y[k]!),
  };
  const points = start !== undefined && offsets !== undefined ? offsets : { x, y, u, v };
  const orders = candidateOrders(points, start !== undefined, config);
  const fits: Fit[] = offsets === undefined ? [] : [{ order: -1, dx: offsets.u, dy: offsets.v }];
  for (const order of orders) {
    const plane = fitRobustly(points, order, errors);
    if (plane !== undefined) fits.push({ order, plane, ...offsetsFrom(plane, points) });
  }
  if (fits.length === 0)
    throw new AstridError(
      'preprocessing/too-few-stars',
      `The ${x.length} matched stars lie on a line: they do not tell how the images lie on each other.`,
      { found: x.length },
    );
  const best = fits.length === 1 ? fits[0]! : chooseByCrossValidation(fits, points, offsets, errors);
  return { order: best.order, map: toMap(best, start, shift), ...summarise(best, errors, config) };
}

function toMap(
  fit: Fit,
  start: Extract<PixelMap, { kind: 'wcs' }> | undefined,
  shift: { readonly shiftX: number; readonly shiftY: number } | undefined,
): PixelMap {
  if (start !== undefined) return { ...start, correction: fit.plane };
  const plane = fit.plane ?? {
    order: 1,
    xMid: 0,
    yMid: 0,
    scalePx: 1,
    xCoefficients: [shift?.shiftX ?? 0, 1, 0],
    yCoefficients: [shift?.shiftY ?? 0, 0, 1],
  };
  return { kind: plane.order <= 1 ? 'affine' : 'polynomial', plane };
}

/**
 * Take the cleanest kind of star of which there are enough: unsaturated, uncut, of a star's size and bright; then
 * fainter; then of any size; then whatever matched. Deblended stars stay: in a crowded field they are the best there
 * are.
 */
function chooseCleanest(
  science: readonly Source[],
  template: readonly Source[],
  pairs: IndexPairs,
  { enoughStars, maxStars }: PixelMapConfig,
): IndexPairs {
  const isWhole = (source: Source): boolean =>
    (source.flags & (SourceFlag.SATURATED | SourceFlag.TRUNCATED)) === 0 &&
    (source.maskBits & UNUSABLE) === 0;
  // Pairs come brightest first: the first whole ones tell a star's size.
  const sizeOf = (sources: readonly Source[], indices: readonly number[]): number =>
    median(
      Float64Array.from(indices.filter((k) => isWhole(sources[k]!)).slice(0, 100), (k) => sources[k]!.fwhmPx),
    );
  const scienceSize = sizeOf(science, pairs.science);
  const templateSize = sizeOf(template, pairs.template);
  const isStar = (source: Source, size: number): boolean =>
    isWhole(source) && source.fwhmPx > 0.65 * size && source.fwhmPx < 1.5 * size;
  const kinds: ((source: Source, size: number) => boolean)[] = [
    (source, size) => isStar(source, size) && source.snr >= 20,
    (source, size) => isStar(source, size) && source.snr >= 10,
    (source) => isWhole(source) && source.snr >= 10,
    isWhole,
  ];
  const take = (kept: readonly number[]): IndexPairs => ({
    science: kept.slice(0, maxStars).map((at) => pairs.science[at]!),
    template: kept.slice(0, maxStars).map((at) => pairs.template[at]!),
  });
  for (const isKind of kinds) {
    const kept = pairs.science.flatMap((k, at) =>
      isKind(science[k]!, scienceSize) && isKind(template[pairs.template[at]!]!, templateSize) ? [at] : [],
    );
    if (kept.length >= enoughStars) return take(kept);
  }
  return take(Array.from(pairs.science.keys()));
}

/** Centroid error of a star under background noise, px: about 0.6 FWHM over its signal-to-noise. */
function centroidError(source: Source): number {
  const fwhmPx = Math.min(20, Math.max(1, source.fwhmPx || 1));
  return (0.6 * fwhmPx) / Math.max(1, source.snr);
}

/** The shift by whole pixels nearest to the median offset, if the images have one scale and orientation. */
function wholeShift(
  points: Correspondences,
): { x: Float64Array; y: Float64Array; shiftX: number; shiftY: number } | undefined {
  const { x, y, u, v } = points;
  const shiftX = Math.round(median(u.map((value, k) => value - x[k]!)));
  const shiftY = Math.round(median(v.map((value, k) => value - y[k]!)));
  const isNear = median(u.map((value, k) => Math.hypot(value - x[k]! - shiftX, v[k]! - y[k]! - shiftY))) < 1;
  if (!isNear) return undefined;
  return { x: x.map((value) => value + shiftX), y: y.map((value) => value + shiftY), shiftX, shiftY };
}

function candidateOrders(points: Correspondences, hasStart: boolean, config: PixelMapConfig): number[] {
  const orders: number[] = [];
  for (let order = hasStart ? 0 : 1; order <= config.maxOrder; order++) {
    const needed = order <= 1 ? countTerms(order) : config.starsPerTerm * countTerms(order);
    if (points.x.length < needed) break;
    if (order > 1 && spread(points, order + 1) < 0.6) break;
    orders.push(order);
  }
  return orders;
}

/** Share of the cells of a grid over the stars' own rectangle that hold a star. */
function spread({ x, y }: Correspondences, cells: number): number {
  const [xMin, xMax, yMin, yMax] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  const filled = new Set<number>();
  const cellOf = (value: number, low: number, high: number): number =>
    Math.min(cells - 1, Math.floor(((value - low) / Math.max(1e-9, high - low)) * cells));
  for (let k = 0; k < x.length; k++)
    filled.add(cellOf(x[k]!, xMin, xMax) + cells * cellOf(y[k]!, yMin, yMax));
  return filled.size / (cells * cells);
}

/** Iteratively reweighted least squares with Tukey's biweight at six sigma of the scatter seen. */
function fitRobustly(
  points: Correspondences,
  order: number,
  errors: Float64Array,
  isUsed?: (k: number) => boolean,
): PlaneMap | undefined {
  const prior = errors.map((error, k) => (isUsed === undefined || isUsed(k) ? 1 / (error * error) : 0));
  let weights: Float64Array = prior;
  let plane: PlaneMap | undefined;
  for (let round = 0; round < 12; round++) {
    const next = fitPlane(points, order, weights);
    if (next === undefined) return plane;
    plane = next;
    const { dx, dy } = offsetsFrom(plane, points);
    const ratios = dx.map((value, k) => Math.hypot(value, dy[k]!) / errors[k]!);
    const used = ratios.filter((_, k) => prior[k]! > 0);
    const scale = Math.max(0.1, median(used) / 1.18);
    weights = prior.map((value, k) => {
      const t = ratios[k]! / (6 * scale);
      return t < 1 ? value * (1 - t * t) ** 2 : 0;
    });
  }
  return plane;
}

function offsetsFrom(
  plane: PlaneMap,
  { x, y, u, v }: Correspondences,
): { dx: Float64Array; dy: Float64Array } {
  const mapped = evaluatePlaneAt(plane, x, y);
  return { dx: u.map((value, k) => value - mapped.x[k]!), dy: v.map((value, k) => value - mapped.y[k]!) };
}

/** Rank fits by what they say of stars they have not seen. */
function chooseByCrossValidation(
  fits: readonly Fit[],
  points: Correspondences,
  offsets: Correspondences | undefined,
  errors: Float64Array,
): Fit {
  const n = points.x.length;
  // The scatter of the freest fit sets the scale on which losses are cut.
  const freest = fits.at(-1)!;
  const scale = Math.max(
    0.1,
    median(freest.dx.map((value, k) => Math.hypot(value, freest.dy[k]!) / errors[k]!)) / 1.18,
  );
  const lossOf = (dx: number, dy: number, k: number): number =>
    Math.min(9, (dx * dx + dy * dy) / (errors[k]! * scale) ** 2);
  const losses = fits.map((fit) => {
    const loss = new Float64Array(n).fill(9);
    if (fit.plane === undefined) return loss.map((_, k) => lossOf(offsets!.u[k]!, offsets!.v[k]!, k));
    for (let fold = 0; fold < FOLDS; fold++) {
      // Pairs come brightest first: every fold gets stars of every brightness.
      const plane = fitRobustly(points, fit.order, errors, (k) => k % FOLDS !== fold);
      if (plane === undefined) continue;
      const { dx, dy } = offsetsFrom(plane, points);
      for (let k = fold; k < n; k += FOLDS) loss[k] = lossOf(dx[k]!, dy[k]!, k);
    }
    return loss;
  });
  const totals = losses.map((loss) => loss.reduce((sum, value) => sum + value, 0));
  const best = totals.indexOf(Math.min(...totals));
  for (let at = 0; at < best; at++) {
    const excess = losses[at]!.map((value, k) => value - losses[best]![k]!);
    const mean = excess.reduce((sum, value) => sum + value, 0) / n;
    const variance = excess.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
    if (mean <= Math.sqrt(variance / n)) return fits[at]!;
  }
  return fits[best]!;
}

/** Clip, and measure what is left. */
function summarise(
  { dx, dy }: Fit,
  errors: Float64Array,
  { clipSigma }: PixelMapConfig,
): Omit<PixelMapFit, 'map' | 'order'> {
  const ratios = dx.map((value, k) => Math.hypot(value, dy[k]!) / errors[k]!);
  const scale = median(ratios) / 1.18;
  const kept = Array.from(ratios.keys()).filter((k) => ratios[k]! <= clipSigma * Math.max(scale, 1e-6));
  const keptX = Float64Array.from(kept, (k) => dx[k]!);
  const keptY = Float64Array.from(kept, (k) => dy[k]!);
  // Weighted as the fit was: a faint star's own noise says nothing about the map.
  const weights = kept.map((k) => 1 / errors[k]! ** 2);
  const squares = kept.reduce((sum, k, at) => sum + weights[at]! * (dx[k]! ** 2 + dy[k]! ** 2), 0);
  // What the images do to each other, not the stars' own noise, shows in the best measured half.
  const limit = median(errors);
  const good = kept.filter((k) => errors[k]! <= limit);
  const sharpest = good.length >= 5 ? good : kept;
  return {
    matched: kept.length,
    rmsPx: Math.sqrt(squares / weights.reduce((sum, weight) => sum + weight, 0)),
    sigmaXPx: robustSigma(Float64Array.from(sharpest, (k) => dx[k]!)),
    sigmaYPx: robustSigma(Float64Array.from(sharpest, (k) => dy[k]!)),
    offsetXPx: median(keptX),
    offsetYPx: median(keptY),
  };
}

function robustSigma(values: Float64Array): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

function median(values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
