import { isAstridError } from '../../utils/index.ts';
import {
  type ExposureFacts,
  type Header,
  type MaskedImage,
  pixelToSky,
  readPixelScale,
  skyToPixels,
  type Wcs,
} from '../observations/index.ts';
import type { Source, Zeropoint } from '../preprocessing/index.ts';
import {
  type AstrometryConfig,
  coneOfHint,
  type FieldHint,
  type FieldSolution,
  hintOfWcs,
  solveField,
} from './astrometry/index.ts';
import { type CatalogConfig, DEFAULT_CATALOG_CONFIG } from './config.ts';
import type { CatalogKind, Cone, ReferenceStars } from './model.ts';
import { pairBySky } from './pair-by-sky.ts';
import { chooseBand, measureZeropoint } from './photometry/index.ts';
import { julianYear, propagateStars } from './propagate-stars.ts';

/** What of an exposure is compared with a catalogue. */
export interface FieldToCalibrate {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly header: Header;
  readonly facts: ExposureFacts;
  readonly wcs?: Wcs | undefined;
  readonly sources: readonly Source[];
  /** With it the zeropoint is measured in small apertures, which scatter less than `sources`' Kron fluxes. */
  readonly image?: MaskedImage | undefined;
}

/** Stars of one catalogue around a field. */
export interface NearbyCatalog {
  readonly name: string;
  readonly kind: CatalogKind;
  readonly stars: ReferenceStars;
}

/** What a comparison with catalogues gave. */
export interface FieldCalibration {
  /** The coordinates to use from here on: the header's, new ones, or none. */
  readonly wcs?: Wcs | undefined;
  readonly solution?: FieldSolution | undefined;
  readonly zeropoint?: Zeropoint | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** Stars on both sides that must be there, unmatched, to distrust a header. */
const STARS_TO_REFUTE = 20;
/** Where a header is right, stars have sources within this, px. */
const NEAR_PX = 4;
/** Offsets are believed beyond so many of their standard errors. */
const SURE_SIGMA = 2.5;
/** A source and a star nearer than this are one, px, unless the fit is worse. */
const PAIR_PX = 1.5;

/** Make the hint for a field from its WCS, else from the header's pointing and scale; `undefined` when it tells neither. */
export function hintOfField(
  { wcs, header, facts, widthPx, heightPx }: Omit<FieldToCalibrate, 'sources' | 'name' | 'image'>,
  config: AstrometryConfig,
): FieldHint | undefined {
  const fromWcs = wcs && hintOfWcs(wcs, { widthPx, heightPx }, config);
  if (fromWcs !== undefined) return fromWcs;
  const scale = readPixelScale(header);
  const { raDeg, decDeg } = facts;
  if (scale === undefined || raDeg === undefined || decDeg === undefined) return undefined;
  return {
    raDeg,
    decDeg,
    radiusDeg: config.pointingErrorArcmin / 60,
    scaleArcsec: [scale / (1 + config.scaleError), scale * (1 + config.scaleError)],
  };
}

/** Give the circle of sky whose stars calibrating a field wants; `undefined` when the header does not say where it is. */
export function coneOfField(
  field: Omit<FieldToCalibrate, 'sources' | 'name' | 'image'>,
  config: CatalogConfig = DEFAULT_CATALOG_CONFIG,
): Cone | undefined {
  const hint = hintOfField(field, config.astrometry);
  return hint && coneOfHint(hint, field);
}

/**
 * Compare an exposure with reference catalogues: solve or check its coordinates, and measure its zeropoint.
 *
 * A header's WCS that the stars bear out to `keepWithinPx` stays as it is; one that is off is replaced; one that
 * many stars contradict is dropped rather than believed. What cannot be done is a note, not a failure.
 *
 * @param catalogs those with stars around the field; the best for positions first.
 */
export function calibrateField(
  field: FieldToCalibrate,
  catalogs: readonly NearbyCatalog[],
  config: CatalogConfig = DEFAULT_CATALOG_CONFIG,
): FieldCalibration {
  const epochYr =
    field.facts.midpointMjdTai === undefined ? undefined : julianYear(field.facts.midpointMjdTai);
  const nearby = catalogs.map(({ stars, ...rest }) => ({
    ...rest,
    stars: epochYr === undefined ? stars : propagateStars(stars, epochYr),
  }));
  const first = nearby[0];
  const hint = hintOfField(field, config.astrometry);
  if (first === undefined || hint === undefined) return { wcs: field.wcs, metrics: {}, notes: [] };
  const astrometry = solveOrCheck(field, hint, first, config.astrometry);
  if (astrometry.wcs === undefined) return astrometry;
  const photometry = measurePhotometry(field, astrometry.wcs, nearby, astrometry.solution, config);
  return {
    ...astrometry,
    zeropoint: photometry.zeropoint,
    metrics: { ...astrometry.metrics, ...photometry.metrics },
    notes: [...astrometry.notes, ...photometry.notes],
  };
}

function solveOrCheck(
  field: FieldToCalibrate,
  hint: FieldHint,
  { name, stars }: NearbyCatalog,
  config: AstrometryConfig,
): FieldCalibration {
  let solution: FieldSolution;
  try {
    solution = solveField({ ...field, stars, hint }, config);
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { ...judgeUnsolved(field, stars, name, error.message), metrics: {} };
  }
  const metrics = {
    astrometryStars: solution.matched,
    astrometryRmsPx: Math.hypot(solution.rmsXPx, solution.rmsYPx),
    astrometryOrder: solution.order,
  };
  const quality = `${solution.matched} stars of ${name}, ${metrics.astrometryRmsPx.toFixed(3)} px rms`;
  if (field.wcs === undefined) {
    const { raDeg, decDeg } = pixelToSky(solution.wcs, (field.widthPx - 1) / 2, (field.heightPx - 1) / 2);
    const place = `RA ${raDeg.toFixed(5)}, Dec ${decDeg.toFixed(5)}, ${solution.pixelScaleArcsec.toFixed(4)} arcsec a pixel`;
    return {
      wcs: solution.wcs,
      solution,
      metrics,
      notes: [`Coordinates were solved: ${place}; ${quality}.`],
    };
  }
  const offset = measureHeaderOffset(field, field.wcs, stars, solution);
  const all = { ...metrics, headerOffsetXPx: offset.xPx, headerOffsetYPx: offset.yPx };
  if (offset.surePx <= config.keepWithinPx) return { wcs: field.wcs, solution, metrics: all, notes: [] };
  const note = `The header's coordinates are off by ${offset.xPx.toFixed(2)}, ${offset.yPx.toFixed(2)} px (up to ${offset.worstPx.toFixed(2)} px in a quarter of the image): they were fitted anew, ${quality}.`;
  return { wcs: solution.wcs, solution, metrics: all, notes: [note] };
}

/** No solution: without coordinates nothing changes; coordinates that many stars contradict are dropped. */
function judgeUnsolved(
  { wcs, sources, widthPx, heightPx }: FieldToCalibrate,
  stars: ReferenceStars,
  name: string,
  reason: string,
): { wcs?: Wcs | undefined; notes: readonly string[] } {
  if (wcs === undefined) return { notes: [`Coordinates were not found: ${reason}`] };
  const { xPx, yPx } = skyToPixels(wcs, stars.raDeg, stars.decDeg);
  const expected = xPx.reduce(
    (sum, x, k) => sum + (x >= 0 && x < widthPx && yPx[k]! >= 0 && yPx[k]! < heightPx ? 1 : 0),
    0,
  );
  if (Math.min(expected, sources.length) < STARS_TO_REFUTE)
    return { wcs, notes: [`The header's coordinates could not be checked: too few stars of ${name}.`] };
  const near = pairBySky(wcs, sources, stars, NEAR_PX).sources.length;
  const chance = Math.min(1, (Math.PI * NEAR_PX ** 2 * sources.length) / (widthPx * heightPx)) * expected;
  if (near > chance + 4 * Math.sqrt(chance) + 2)
    return {
      wcs,
      notes: [
        `The header's coordinates could not be confirmed, but ${near} stars of ${name} are near to sources, where chance gives ${chance.toFixed(0)}: they are kept.`,
      ],
    };
  return {
    notes: [
      `The header's coordinates are not believed: none of the ${expected} stars that ${name} has there fit the ${sources.length} sources. The exposure goes on without coordinates.`,
    ],
  };
}

/**
 * Median offset of the stars from where the header puts them, and the largest of the quarters of the image.
 *
 * `surePx` is the largest that the stars' scatter does not explain: few stars do not overrule a header.
 */
function measureHeaderOffset(
  { sources, widthPx, heightPx }: FieldToCalibrate,
  wcs: Wcs,
  stars: ReferenceStars,
  { pairs }: FieldSolution,
): { readonly xPx: number; readonly yPx: number; readonly worstPx: number; readonly surePx: number } {
  const placed = skyToPixels(
    wcs,
    Float64Array.from(pairs.stars, (k) => stars.raDeg[k]!),
    Float64Array.from(pairs.stars, (k) => stars.decDeg[k]!),
  );
  const rows = pairs.sources.map((at, k) => {
    const { xPx, yPx } = sources[at]!;
    return {
      quadrant: (xPx > widthPx / 2 ? 1 : 0) + (yPx > heightPx / 2 ? 2 : 0),
      dx: xPx - placed.xPx[k]!,
      dy: yPx - placed.yPx[k]!,
    };
  });
  const middle = (own: typeof rows): [number, number] => [
    median(own.map(({ dx }) => dx)),
    median(own.map(({ dy }) => dy)),
  ];
  const [xPx, yPx] = middle(rows);
  const groups = [rows, ...[0, 1, 2, 3].map((quadrant) => rows.filter((row) => row.quadrant === quadrant))]
    // A median of a few stars is their own noise.
    .filter((own, k) => k === 0 || own.length >= 8)
    .map((own) => {
      const [x, y] = middle(own);
      const scatter = median(own.map(({ dx, dy }) => Math.hypot(dx - x, dy - y))) / 1.18;
      return { offset: Math.hypot(x, y), error: (1.25 * Math.SQRT2 * scatter) / Math.sqrt(own.length) };
    });
  return {
    xPx,
    yPx,
    worstPx: Math.max(...groups.map(({ offset }) => offset)),
    surePx: Math.max(...groups.map(({ offset, error }) => offset - SURE_SIGMA * error)),
  };
}

function measurePhotometry(
  field: FieldToCalibrate,
  wcs: Wcs,
  catalogs: readonly NearbyCatalog[],
  solution: FieldSolution | undefined,
  config: CatalogConfig,
): Pick<FieldCalibration, 'zeropoint' | 'metrics' | 'notes'> {
  // A catalogue with the very band comes before one whose magnitudes are transformed.
  const rank = ({ stars, kind }: NearbyCatalog): number => {
    const band = chooseBand(stars, kind, field.facts.band);
    return band === undefined ? Number.POSITIVE_INFINITY : band.transformScatter;
  };
  const chosen = catalogs.toSorted((a, b) => rank(a) - rank(b))[0]!;
  const tolerancePx = Math.max(PAIR_PX, 4 * Math.hypot(solution?.rmsXPx ?? 0, solution?.rmsYPx ?? 0));
  try {
    const zeropoint = measureZeropoint(
      {
        ...field,
        stars: chosen.stars,
        pairs: pairBySky(wcs, field.sources, chosen.stars, tolerancePx),
        catalog: { name: chosen.name, kind: chosen.kind },
      },
      config.photometry,
    );
    return {
      zeropoint,
      metrics: {
        zeropointMag: zeropoint.zeropointMag,
        zeropointMagErr: zeropoint.zeropointMagErr,
        zeropointScatterMag: zeropoint.scatterMag,
        zeropointColourTerm: zeropoint.colourTerm,
        zeropointStars: zeropoint.stars,
      },
      notes:
        field.facts.exposureS === undefined
          ? ['The exposure time is unknown: the zeropoint is that of the whole exposure.']
          : [],
    };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { metrics: {}, notes: [error.message] };
  }
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
