import { writeFits } from '../adapters/imaging/index.ts';
import { findNearbyCatalogs } from '../app/find-nearby-catalogs.ts';
import { type CatalogStore, openWorkspaceCatalogs } from '../app/open-workspace-catalogs.ts';
import { chooseWorkspace } from '../app/paths.ts';
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
import {
  type Exposure,
  isWcsKeyword,
  measureOrientation,
  pixelToSky,
  readPixelScale,
  writeWcsCards,
} from '../domains/observations/index.ts';
import type { CalibratedExposure } from '../domains/preprocessing/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { formatDec, formatRa } from './format-sky.ts';
import { measureExposure } from './measure-exposure.ts';
import { parsePair, parsePlace } from './parse-place.ts';
import { untilStopped } from './until-stopped.ts';

interface SolveOptions {
  readonly hint?: string;
  readonly radius: string;
  readonly scale?: string;
  readonly catalog?: string;
  readonly blind?: boolean;
  readonly out?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Run `astrid solve`. @throws catalog/no-hint, catalog/not-covered and what reading, solving and writing throw */
export async function runSolve(file: string, options: SolveOptions, out: Console): Promise<void> {
  const store = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  await untilStopped(out, async (signal) => {
    const { raw, exposure } = await measureExposure(file, signal, out);
    const size = { widthPx: raw.pixels.width, heightPx: raw.pixels.height };
    const start = performance.now();
    const { solution, catalog } = options.blind
      ? await searchSky(file, exposure, size, store, options, out)
      : await searchHint(file, exposure, size, store, options, out);
    const seconds = (performance.now() - start) / 1000;
    if (options.out !== undefined) {
      await writeSolved(options.out, raw, solution);
      out.say(`written with its coordinates: ${options.out}`);
    }
    const report = reportOf(file, catalog, solution, size, seconds);
    if (options.json) out.print(JSON.stringify(report));
    else out.print(describeSolution(report));
  });
}

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

interface Found {
  readonly solution: FieldSolution;
  readonly catalog: string;
}

/** Solve from what the header or the options say of the place. */
async function searchHint(
  file: string,
  exposure: CalibratedExposure,
  size: Size,
  store: CatalogStore,
  options: SolveOptions,
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
      return { solution: { ...solution, method }, catalog: catalog.name };
    // The hint was farther off than it said: a part of the image had no stars to be compared with.
    first = solution;
    hint = nearer;
    wcs = solution.wcs;
  }
}

/** Search the indexed sky of every catalogue, or of the one that is named. */
async function searchSky(
  file: string,
  exposure: CalibratedExposure,
  size: Size,
  store: CatalogStore,
  options: SolveOptions,
  out: Console,
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
      return { solution, catalog: name };
    } catch (error) {
      if (!isAstridError(error)) throw error;
      failure = error;
    }
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
  options: SolveOptions,
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

/** Write the image as it was read, with the new coordinates in place of the old. */
async function writeSolved(
  path: string,
  { pixels, header }: Exposure,
  { wcs }: FieldSolution,
): Promise<void> {
  const structure =
    /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|END)$/;
  const kept = header.filter(({ keyword }) => !structure.test(keyword) && !isWcsKeyword(keyword));
  const data = pixels.data;
  const isWhole = data.every((value) => Number.isInteger(value) && value >= 0 && value <= 65_535);
  await writeFits(path, [
    {
      kind: 'image',
      shape: [pixels.height, pixels.width],
      data: isWhole ? Uint16Array.from(data) : data,
      header: [...kept, ...writeWcsCards(wcs)],
    },
  ]);
}

function reportOf(
  file: string,
  catalog: string,
  { wcs, pairs: _pairs, ...numbers }: FieldSolution,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  seconds: number,
) {
  const [x, y] = [(widthPx - 1) / 2, (heightPx - 1) / 2];
  return {
    version: 1,
    file,
    catalog,
    ...pixelToSky(wcs, x, y),
    ...measureOrientation(wcs, x, y),
    ...numbers,
    seconds,
    cards: Object.fromEntries(writeWcsCards(wcs).map(({ keyword, value }) => [keyword, value])),
  };
}

function describeSolution(report: ReturnType<typeof reportOf>): string {
  const offsets = report.quadrants
    .map(({ offsetXPx, offsetYPx, count }) => `${offsetXPx.toFixed(3)}, ${offsetYPx.toFixed(3)} (${count})`)
    .join('; ');
  return [
    `centre       ${formatRa(report.raDeg)} ${formatDec(report.decDeg)}  (${report.raDeg.toFixed(6)}, ${report.decDeg.toFixed(6)})`,
    `scale        ${report.pixelScaleArcsec.toFixed(5)} arcsec a pixel, +y at ${report.positionAngleDeg.toFixed(3)} deg, east ${report.isEastLeft ? 'left' : 'right'} of north`,
    `stars        ${report.matched} of ${report.catalog}, odds 1e${Math.floor(report.log10Odds)}, by ${report.method === 'wcs' ? "the header's WCS" : report.method}`,
    `rms          ${report.rmsXPx.toFixed(3)}, ${report.rmsYPx.toFixed(3)} px (${report.rmsArcsec.toFixed(3)} arcsec), distortion of order ${report.order}`,
    `medians px   ${report.offsetXPx.toFixed(3)}, ${report.offsetYPx.toFixed(3)}; quarters ${offsets}`,
    `time         ${report.seconds.toFixed(2)} s to solve`,
  ].join('\n');
}
