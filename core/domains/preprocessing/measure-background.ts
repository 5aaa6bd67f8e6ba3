import type { Grain, MaskPlane, Plane, RowSource } from '../../kernels/index.ts';
import { fillSplines, makePlane, measureMeshes, readSplines } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { UNUSABLE } from '../observations/index.ts';
import { fillBadMeshes, filterMeshes, medianOf } from './filter-meshes.ts';
import { laySplines } from './interpolate-mesh.ts';
import { measureSparseSky } from './measure-sparse-sky.ts';

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

/** Level and rms of the sky at mesh centres, row by row: all that its planes are made of. */
export interface SkyMesh {
  readonly columns: number;
  readonly rows: number;
  readonly meshPx: number;
  readonly level: Float32Array;
  readonly rms: Float32Array;
  readonly medianLevel: number;
  readonly medianRms: number;
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
  const { width, height } = plane;
  const mesh = measureSkyMesh(plane, mask, config);
  const { medianLevel, medianRms, meshPx } = mesh;
  const level = makePlane(width, height);
  const rms = makePlane(width, height);
  levelRows(mesh, plane).fillRows(0, level);
  rmsRows(mesh, plane).fillRows(0, rms);
  return { level, rms, medianLevel, medianRms, meshPx };
}

/**
 * `measureBackground`, for those who make the planes when they need them.
 *
 * @param grain of the pixels' values, where they have any: the level is then as good as that of fractions, unlike SEP's.
 * @throws preprocessing/no-sky
 */
export function measureSkyMesh(
  plane: Plane,
  mask: MaskPlane | undefined,
  config: BackgroundConfig = DEFAULT_BACKGROUND,
  grain?: Grain,
): SkyMesh {
  const { width, height } = plane;
  const meshPx = Math.max(4, Math.floor(config.meshPx));
  const { excludedBits, minUsableFraction } = config;
  const meshes = measureMeshes(plane, mask, { meshPx, excludedBits, minUsableFraction, grain });
  const { columns, rows, mode: level, sigma: rms } = meshes;
  if (!fillBadMeshes(level, rms, columns, rows)) {
    if (meshes.usable === 0) {
      throw new AstridError(
        'preprocessing/no-sky',
        'No usable pixel is left to measure the sky from: every pixel is masked or not a number.',
        { width, height },
      );
    }
    // Every mesh is mostly masked: one estimate from all that is left.
    const whole = { meshPx: Math.max(width, height), excludedBits, minUsableFraction: 0, grain };
    const all = measureMeshes(plane, mask, whole);
    level.fill(all.mode[0]!);
    rms.fill(all.sigma[0]!);
  }
  if (!(medianOf(rms) > 0)) measureSparseSky(plane, mask, excludedBits, meshPx, level, rms);
  filterMeshes(level, rms, columns, rows, config.filterMeshes);
  return {
    columns,
    rows,
    meshPx,
    level,
    rms,
    medianLevel: medianOf(level),
    medianRms: medianPositive(rms),
  };
}

/** The sky's level of an image, row by row. */
export function levelRows(
  { level, columns, rows, meshPx }: SkyMesh,
  { width, height }: Pick<Plane, 'width' | 'height'>,
): RowSource {
  const spline = laySplines(level, columns, rows, meshPx, width);
  return {
    width,
    height,
    fillRows: (firstRow, out) => fillSplines(out, spline, firstRow),
    makeReader: () => readSplines(spline, width),
  };
}

/** The sky's noise, as `levelRows`. */
export function rmsRows(mesh: SkyMesh, { width, height }: Pick<Plane, 'width' | 'height'>): RowSource {
  const { rms, columns, rows, meshPx, medianRms } = mesh;
  const spline = laySplines(rms, columns, rows, meshPx, width);
  const isUneven = hasUnevenRms(mesh);
  const floor = MIN_RMS_FRACTION * medianRms;
  return {
    width,
    height,
    fillRows: (firstRow, out) => {
      fillSplines(out, spline, firstRow);
      if (isUneven) raiseTo(out.data, floor);
    },
    makeReader: () => {
      const read = readSplines(spline, width);
      if (!isUneven) return read;
      return (x, y) => {
        const value = read(x, y);
        return value >= floor ? value : Math.fround(floor);
      };
    },
  };
}

/** Tell of a mesh of equal pixels, which has no rms: the spline can swing below zero beside it. */
function hasUnevenRms({ rms }: SkyMesh): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < rms.length; k++) {
    // As Math.min and Math.max, which give NaN where there is any.
    if (Number.isNaN(rms[k])) return false;
    least = Math.min(least, rms[k]!);
    most = Math.max(most, rms[k]!);
  }
  return least < 0.25 * most;
}

/** The least rms anywhere, as a fraction of the median. */
const MIN_RMS_FRACTION = 0.05;

/** Median of all meshes, of those above zero if that is zero; 1 if there are none, where all usable pixels are equal. */
function medianPositive(rms: Float32Array): number {
  const median = medianOf(rms);
  if (median > 0) return median;
  const positive = rms.filter((value) => value > 0);
  return positive.length > 0 ? medianOf(positive) : 1;
}

/** Raise numbers, and what is none, to a floor. */
export function raiseTo(data: Float32Array, floor: number): void {
  for (let i = 0; i < data.length; i++) if (!(data[i]! >= floor)) data[i] = floor;
}
