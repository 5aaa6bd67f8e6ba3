import { findNearbyCatalogs } from '../app/find-nearby-catalogs.ts';
import type { CatalogStore } from '../app/open-workspace-catalogs.ts';
import { findSolveField, solveElsewhere } from '../app/solve-elsewhere.ts';
import {
  coneOfHint,
  DEFAULT_CATALOG_CONFIG,
  type FieldHint,
  type FieldSolution,
  hintOfField,
  hintOfWcs,
  holdsImage,
  julianYear,
  propagateStars,
  type ReferenceStars,
  solveBlind,
  solveField,
} from '../domains/catalog/index.ts';
import { readPixelScale, type Wcs } from '../domains/observations/index.ts';
import type { CalibratedExposure } from '../domains/preprocessing/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { parsePair, parsePlace } from './parse-place.ts';

/** What was asked for of the place. */
export interface SearchOptions {
  readonly hint?: string;
  readonly radius: string;
  readonly scale?: string;
  readonly catalog?: string;
  readonly blind?: boolean;
}

/** Longest that solve-field may take. */
const ELSEWHERE_MS = 300_000;

/** Size of an image. */
export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Where an image lies, and how that was found; `solution` is absent when another program found it. */
export interface Found {
  readonly wcs: Wcs;
  readonly solution?: FieldSolution | undefined;
  /** The catalogue, or the program. */
  readonly by: string;
}

/**
 * Solve from what the header or the options say of the place.
 *
 * @throws catalog/no-hint, catalog/not-covered, catalog/no-solution, catalog/too-few-stars
 */
export async function searchHint(
  file: string,
  exposure: CalibratedExposure,
  size: Size,
  store: CatalogStore,
  options: SearchOptions,
  out: Console,
): Promise<Found> {
  const { maxStars, astrometry } = DEFAULT_CATALOG_CONFIG;
  let hint = chooseHint(exposure, size, options);
  // A hint that is typed says that the header is not to be believed.
  let wcs = options.hint === undefined ? exposure.wcs : undefined;
  let first: FieldSolution | undefined;
  for (;;) {
    const cone = coneOfHint(hint, size);
    const [catalog] = await findNearbyCatalogs(store, cone, maxStars, options.catalog);
    if (catalog === undefined) throw notCovered(hint, options.catalog);
    out.status(
      `comparing ${exposure.sources.length} sources with ${catalog.stars.count} stars of ${catalog.name}`,
    );
    const stars = atEpoch(catalog.stars, exposure);
    const solution = solveField(
      { name: file, ...size, sources: exposure.sources, stars, hint, wcs },
      astrometry,
    );
    const nearer = hintOfWcs(solution.wcs, size, astrometry);
    const method = first?.method ?? solution.method;
    if (first !== undefined || nearer === undefined || holdsImage(cone, solution.wcs, size))
      return { wcs: solution.wcs, solution: { ...solution, method }, by: catalog.name };
    // The hint was farther off than it said: a part of the image had no stars to be compared with.
    first = solution;
    hint = nearer;
    wcs = solution.wcs;
  }
}

/**
 * Search the indexed sky of every catalogue, or of the one that is named; then that of an installed solve-field.
 *
 * @throws catalog/no-index, catalog/no-solution and what solve-field's failures are
 */
export async function searchSky(
  file: string,
  exposure: CalibratedExposure,
  size: Size,
  store: CatalogStore,
  options: SearchOptions,
  out: Console,
  signal: AbortSignal,
): Promise<Found> {
  const { maxStars, astrometry } = DEFAULT_CATALOG_CONFIG;
  const names =
    options.catalog === undefined ? (await store.list()).map(({ name }) => name) : [options.catalog];
  const scale = options.scale === undefined ? undefined : parsePair(options.scale, '--scale');
  let failure: AstridError | undefined;
  for (const name of names) {
    const index = await store.index(name);
    if (index === undefined) continue;
    out.status(`looking for ${exposure.sources.length} sources on the sky of ${name}`);
    try {
      const solution = await solveBlind(
        { name: file, ...size, sources: exposure.sources },
        index,
        async (hint) => atEpoch(await store.cone(name, coneOfHint(hint, size), maxStars), exposure),
        scale,
        astrometry,
      );
      return { wcs: solution.wcs, solution, by: name };
    } catch (error) {
      if (!isAstridError(error)) throw error;
      failure = error;
    }
  }
  const program = options.catalog === undefined ? findSolveField() : undefined;
  if (program !== undefined && program.indexCount > 0) {
    out.status(`asking solve-field and its ${program.indexCount} index files`);
    const wcs = await solveElsewhere(
      program,
      { ...size, sources: exposure.sources },
      { timeoutMs: ELSEWHERE_MS, scaleArcsec: scale, signal },
    );
    if (wcs !== undefined) return { wcs, by: 'solve-field' };
  }
  throw (
    failure ??
    new AstridError(
      'catalog/no-index',
      `No catalogue ${options.catalog ?? 'of this workspace'} has an index to search. Make one: astrid catalog index NAME`,
      { catalog: options.catalog },
    )
  );
}

function atEpoch(stars: ReferenceStars, { facts }: CalibratedExposure): ReferenceStars {
  return facts.midpointMjdTai === undefined ? stars : propagateStars(stars, julianYear(facts.midpointMjdTai));
}

function chooseHint(
  { header, facts, wcs }: CalibratedExposure,
  size: { readonly widthPx: number; readonly heightPx: number },
  options: SearchOptions,
): FieldHint {
  const config = DEFAULT_CATALOG_CONFIG.astrometry;
  const known = hintOfField({ header, facts, wcs, ...size }, config);
  const place = options.hint === undefined ? undefined : parsePlace(options.hint);
  const radius = parsePair(`0,${options.radius}`, '--radius')[1];
  const scale = readPixelScale(header);
  const scaleArcsec =
    options.scale !== undefined
      ? parsePair(options.scale, '--scale')
      : (known?.scaleArcsec ??
        (scale === undefined
          ? undefined
          : ([scale / (1 + config.scaleError), scale * (1 + config.scaleError)] as const)));
  const raDeg = place?.raDeg ?? known?.raDeg ?? facts.raDeg;
  const decDeg = place?.decDeg ?? known?.decDeg ?? facts.decDeg;
  if (raDeg === undefined || decDeg === undefined || scaleArcsec === undefined || !(scaleArcsec[0] > 0)) {
    const missing = [
      ...(raDeg === undefined ? ['where it points (--hint RA,DEC)'] : []),
      ...(scaleArcsec === undefined || !(scaleArcsec[0] > 0)
        ? ['the size of a pixel (--scale LOW,HIGH in arcsec)']
        : []),
    ];
    throw new AstridError(
      'catalog/no-hint',
      `The header does not tell ${missing.join(' nor ')}. Say it, or search the imported sky with --blind.`,
      { raDeg, decDeg, scaleArcsec },
    );
  }
  return { raDeg, decDeg, radiusDeg: radius / 60, scaleArcsec };
}

function notCovered({ raDeg, decDeg }: FieldHint, name: string | undefined): AstridError {
  const what = name === undefined ? 'No catalogue of this workspace has' : `Catalogue ${name} has no`;
  return new AstridError(
    'catalog/not-covered',
    `${what} stars around RA ${raDeg.toFixed(3)}, Dec ${decDeg.toFixed(3)}. Download Gaia's stars there and add them with "astrid catalog import FILE".`,
    { raDeg, decDeg, catalog: name },
  );
}
