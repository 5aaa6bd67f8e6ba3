import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { makePlane } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { UNUSABLE } from '../observations/index.ts';
import { estimateMeshStatistics } from './estimate-mesh-statistics.ts';
import { fillBadMeshes, filterMeshes, medianOf } from './filter-meshes.ts';
import { interpolateMesh } from './interpolate-mesh.ts';

/** How the sky is measured. */
export interface BackgroundConfig {
  /** Side of a mesh, px (default 64). It should hold ten times the FWHM, lest sources be taken for sky. */
  readonly meshPx: number;
  /** Side of the median filter over meshes, odd (default 3; 1 switches it off). */
  readonly filterMeshes: number;
  /** A mesh needs this fraction of usable pixels, else its neighbours speak for it (default 0.5). */
  readonly minUsableFraction: number;
  /** Mask bits that take a pixel out of the sky (default every unusable bit). */
  readonly excludedBits: number;
}

/** The defaults of `measureBackground`. */
export const DEFAULT_BACKGROUND: BackgroundConfig = {
  meshPx: 64,
  filterMeshes: 3,
  minUsableFraction: 0.5,
  excludedBits: UNUSABLE,
};

/** The sky under an image and its noise, in the units of the image. */
export interface Background {
  readonly level: Plane;
  readonly rms: Plane;
  /** Medians over the meshes. */
  readonly medianLevel: number;
  readonly medianRms: number;
  readonly meshPx: number;
}

/**
 * Measure the sky level and its rms on a mesh and interpolate both to every pixel.
 *
 * @param plane any unit; NaN is left out.
 * @param mask pixels with any of `config.excludedBits` are left out.
 * @throws preprocessing/no-sky when no pixel is usable.
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 3.1; mode, filter and interpolation as in SEP 1.2.0.
 */
export function measureBackground(
  plane: Plane,
  mask: MaskPlane | undefined,
  config: BackgroundConfig = DEFAULT_BACKGROUND,
): Background {
  const { width, height, data } = plane;
  const meshPx = Math.max(4, Math.floor(config.meshPx));
  const columns = Math.max(1, Math.ceil(width / meshPx));
  const rows = Math.max(1, Math.ceil(height / meshPx));
  const level = new Float32Array(columns * rows);
  const rms = new Float32Array(columns * rows);
  const pixels = new Float32Array(Math.min(meshPx, width) * Math.min(meshPx, height));
  const maskData = mask?.data;
  const excluded = config.excludedBits;

  for (let row = 0; row < rows; row++) {
    const y0 = row * meshPx;
    const y1 = Math.min(height, y0 + meshPx);
    for (let column = 0; column < columns; column++) {
      const x0 = column * meshPx;
      const x1 = Math.min(width, x0 + meshPx);
      const count = gatherUsable(data, maskData, excluded, width, x0, x1, y0, y1, pixels);
      const i = row * columns + column;
      if (count === 0 || count < (x1 - x0) * (y1 - y0) * config.minUsableFraction) {
        level[i] = Number.NaN;
        rms[i] = Number.NaN;
        continue;
      }
      const { mode, sigma } = estimateMeshStatistics(pixels, count);
      level[i] = mode;
      rms[i] = sigma;
    }
  }

  if (!fillBadMeshes(level, rms, columns, rows)) {
    // Every mesh is mostly masked: one estimate from all that is left.
    const all = new Float32Array(width * height);
    const count = gatherUsable(data, maskData, excluded, width, 0, width, 0, height, all);
    if (count === 0) {
      throw new AstridError(
        'preprocessing/no-sky',
        'No usable pixel is left to measure the sky from: every pixel is masked or not a number.',
        { width, height },
      );
    }
    const { mode, sigma } = estimateMeshStatistics(all, count);
    level.fill(mode);
    rms.fill(sigma);
  }
  filterMeshes(level, rms, columns, rows, config.filterMeshes);

  const levelPlane = makePlane(width, height);
  const rmsPlane = makePlane(width, height);
  interpolateMesh(level, columns, rows, meshPx, levelPlane);
  interpolateMesh(rms, columns, rows, meshPx, rmsPlane);
  const medianRms = medianPositive(rms);
  // A mesh of equal pixels has no rms, and the spline can swing below zero beside it.
  if (Math.min(...rms) < 0.25 * Math.max(...rms)) raiseTo(rmsPlane.data, MIN_RMS_FRACTION * medianRms);
  return { level: levelPlane, rms: rmsPlane, medianLevel: medianOf(level), medianRms, meshPx };
}

/** The least rms anywhere, as a fraction of the median. */
const MIN_RMS_FRACTION = 0.05;

/** Median of all meshes, of those above zero if that is zero, 1 if there are none. */
function medianPositive(rms: Float32Array): number {
  const median = medianOf(rms);
  if (median > 0) return median;
  const positive = rms.filter((value) => value > 0);
  return positive.length > 0 ? medianOf(positive) : 1;
}

function raiseTo(data: Float32Array, floor: number): void {
  for (let i = 0; i < data.length; i++) if (!(data[i]! >= floor)) data[i] = floor;
}

/** Copy the usable pixels of a box into `out`; returns how many. */
function gatherUsable(
  data: Float32Array,
  mask: Uint16Array | undefined,
  excluded: number,
  width: number,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  out: Float32Array,
): number {
  let count = 0;
  for (let y = y0; y < y1; y++) {
    const end = y * width + x1;
    for (let i = y * width + x0; i < end; i++) {
      const value = data[i]!;
      // NaN is the only value that differs from itself; infinities are no sky either.
      if (value - value !== 0) continue;
      if (mask !== undefined && (mask[i]! & excluded) !== 0) continue;
      out[count++] = value;
    }
  }
  return count;
}
