import { AstridError } from '../../../utils/index.ts';
import { pixelScaleArcsec, skyToPixels, type Wcs } from '../../observations/index.ts';
import {
  type Correspondences,
  createNearestFinder,
  evaluatePlaneAt,
  fitPlane,
  linearPart,
  type PlaneMap,
  pairStars,
  radiusOfChance,
  type StarPositions,
} from '../../preprocessing/index.ts';
import type { ReferenceStars } from '../model.ts';
import type { AstrometryConfig } from './config.ts';
import { chooseOrder, countCells, fitPlaneRobustly, LEAST_CELLS, median } from './fit-plane-robustly.ts';
import { deprojectTangent, projectTangent, type TangentFrame } from './project-tangent.ts';
import { writeSip } from './write-sip.ts';

/** An image's stars and the reference stars they are compared with. */
export interface Field {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Brightest first. */
  readonly image: StarPositions;
  /** Which source each image star is. */
  readonly sourceIndices: readonly number[];
  readonly errorsPx: Float64Array;
  readonly isClean: Uint8Array;
  readonly stars: ReferenceStars;
  /** Reference stars, brightest first. */
  readonly starOrder: readonly number[];
}

/** Where a fit starts: a map from the image to a plane, found in one of the ways. */
export interface FieldStart {
  readonly method: FieldSolution['method'];
  readonly frame: TangentFrame;
  readonly map: PlaneMap;
  readonly log10Odds: number;
  readonly tried: number;
}

/** What is left of the stars of a quarter of the image, px. */
export interface QuadrantOffset {
  readonly offsetXPx: number;
  readonly offsetYPx: number;
  readonly count: number;
}

/** A solved field. */
export interface FieldSolution {
  readonly method: 'wcs' | 'hint' | 'blind';
  readonly wcs: Wcs;
  /** Stars of the fit, after clipping. */
  readonly matched: number;
  /** Per axis, px, weighted by the stars' errors. */
  readonly rmsXPx: number;
  readonly rmsYPx: number;
  readonly rmsArcsec: number;
  readonly offsetXPx: number;
  readonly offsetYPx: number;
  /** Lower left, lower right, upper left, upper right. */
  readonly quadrants: readonly QuadrantOffset[];
  readonly pixelScaleArcsec: number;
  /** Order of the distortion; 1 is none. */
  readonly order: number;
  /** log10 of the odds against chance, tries taken off. */
  readonly log10Odds: number;
  readonly tried: number;
  /** Largest error of the inverse polynomials over the image, px. */
  readonly inverseErrorPx: number;
  /** Sources and reference stars that are one, as indices into both lists; not only those of the fit. */
  readonly pairs: { readonly sources: readonly number[]; readonly stars: readonly number[] };
}

const GROWTH_ROUNDS = 8;
/** Clean stars that suffice to leave all others aside. */
const ENOUGH_CLEAN = 25;
/** Chance that a star meets a stranger where the search is loosest. */
const LOOSEST_CHANCE = 0.05;
/** Farther than this from its place no star is looked for, px. */
const LOOSEST_PX = 12;

/** Image stars and reference stars that are one: indices into the field's two lists. */
type Pairs = readonly (readonly [image: number, star: number])[];

/**
 * Pair all stars outwards from a first alignment, choose the order of the distortion, fit, and write the header.
 *
 * @throws catalog/no-solution when too few stars hold together.
 */
export function fitSolution(field: Field, start: FieldStart, config: AstrometryConfig): FieldSolution {
  const image = head(field.image, config.maxStars);
  let at = recentre(start.frame, start.map, 3, field);
  let pairs = growPairs(image, at.map, projectStars(field, at.frame), field);
  let order = 1;
  for (let round = 0; round < 2; round++) {
    const plane = projectStars(field, at.frame);
    const used = chooseUsed(pairs, field);
    if (used.length < config.minStars) throw tooFew(field, used.length, config);
    const points = gather(image, plane, used);
    const errors = Float64Array.from(used, ([k]) => field.errorsPx[k]!);
    order = chooseOrder(points, errors, config.maxOrder, field);
    const fit = fitPlaneRobustly(points, order, errors);
    if (fit === undefined) throw tooFew(field, used.length, config);
    pairs = pairWithin(image, fit.map, plane, toleranceOf(fit.dx, fit.dy, LOOSEST_PX)).pairs;
    at = recentre(at.frame, fit.map, order, field);
  }
  return measure(field, start, { ...at, order, pairs, image }, config);
}

function measure(
  field: Field,
  start: FieldStart,
  fitted: { frame: TangentFrame; map: PlaneMap; order: number; pairs: Pairs; image: StarPositions },
  config: AstrometryConfig,
): FieldSolution {
  const { wcs, inverseErrorPx } = writeSip(
    fitted.map,
    fitted.frame,
    (field.widthPx - 1) / 2,
    (field.heightPx - 1) / 2,
    field,
  );
  const used = chooseUsed(fitted.pairs, field);
  const { raDeg, decDeg } = field.stars;
  const predicted = skyToPixels(
    wcs,
    Float64Array.from(used, ([, star]) => raDeg[star]!),
    Float64Array.from(used, ([, star]) => decDeg[star]!),
  );
  const rows = used.map(([k], n) => ({
    xPx: fitted.image.x[k]!,
    yPx: fitted.image.y[k]!,
    dx: fitted.image.x[k]! - predicted.xPx[n]!,
    dy: fitted.image.y[k]! - predicted.yPx[n]!,
    error: field.errorsPx[k]!,
  }));
  const scale = Math.max(1, median(rows.map(({ dx, dy, error }) => Math.hypot(dx, dy) / error)) / 1.18);
  const kept = rows.filter(({ dx, dy, error }) => Math.hypot(dx, dy) <= config.clipSigma * scale * error);
  if (kept.length < config.minStars) throw tooFew(field, kept.length, config);
  const rms = (pick: (row: (typeof rows)[number]) => number): number => {
    const weight = kept.reduce((sum, { error }) => sum + 1 / error ** 2, 0);
    return Math.sqrt(kept.reduce((sum, row) => sum + pick(row) ** 2 / row.error ** 2, 0) / weight);
  };
  const quadrants = [0, 1, 2, 3].map((quadrant): QuadrantOffset => {
    const own = kept.filter(
      ({ xPx, yPx }) =>
        (xPx > (field.widthPx - 1) / 2 ? 1 : 0) + (yPx > (field.heightPx - 1) / 2 ? 2 : 0) === quadrant,
    );
    return {
      offsetXPx: median(own.map(({ dx }) => dx)),
      offsetYPx: median(own.map(({ dy }) => dy)),
      count: own.length,
    };
  });
  const [rmsXPx, rmsYPx] = [rms(({ dx }) => dx), rms(({ dy }) => dy)];
  const scaleArcsec = pixelScaleArcsec(wcs);
  return {
    method: start.method,
    wcs,
    matched: kept.length,
    rmsXPx,
    rmsYPx,
    rmsArcsec: Math.hypot(rmsXPx, rmsYPx) * scaleArcsec,
    offsetXPx: median(kept.map(({ dx }) => dx)),
    offsetYPx: median(kept.map(({ dy }) => dy)),
    quadrants,
    pixelScaleArcsec: scaleArcsec,
    order: fitted.order,
    log10Odds: start.log10Odds,
    tried: start.tried,
    inverseErrorPx,
    pairs: {
      sources: fitted.pairs.map(([k]) => field.sourceIndices[k]!),
      stars: fitted.pairs.map(([, star]) => star),
    },
  };
}

/**
 * Move the plane's touching point to the middle of the image and its unit to a pixel's size.
 *
 * @param order of the map that is given back: a plane seen from another point is very nearly a polynomial of it.
 */
function recentre(
  frame: TangentFrame,
  map: PlaneMap,
  order: number,
  { widthPx, heightPx }: Field,
): { readonly frame: TangentFrame; readonly map: PlaneMap } {
  const middle = evaluatePlaneAt(
    map,
    Float64Array.of((widthPx - 1) / 2),
    Float64Array.of((heightPx - 1) / 2),
  );
  const [a, b, c, d] = linearPart(map);
  const moved: TangentFrame = {
    ...deprojectTangent(middle.x[0]!, middle.y[0]!, frame),
    unitArcsec: frame.unitArcsec * Math.sqrt(Math.abs(a * d - b * c)),
  };
  const side = 2 * order + 5;
  const [x, y] = [new Float64Array(side * side), new Float64Array(side * side)];
  for (let k = 0; k < side * side; k++) {
    x[k] = ((k % side) / (side - 1)) * (widthPx - 1);
    y[k] = (Math.floor(k / side) / (side - 1)) * (heightPx - 1);
  }
  const there = evaluatePlaneAt(map, x, y);
  const sky = Array.from(there.x, (value, k) => deprojectTangent(value, there.y[k]!, frame));
  const onPlane = projectTangent(
    Float64Array.from(sky, ({ raDeg }) => raDeg),
    Float64Array.from(sky, ({ decDeg }) => decDeg),
    moved,
  );
  const fitted = fitPlane({ x, y, u: onPlane.x, v: onPlane.y }, order)!;
  return { frame: moved, map: fitted };
}

/** Reference stars on a plane, in the order of `stars`; what lies behind it is put out of reach. */
function projectStars({ stars }: Field, frame: TangentFrame): StarPositions {
  const { x, y } = projectTangent(stars.raDeg, stars.decDeg, frame);
  const away = 1e9;
  return {
    x: x.map((value) => (Number.isNaN(value) ? away : value)),
    y: y.map((value) => (Number.isNaN(value) ? away : value)),
  };
}

/** The map gains orders and the tolerance shrinks with the scatter as pairs come in, so that distortion is followed outwards. */
function growPairs(image: StarPositions, start: PlaneMap, plane: StarPositions, field: Field): Pairs {
  let map = start;
  let tolerancePx = LOOSEST_PX;
  let pairs: Pairs = [];
  for (let round = 0; round < GROWTH_ROUNDS; round++) {
    const found = pairWithin(image, map, plane, tolerancePx);
    pairs = found.pairs;
    const points = gather(image, plane, pairs);
    // Pairs of a part of the image say nothing of bends elsewhere: a straight map finds the rest.
    const isWide = countCells(points.x, points.y, field) >= LEAST_CELLS;
    const order = !isWide ? 1 : pairs.length >= 100 ? 3 : pairs.length >= 40 ? 2 : 1;
    const fit =
      pairs.length >= 4 ? fitPlaneRobustly(points, order, new Float64Array(pairs.length).fill(1)) : undefined;
    if (fit === undefined) break;
    map = fit.map;
    tolerancePx = toleranceOf(fit.dx, fit.dy, found.loosest);
  }
  return pairs;
}

/** Four sigma of what is left keep what belongs; below a pixel nothing is gained. */
function toleranceOf(dx: Float64Array, dy: Float64Array, loosest: number): number {
  const scatter = median(dx.map((value, k) => Math.hypot(value, dy[k]!))) / 1.18;
  return Math.min(loosest, Math.max(1, 4 * scatter));
}

function pairWithin(
  image: StarPositions,
  map: PlaneMap,
  plane: StarPositions,
  tolerancePx: number,
): { readonly pairs: Pairs; readonly loosest: number } {
  // Only what lies on the image: the density of chance is that of the stars there.
  const mapped = evaluatePlaneAt(map, image.x, image.y);
  const [xMin, xMax] = extent(mapped.x);
  const [yMin, yMax] = extent(mapped.y);
  const margin = 2 * LOOSEST_PX;
  const inside = Array.from(plane.x.keys()).filter(
    (k) =>
      plane.x[k]! > xMin - margin &&
      plane.x[k]! < xMax + margin &&
      plane.y[k]! > yMin - margin &&
      plane.y[k]! < yMax + margin,
  );
  if (inside.length < 3) return { pairs: [], loosest: tolerancePx };
  const finder = createNearestFinder({
    x: Float64Array.from(inside, (k) => plane.x[k]!),
    y: Float64Array.from(inside, (k) => plane.y[k]!),
  });
  const loosest = Math.max(1, Math.min(LOOSEST_PX, radiusOfChance(LOOSEST_CHANCE, finder)));
  const { pairs } = pairStars(map, image, finder, () => Math.min(tolerancePx, loosest));
  return { pairs: pairs.science.map((k, n) => [k, inside[pairs.template[n]!]!] as const), loosest };
}

function extent(values: Float64Array): [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

function chooseUsed(pairs: Pairs, { isClean }: Field): Pairs {
  const clean = pairs.filter(([k]) => isClean[k] === 1);
  return clean.length >= ENOUGH_CLEAN ? clean : pairs;
}

function gather(image: StarPositions, plane: StarPositions, pairs: Pairs): Correspondences {
  return {
    x: Float64Array.from(pairs, ([k]) => image.x[k]!),
    y: Float64Array.from(pairs, ([k]) => image.y[k]!),
    u: Float64Array.from(pairs, ([, star]) => plane.x[star]!),
    v: Float64Array.from(pairs, ([, star]) => plane.y[star]!),
  };
}

function tooFew({ name }: Field, found: number, { minStars }: AstrometryConfig): AstridError {
  return new AstridError(
    'catalog/no-solution',
    `${name} was recognised, but only ${found} of its stars hold together; ${minStars} are needed for coordinates.`,
    { name, found, needed: minStars },
  );
}

function head({ x, y }: StarPositions, count: number): StarPositions {
  return { x: x.subarray(0, count), y: y.subarray(0, count) };
}
