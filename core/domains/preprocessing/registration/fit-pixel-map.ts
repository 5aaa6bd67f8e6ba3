import { AstridError } from '../../../utils/index.ts';
import type { PixelMap, RegistrationResidual, Source } from '../model.ts';
import { type CleanestConfig, centroidError, chooseCleanest } from './choose-cleanest.ts';
import { chooseSimplest, crossValidate, type Fit } from './cross-validate-fits.ts';
import { type Correspondences, countTerms, fitPlane } from './fit-plane.ts';
import { proposeRipples } from './fit-ripple.ts';
import { fitRobustly, median, offsetsFrom, type Solve } from './fit-robustly.ts';
import { mapPixels, mapSlopes } from './map-pixels.ts';
import type { IndexPairs } from './verify-alignment.ts';

/** How a map is fitted to matched stars. */
export interface PixelMapConfig extends CleanestConfig {
  /** Highest order of the polynomial, 1 to 6. Default 6. */
  readonly maxOrder: number;
  /** Stars farther from the map than this many sigma are left out. Default 3.5. */
  readonly clipSigma: number;
  /** How much worse than the best a start, a shift or an affine map may predict and still be taken, standard errors. Default 1. */
  readonly affineMarginSigma: number;
  /** The same of a polynomial, which is never the whole truth. Default 0.3. */
  readonly polynomialMarginSigma: number;
  /** Error of a perfect star's position, px: keeps the brightest few from deciding alone. Default 0.02. */
  readonly floorPx: number;
  /** Stars needed for each pair of coefficients, beyond an affine map. Default 4. */
  readonly starsPerTerm: number;
}

/** The defaults of `fitPixelMap`. */
export const DEFAULT_PIXEL_MAP: PixelMapConfig = {
  maxOrder: 6,
  clipSigma: 3.5,
  affineMarginSigma: 1,
  polynomialMarginSigma: 0.3,
  floorPx: 0.02,
  enoughStars: 30,
  plentyStars: 100,
  maxStars: 1500,
  starsPerTerm: 4,
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
  /** Of the stars used, the best measured first. */
  readonly residuals: readonly RegistrationResidual[];
}

/** Order of the polynomial under a rippled surface. */
const RIPPLED_ORDER = 4;

/**
 * Fit the map from science pixels to template pixels.
 *
 * Candidates, from the simplest: the start itself (the headers' coordinates, or a shift by whole pixels), the start
 * with a shift, an affine map, polynomials of order 2 to `maxOrder`, and where neighbouring stars still lean the same
 * way, a polynomial with a smooth surface of splines on top. Each is fitted with weights from the stars' errors, made
 * robust by Tukey's biweight; five-fold cross-validation on robust losses ranks them, and the simplest that is not
 * worse than the best by more than a margin wins: so a map never has more freedom than the stars can prove. Orders
 * above 1 also need stars over most of the common field, since polynomials run away beyond.
 *
 * @param start the headers' map; without one a polynomial alone is fitted.
 * @throws preprocessing/too-few-stars
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
  const shift = start === undefined ? wholeShift({ x, y, u, v }) : undefined;
  const scale = scaleOf({ x, y, u, v }, start);
  const errors = Float64Array.from(from, (source, k) =>
    Math.hypot(scale * centroidError(source), centroidError(to[k]!), config.floorPx),
  );

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
  const tryFit = (order: number, solve: Solve): void => {
    const fitted = fitRobustly(points, errors, solve);
    if (fitted !== undefined) fits.push({ order, solve, ...fitted, ...offsetsFrom(fitted.plane, points) });
  };
  for (const order of orders) tryFit(order, (weights) => fitPlane(points, order, weights));
  if (fits.length === 0)
    throw new AstridError(
      'preprocessing/too-few-stars',
      `The ${x.length} matched stars lie on a line: they do not tell how the images lie on each other.`,
      { found: x.length },
    );
  let best = fits[0]!;
  if (fits.length > 1) {
    const polynomials = fits.length;
    let losses = crossValidate(fits, points, errors);
    best = chooseSimplest(fits, losses, config);
    for (const [order, solve] of proposeRipples(
      points,
      errors,
      best,
      Math.min(RIPPLED_ORDER, Math.max(...orders)),
    ))
      tryFit(order, solve);
    if (fits.length > polynomials) {
      losses = crossValidate(fits, points, errors);
      best = chooseSimplest(fits, losses, config);
    }
  }
  const map = toMap(best, start, shift);
  return { order: best.order, map, ...summarise(best, map, points, errors, config) };
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
  return { kind: plane.order <= 1 && plane.ripple === undefined ? 'affine' : 'polynomial', plane };
}

/** Template pixels a science pixel in the middle of the stars. */
function scaleOf(points: Correspondences, start: PixelMap | undefined): number {
  const plane = start === undefined ? fitPlane(points, 1) : undefined;
  const map: PixelMap | undefined = start ?? (plane && { kind: 'affine', plane });
  if (map === undefined) return 1;
  const [a, b, c, d] = mapSlopes(map, median(points.x), median(points.y));
  const scale = Math.sqrt(Math.abs(a * d - b * c));
  return Number.isFinite(scale) ? scale : 1;
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

/** Clip, and measure what is left. */
function summarise(
  { dx, dy }: Fit,
  map: PixelMap,
  { x, y }: Pick<Correspondences, 'x' | 'y'>,
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
  // An offset is small: one slope does for the whole image.
  const slopes = mapSlopes(map, median(x), median(y));
  const sharpest = good.length >= 5 ? good : kept;
  const residuals = kept
    .sort((p, q) => errors[p]! - errors[q]!)
    .map((k) => {
      const offset = toScienceAxes(slopes, dx[k]!, dy[k]!);
      return { xPx: x[k]!, yPx: y[k]!, dxPx: offset.x, dyPx: offset.y };
    });
  return {
    matched: kept.length,
    rmsPx: Math.sqrt(squares / weights.reduce((sum, weight) => sum + weight, 0)),
    sigmaXPx: robustSigma(Float64Array.from(sharpest, (k) => dx[k]!)),
    sigmaYPx: robustSigma(Float64Array.from(sharpest, (k) => dy[k]!)),
    offsetXPx: median(keptX),
    offsetYPx: median(keptY),
    residuals,
  };
}

/** Turn an offset on the template into one on the science grid. */
function toScienceAxes(
  [a, b, c, d]: readonly [number, number, number, number],
  dx: number,
  dy: number,
): { readonly x: number; readonly y: number } {
  const determinant = a * d - b * c;
  return { x: (d * dx - b * dy) / determinant, y: (a * dy - c * dx) / determinant };
}

function robustSigma(values: Float64Array): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}
