import type { Point } from '../model.ts';
import { forEachNear } from './measure-aperture.ts';
import { clipLevel } from './measure-sky.ts';
import type { PixelBox } from './pixel-box.ts';

/** Pixels around a source by their distance from it, and the curve fitted to them. */
export interface RadialProfile {
  readonly centre: Point;
  /** Distances, px, and values, one pair for each pixel. */
  readonly distances: Float64Array;
  readonly values: Float64Array;
  readonly fit: MoffatFit | undefined;
}

/** A Moffat profile: `background + amplitude * (1 + (r / alpha)^2)^-beta`. */
export interface MoffatFit {
  readonly amplitude: number;
  readonly background: number;
  readonly alpha: number;
  readonly beta: number;
  readonly fwhmPx: number;
  /** Root mean square of the residuals, in the image's unit. */
  readonly rms: number;
}

/** Steepest wings that are told apart from a Gaussian's, and flattest that can be fitted. */
const BETA_MAX = 100;
const BETA_MIN = 1.05;

/** Rounds of the centroid: it moves by less than a thousandth of a pixel long before. */
const CENTROID_ROUNDS = 30;

/**
 * Measure the radial profile of the source nearest to a place.
 *
 * The centre is a windowed centroid, its window a Gaussian of a third of the radius; the profile is a Moffat
 * function fitted to all pixels within the radius by least squares (Levenberg and Marquardt).
 */
export function measureProfile(box: PixelBox, near: Point, radius: number): RadialProfile {
  const centre = findCentre(box, near, radius);
  const distances: number[] = [];
  const values: number[] = [];
  forEachNear(box, centre, radius, (value, distance) => {
    if (!Number.isFinite(value)) return;
    distances.push(distance);
    values.push(value);
  });
  const [r, v] = [Float64Array.from(distances), Float64Array.from(values)];
  return { centre, distances: r, values: v, fit: fitMoffat(r, v) };
}

/** Find the centroid of what stands above the sky around a place; the place itself where nothing does. */
export function findCentre(box: PixelBox, near: Point, radius: number): Point {
  const rim: number[] = [];
  forEachNear(box, near, radius, (value, distance) => {
    if (distance > 0.7 * radius && Number.isFinite(value)) rim.push(value);
  });
  const sky = clipLevel(Float64Array.from(rim)).median;
  if (!Number.isFinite(sky)) return near;
  const window = Math.max(1, radius / 3);
  let centre = near;
  for (let round = 0; round < CENTROID_ROUNDS; round++) {
    let [sum, sumX, sumY] = [0, 0, 0];
    forEachNear(box, centre, radius, (value, distance, column, row) => {
      if (!Number.isFinite(value)) return;
      const weight = (value - sky) * Math.exp(-0.5 * (distance / window) ** 2);
      sum += weight;
      sumX += weight * (column - centre.x);
      sumY += weight * (row - centre.y);
    });
    if (!(sum > 0)) return near;
    // Twice the step: the window pulls every moment half way back to where it stands.
    const move = { x: (2 * sumX) / sum, y: (2 * sumY) / sum };
    const next = { x: centre.x + move.x, y: centre.y + move.y };
    if (Math.hypot(next.x - near.x, next.y - near.y) > radius) return near;
    centre = next;
    if (Math.hypot(move.x, move.y) < 1e-4) break;
  }
  return centre;
}

/**
 * Fit a Moffat profile to pixels by their distance.
 *
 * @returns `undefined` with fewer pixels than a fit needs, or without anything that rises to the middle.
 */
export function fitMoffat(distances: Float64Array, values: Float64Array): MoffatFit | undefined {
  const count = distances.length;
  if (count < 9) return undefined;
  const start = guess(distances, values);
  if (start === undefined) return undefined;
  // Amplitude, background, log alpha, log (beta - 1): the logarithms keep both where they make sense.
  let at = start;
  let chi = residuals(at, distances, values);
  let damping = 1e-3;
  for (let round = 0; round < 200; round++) {
    const { matrix, gradient } = normalEquations(at, distances, values);
    const step = solveFour(
      matrix.map((value, i) => (i % 5 === 0 ? value * (1 + damping) : value)),
      gradient,
    );
    if (step === undefined) break;
    const next = at.map((value, i) => value + step[i]!) as unknown as Four;
    const chiNext = residuals(next, distances, values);
    if (!(chiNext < chi)) {
      damping *= 8;
      if (damping > 1e12) break;
      continue;
    }
    const isDone = chi - chiNext < 1e-12 * chi;
    at = next;
    chi = chiNext;
    damping = Math.max(1e-12, damping / 5);
    if (isDone) break;
  }
  const [amplitude, background, logAlpha, logBeta] = at;
  const [alpha, beta] = [Math.exp(logAlpha), betaOf(logBeta)];
  const fwhmPx = 2 * alpha * Math.sqrt(2 ** (1 / beta) - 1);
  if (!(amplitude > 0) || !Number.isFinite(fwhmPx)) return undefined;
  return { amplitude, background, alpha, beta, fwhmPx, rms: Math.sqrt(chi / count) };
}

/** The height of a fitted profile at a distance. */
export function profileAt({ amplitude, background, alpha, beta }: MoffatFit, distance: number): number {
  return background + amplitude * (1 + (distance / alpha) ** 2) ** -beta;
}

type Four = readonly [number, number, number, number];

function betaOf(logBeta: number): number {
  return BETA_MIN + (BETA_MAX - BETA_MIN) / (1 + Math.exp(-logBeta));
}

function guess(distances: Float64Array, values: Float64Array): Four | undefined {
  const radius = distances.reduce((far, r) => Math.max(far, r), 0);
  const rim = values.filter((_, i) => distances[i]! > 0.7 * radius);
  const background = clipLevel(Float64Array.from(rim)).median;
  const core = values.filter((_, i) => distances[i]! < 1.5);
  const peak = core.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const amplitude = peak - background;
  if (!(amplitude > 0)) return undefined;
  let half = 1;
  values.forEach((value, i) => {
    if (value - background > amplitude / 2) half = Math.max(half, Math.min(distances[i]!, radius / 2));
  });
  return [amplitude, background, Math.log(half * 1.8), -3.5];
}

function residuals(
  [amplitude, background, logAlpha, logBeta]: Four,
  r: Float64Array,
  v: Float64Array,
): number {
  const fit = { amplitude, background, alpha: Math.exp(logAlpha), beta: betaOf(logBeta) };
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    const { alpha, beta } = fit;
    sum += (v[i]! - background - amplitude * (1 + (r[i]! / alpha) ** 2) ** -beta) ** 2;
  }
  return sum;
}

function normalEquations([amplitude, background, logAlpha, logBeta]: Four, r: Float64Array, v: Float64Array) {
  const [alpha, beta] = [Math.exp(logAlpha), betaOf(logBeta)];
  const part = 1 / (1 + Math.exp(-logBeta));
  const dBeta = (BETA_MAX - BETA_MIN) * part * (1 - part);
  const matrix = new Array<number>(16).fill(0);
  const gradient = new Array<number>(4).fill(0);
  for (let i = 0; i < r.length; i++) {
    const squared = (r[i]! / alpha) ** 2;
    const shape = (1 + squared) ** -beta;
    const slopes = [
      shape,
      1,
      (amplitude * 2 * beta * squared * shape) / (1 + squared),
      -amplitude * shape * Math.log1p(squared) * dBeta,
    ];
    const residual = v[i]! - background - amplitude * shape;
    for (let j = 0; j < 4; j++) {
      gradient[j]! += slopes[j]! * residual;
      for (let k = 0; k < 4; k++) matrix[j * 4 + k]! += slopes[j]! * slopes[k]!;
    }
  }
  return { matrix, gradient };
}

/** Solve four equations by elimination with pivots; `undefined` when they are not independent. */
function solveFour(matrix: readonly number[], right: readonly number[]): readonly number[] | undefined {
  const rows = [0, 1, 2, 3].map((i) => [...matrix.slice(i * 4, i * 4 + 4), right[i]!]);
  for (let column = 0; column < 4; column++) {
    const pivot = rows.slice(column).reduce((a, b) => (Math.abs(b[column]!) > Math.abs(a[column]!) ? b : a));
    if (!(Math.abs(pivot[column]!) > 0)) return undefined;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    rows.forEach((row, i) => {
      if (i === column) return;
      const factor = row[column]! / pivot[column]!;
      for (let k = column; k < 5; k++) row[k]! -= factor * pivot[k]!;
    });
  }
  return rows.map((row, i) => row[4]! / row[i]!);
}
