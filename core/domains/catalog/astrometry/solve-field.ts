import { AstridError } from '../../../utils/index.ts';
import type { Wcs } from '../../observations/index.ts';
import { pixelScaleArcsec, pixelsToSky, pixelToSky, skyToPixels } from '../../observations/index.ts';
import { evaluatePlaneAt, fitPlane, type Source } from '../../preprocessing/index.ts';
import type { Cone, ReferenceStars } from '../model.ts';
import { brightnessOf } from '../select-reference.ts';
import { starsInCone } from '../tile-sky.ts';
import { centroidError, chooseStars, isClean } from './choose-stars.ts';
import { type AstrometryConfig, DEFAULT_ASTROMETRY } from './config.ts';
import { type Field, type FieldSolution, type FieldStart, fitSolution } from './fit-solution.ts';
import { confirmField, matchField } from './match-field.ts';
import { projectTangent } from './project-tangent.ts';

/** What a header or a person says of where a field lies. */
export interface FieldHint {
  readonly raDeg: number;
  readonly decDeg: number;
  /** How far the field's centre may be from it, degrees. */
  readonly radiusDeg: number;
  /** Least and greatest size of a pixel, arcsec. */
  readonly scaleArcsec: readonly [number, number];
}

/** An image and the reference stars around where it may lie. */
export interface SolveInput {
  /** For messages. */
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sources: readonly Source[];
  /** Of the cone that `coneOfHint` gives, at the exposure's epoch. */
  readonly stars: ReferenceStars;
  readonly hint: FieldHint;
  /** The header's WCS: tried first. */
  readonly wcs?: Wcs | undefined;
}

/** Scales within such a factor are searched at once. */
const SCALE_STEP = 1.6;
/** Nodes along each side where a header's map is sampled. */
const GRID = 12;

/** Give the circle of sky in which the reference stars of a hint lie. */
export function coneOfHint(
  { raDeg, decDeg, radiusDeg, scaleArcsec }: FieldHint,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): Cone {
  const half = (Math.hypot(widthPx, heightPx) / 2) * (scaleArcsec[1] / 3600);
  return { raDeg, decDeg, radiusDeg: Math.min(60, radiusDeg + 1.02 * half) };
}

/** Tell whether a circle holds all of an image: a solution of an image that sticks out was fitted to a part of it. */
export function holdsImage(
  cone: Cone,
  wcs: Wcs,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): boolean {
  return [
    [0, 0],
    [widthPx - 1, 0],
    [0, heightPx - 1],
    [widthPx - 1, heightPx - 1],
  ].every(([x, y]) => {
    const { raDeg, decDeg } = pixelToSky(wcs, x!, y!);
    return (
      Number.isFinite(raDeg) &&
      starsInCone({ raDeg: Float64Array.of(raDeg), decDeg: Float64Array.of(decDeg) }, cone).length === 1
    );
  });
}

/** Make the hint that a WCS gives. */
export function hintOfWcs(
  wcs: Wcs,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  config: AstrometryConfig = DEFAULT_ASTROMETRY,
): FieldHint | undefined {
  const [x, y] = [(widthPx - 1) / 2, (heightPx - 1) / 2];
  const { raDeg, decDeg } = pixelToSky(wcs, x, y);
  const scale = pixelScaleArcsec(wcs, x, y);
  if (!Number.isFinite(raDeg + decDeg) || !(scale > 0)) return undefined;
  return {
    raDeg,
    decDeg,
    radiusDeg: config.pointingErrorArcmin / 60,
    scaleArcsec: [scale / (1 + config.scaleError), scale * (1 + config.scaleError)],
  };
}

/**
 * Solve a field: find where on the sky each pixel lies, from reference stars around a hint.
 *
 * The header's WCS is believed when its stars are there; otherwise figures of stars are compared, at any rotation
 * and handedness. Then stars are paired outwards, cross-validation chooses the order of the distortion, and the
 * result is a TAN-SIP header. What decides is the probability that as many stars fall together by chance, times the
 * number of alignments tried: another field is refused.
 *
 * @throws catalog/too-few-stars, catalog/no-solution
 * @see Lang et al. 2010, AJ 139, 1782
 */
export function solveField(input: SolveInput, config: AstrometryConfig = DEFAULT_ASTROMETRY): FieldSolution {
  const field = prepareField(input, config);
  const start = startFromWcs(input, field, config) ?? startFromHint(input, field, config);
  return fitSolution(field, start, config);
}

/**
 * Choose what of an image and a catalogue is to be compared.
 *
 * @throws catalog/too-few-stars
 */
export function prepareField(
  { name, widthPx, heightPx, sources, stars }: Omit<SolveInput, 'hint'>,
  config: AstrometryConfig,
): Field {
  const chosen = chooseStars(sources);
  if (Math.min(chosen.length, stars.count) < config.minStars)
    throw new AstridError(
      'catalog/too-few-stars',
      `${name} cannot be solved: it has ${chosen.length} stars and the catalogue ${stars.count} around its place; ` +
        `${config.minStars} of each are needed. ${stars.count < config.minStars ? 'Import the catalogue of this field, or check the coordinates.' : 'Lower the detection threshold.'}`,
      { name, stars: chosen.length, reference: stars.count, needed: config.minStars },
    );
  const mag = brightnessOf(stars);
  return {
    name,
    widthPx,
    heightPx,
    image: {
      x: Float64Array.from(chosen, (k) => sources[k]!.xPx),
      y: Float64Array.from(chosen, (k) => sources[k]!.yPx),
    },
    sourceIndices: chosen,
    errorsPx: Float64Array.from(chosen, (k) => Math.hypot(centroidError(sources[k]!), config.floorPx)),
    isClean: Uint8Array.from(chosen, (k) => (isClean(sources[k]!) ? 1 : 0)),
    stars,
    starOrder: Array.from({ length: stars.count }, (_, k) => k).sort((a, b) => mag[a]! - mag[b]! || a - b),
  };
}

/** Believe the header when its stars are there; the map is that of the header with the affine correction they ask for. */
function startFromWcs(
  { wcs }: SolveInput,
  { image, stars, starOrder, widthPx, heightPx }: Field,
  config: AstrometryConfig,
): FieldStart | undefined {
  const hint = wcs && hintOfWcs(wcs, { widthPx, heightPx }, config);
  if (wcs === undefined || hint === undefined) return undefined;
  const predicted = skyToPixels(
    wcs,
    Float64Array.from(starOrder, (k) => stars.raDeg[k]!),
    Float64Array.from(starOrder, (k) => stars.decDeg[k]!),
  );
  const margin = 50;
  const near = (k: number): boolean =>
    predicted.xPx[k]! > -margin &&
    predicted.xPx[k]! < widthPx + margin &&
    predicted.yPx[k]! > -margin &&
    predicted.yPx[k]! < heightPx + margin;
  const inside = Array.from(starOrder.keys()).filter(near);
  if (inside.length < config.minStars) return undefined;
  const plane = {
    x: Float64Array.from(inside, (k) => predicted.xPx[k]!),
    y: Float64Array.from(inside, (k) => predicted.yPx[k]!),
  };
  const confirmed = confirmField(image, plane, config);
  if (confirmed === undefined) return undefined;
  const frame = {
    raDeg: hint.raDeg,
    decDeg: hint.decDeg,
    unitArcsec: Math.sqrt(hint.scaleArcsec[0] * hint.scaleArcsec[1]),
  };
  const [x, y] = [new Float64Array(GRID * GRID), new Float64Array(GRID * GRID)];
  for (let k = 0; k < GRID * GRID; k++) {
    x[k] = ((k % GRID) / (GRID - 1)) * (widthPx - 1);
    y[k] = (Math.floor(k / GRID) / (GRID - 1)) * (heightPx - 1);
  }
  const corrected = evaluatePlaneAt(confirmed.map, x, y);
  const sky = pixelsToSky(wcs, corrected.x, corrected.y);
  const onPlane = projectTangent(sky.raDeg, sky.decDeg, frame);
  const map = fitPlane({ x, y, u: onPlane.x, v: onPlane.y }, 3);
  if (map === undefined || !map.xCoefficients.every(Number.isFinite)) return undefined;
  return { method: 'wcs', frame, map, log10Odds: confirmed.log10Odds, tried: 1 };
}

/** Compare figures of stars around the hint, one range of scales after the other, from the middle outwards. */
function startFromHint(
  { name, hint }: SolveInput,
  { image, stars, starOrder, widthPx, heightPx }: Field,
  config: AstrometryConfig,
): FieldStart {
  const [low, high] = hint.scaleArcsec;
  const steps = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(SCALE_STEP) - 1e-9));
  const step = (high / low) ** (1 / steps);
  let tried = 0;
  let best = 0;
  const middleFirst = Array.from({ length: steps }, (_, k) => k).sort(
    (a, b) => Math.abs(a - (steps - 1) / 2) - Math.abs(b - (steps - 1) / 2),
  );
  for (const k of middleFirst) {
    const unitArcsec = low * step ** (k + 0.5);
    const frame = { raDeg: hint.raDeg, decDeg: hint.decDeg, unitArcsec };
    const cone = coneOfHint(
      { ...hint, scaleArcsec: [low * step ** k, low * step ** (k + 1)] },
      { widthPx, heightPx },
    );
    const reach = (Math.tan((cone.radiusDeg * Math.PI) / 180) / Math.PI) * 180 * (3600 / unitArcsec);
    const all = projectTangent(stars.raDeg, stars.decDeg, frame);
    const inside = starOrder.filter((star) => Math.hypot(all.x[star]!, all.y[star]!) <= reach);
    if (inside.length < config.minStars) continue;
    const plane = {
      x: Float64Array.from(inside, (star) => all.x[star]!),
      y: Float64Array.from(inside, (star) => all.y[star]!),
    };
    const limits = {
      scaleRange: [step ** -0.5 * 0.999, step ** 0.5 * 1.001] as const,
      maxAxisRatio: config.maxAxisRatio,
    };
    const areaRatio = Math.max(1, (Math.PI * reach * reach) / (widthPx * heightPx));
    const search = matchField(image, plane, areaRatio, limits, config);
    tried += search.tried;
    best = Math.max(best, search.bestLog10Odds);
    if (search.found !== undefined)
      return { method: 'hint', frame, map: search.found.map, log10Odds: search.found.log10Odds, tried };
  }
  throw new AstridError(
    'catalog/no-solution',
    `${name} was not recognised within ${(60 * hint.radiusDeg).toFixed(0)} arcmin of RA ${hint.raDeg.toFixed(4)}, Dec ${hint.decDeg.toFixed(4)} ` +
      `at ${low.toPrecision(3)} to ${high.toPrecision(3)} arcsec a pixel: ${image.x.length} stars, ${stars.count} of the catalogue. ` +
      'Give a better --hint or --scale, or try --blind.',
    { name, stars: image.x.length, reference: stars.count, tried, bestLog10Odds: best },
  );
}
