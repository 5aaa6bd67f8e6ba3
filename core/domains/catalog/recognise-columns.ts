import { AstridError } from '../../utils/index.ts';
import type { CatalogKind, CatalogTable, ReferenceStars, TableColumn } from './model.ts';

/** Where a quantity stands: any of these column names, in lower case. */
type Names = readonly string[];

interface KnownCatalog {
  readonly kind: CatalogKind;
  /** Columns that no other catalogue has: one of them tells. */
  readonly signs: Names;
  readonly id: Names;
  readonly ra: Names;
  readonly dec: Names;
  readonly pmRa: Names;
  readonly pmDec: Names;
  readonly epoch: Names;
  /** Epochs are Modified Julian Dates. */
  readonly hasMjdEpoch: boolean;
  readonly defaultEpochYr: number;
  readonly variable: Names;
  readonly bands: readonly { readonly band: string; readonly mag: Names; readonly err: Names }[];
}

/** Lowest and highest magnitude of a star; outside are marks for "none" (-999, 99, NaN). */
const MAG_RANGE = [-3, 40] as const;
/** 2.5 / ln 10: a magnitude's error from a flux's signal to noise. */
const MAG_PER_RELATIVE_FLUX = 2.5 / Math.LN10;

/** Gaia DR2 and DR3 as the archive and as VizieR (I/345, I/350, I/355) name them. */
const GAIA: KnownCatalog = {
  kind: 'gaia',
  signs: ['phot_g_mean_mag', 'gmag', 'phot_rp_mean_mag'],
  id: ['source_id', 'source', 'dr3name', 'designation'],
  ra: ['ra', 'ra_icrs'],
  dec: ['dec', 'de_icrs'],
  pmRa: ['pmra'],
  pmDec: ['pmdec', 'pmde'],
  epoch: ['ref_epoch', 'epoch'],
  hasMjdEpoch: false,
  defaultEpochYr: 2016,
  variable: ['phot_variable_flag', 'varflag'],
  bands: [
    { band: 'G', mag: ['phot_g_mean_mag', 'gmag'], err: ['phot_g_mean_flux_over_error', 'e_gmag'] },
    { band: 'BP', mag: ['phot_bp_mean_mag', 'bpmag'], err: ['phot_bp_mean_flux_over_error', 'e_bpmag'] },
    { band: 'RP', mag: ['phot_rp_mean_mag', 'rpmag'], err: ['phot_rp_mean_flux_over_error', 'e_rpmag'] },
  ],
};

const panstarrsBand = (band: string) => ({
  band,
  mag: [`${band}meanpsfmag`, `${band}mag`],
  err: [`${band}meanpsfmagerr`, `e_${band}mag`],
});

/** Pan-STARRS DR1 and DR2 as MAST and as VizieR (II/349) name them. */
const PANSTARRS: KnownCatalog = {
  kind: 'panstarrs',
  signs: ['gmeanpsfmag', 'rmeanpsfmag', 'imeanpsfmag', 'zmeanpsfmag', 'ymeanpsfmag', 'ymag'],
  id: ['objid', 'psname', 'objname'],
  ra: ['ramean', 'raj2000', 'rastack', 'ra'],
  dec: ['decmean', 'dej2000', 'decstack', 'dec'],
  pmRa: ['pmra'],
  pmDec: ['pmdec', 'pmde'],
  epoch: ['epochmean', 'epoch'],
  hasMjdEpoch: true,
  defaultEpochYr: 2013,
  variable: [],
  bands: ['g', 'r', 'i', 'z', 'y'].map(panstarrsBand),
};

/** Sloan's bands are small letters and Johnson's capitals: a letter that both have is told by its case. */
const plainBand = (band: string) => {
  const spellings = 'grizuRI'.includes(band) ? [band] : [band, band.toLowerCase()];
  return {
    band,
    mag: spellings.flatMap((name) => [`${name}mag`, `${name}'mag`, `mag_${name}`, name]),
    err: spellings.flatMap((name) => [`e_${name}mag`, `e_${name}'mag`, `${name}mag_err`, `${name}err`]),
  };
};

/** Any other table with positions and magnitudes named after their bands. */
const PLAIN: KnownCatalog = {
  kind: 'plain',
  signs: [],
  id: ['id', 'source_id', 'objid', 'name', 'designation'],
  ra: ['ra', 'radeg', 'ra_deg', 'raj2000', 'ra_icrs', '_raj2000', 'ra(icrs)'],
  dec: ['dec', 'decdeg', 'dec_deg', 'dej2000', 'de_icrs', 'decj2000', '_dej2000', 'dec(icrs)'],
  pmRa: ['pmra', 'pmramasyr'],
  pmDec: ['pmdec', 'pmde', 'pmdecmasyr'],
  epoch: ['epoch', 'epochyr', 'ref_epoch'],
  hasMjdEpoch: false,
  defaultEpochYr: 2000,
  variable: ['variable', 'isvariable', 'var'],
  bands: ['u', 'g', 'r', 'i', 'z', 'y', 'B', 'V', 'R', 'I', 'J', 'H', 'K', 'mag'].map((band) =>
    band === 'mag' ? { band: 'white', mag: ['mag', 'magnitude'], err: ['magerr', 'e_mag'] } : plainBand(band),
  ),
};

const NUMBERS: ReadonlySet<string> = new Set(
  [GAIA, PANSTARRS, PLAIN].flatMap(({ ra, dec, pmRa, pmDec, epoch, bands }) => [
    ...[...ra, ...dec, ...pmRa, ...pmDec, ...epoch],
    ...bands.flatMap(({ mag, err }) => [...mag, ...err].map((name) => name.toLowerCase())),
  ]),
);
const TEXTS: ReadonlySet<string> = new Set(
  [GAIA, PANSTARRS, PLAIN].flatMap(({ id, variable }) => [...id, ...variable]),
);

/**
 * Tell how a column is to be read, so that a reader can leave the other hundred of an archive's table aside.
 *
 * @param name any case.
 */
export function wantedColumn(name: string): 'number' | 'text' | undefined {
  const key = name.trim().toLowerCase();
  if (TEXTS.has(key)) return 'text';
  return NUMBERS.has(key) ? 'number' : undefined;
}

/**
 * Turn an archive's table into reference stars: Gaia's, Pan-STARRS's or any table with `ra`, `dec` and a magnitude.
 *
 * Rows without a position or without any magnitude are left out. Marks for "no value" (-999) become NaN.
 *
 * @param source what the table is, for messages.
 * @throws catalog/missing-column naming the column and what it may be called; catalog/no-stars
 */
export function recogniseColumns(
  table: CatalogTable,
  source: string,
): { readonly kind: CatalogKind; readonly stars: ReferenceStars } {
  const byName = new Map<string, TableColumn>();
  for (const [name, column] of table.columns) byName.set(name.trim().toLowerCase(), column);
  const asWritten = new Map([...table.columns].map(([name, column]) => [name.trim(), column]));
  const find = (names: Names): TableColumn | undefined =>
    names.map((name) => byName.get(name)).find((column) => column !== undefined);
  const known =
    [GAIA, PANSTARRS].find((one) => one.signs.some((sign) => isTelling(one, sign, byName))) ?? PLAIN;
  const required = (what: string, names: Names): Float64Array => {
    const column = find(names);
    if (column === undefined) throw missingColumn(source, what, names, table.names);
    return toNumbers(column);
  };
  const ra = required('the right ascension, degrees', known.ra);
  const dec = required('the declination, degrees', known.dec);
  const inBands = known === PLAIN ? asWritten : byName;
  const bands = known.bands.flatMap(({ band, mag, err }) => {
    const column = mag.map((name) => inBands.get(name)).find((found) => found !== undefined);
    if (column === undefined) return [];
    const errName = err.find((name) => inBands.has(name));
    const errors = errName === undefined ? undefined : toNumbers(inBands.get(errName)!);
    const isSnr = errName?.endsWith('_over_error') === true;
    return [{ band, mag: toNumbers(column), err: errors, isSnr }];
  });
  if (bands.length === 0) {
    const names = known.bands.map(({ mag }) => mag[0]!);
    throw missingColumn(source, 'a magnitude', names, table.names);
  }

  const kept: number[] = [];
  for (let k = 0; k < table.rowCount; k++) {
    const hasPosition = Number.isFinite(ra[k]!) && Math.abs(dec[k]!) <= 90;
    if (hasPosition && bands.some(({ mag }) => isMag(mag[k]!))) kept.push(k);
  }
  if (kept.length === 0)
    throw new AstridError(
      'catalog/no-stars',
      `${source} has ${table.rowCount} rows, and none of them a position with a magnitude. Check that it is the table of stars.`,
      { source, rows: table.rowCount },
    );
  const pick32 = (column: Float64Array | undefined, test: (value: number) => boolean): Float32Array =>
    Float32Array.from(kept, (k) => (column !== undefined && test(column[k]!) ? column[k]! : Number.NaN));
  const isMotion = (value: number): boolean => Math.abs(value) < 20_000;
  const pmRa = find(known.pmRa);
  const pmDec = find(known.pmDec);
  const ids = find(known.id);
  const variable = find(known.variable);
  return {
    kind: known.kind,
    stars: {
      count: kept.length,
      epochYr: readEpoch(find(known.epoch), known),
      raDeg: Float64Array.from(kept, (k) => ((ra[k]! % 360) + 360) % 360),
      decDeg: Float64Array.from(kept, (k) => dec[k]!),
      pmRaMasYr: pick32(pmRa && toNumbers(pmRa), isMotion),
      pmDecMasYr: pick32(pmDec && toNumbers(pmDec), isMotion),
      bands: bands.map(({ band, mag, err, isSnr }) => ({
        band,
        mag: pick32(mag, isMag),
        magErr: pick32(
          isSnr ? err?.map((snr) => MAG_PER_RELATIVE_FLUX / snr) : err,
          (value) => value >= 0 && value < 10,
        ),
      })),
      isVariable: Uint8Array.from(kept, (k) => (isTrue(variable?.[k]) ? 1 : 0)),
      ids: kept.map((k) => (ids === undefined ? placeName(ra[k]!, dec[k]!) : String(ids[k]).trim())),
    },
  };
}

/** Name a star that has no name by its place, to 0.004 arcsec: the same star of another file gets the same name. */
function placeName(raDeg: number, decDeg: number): string {
  return `${raDeg.toFixed(6)}${decDeg < 0 ? '' : '+'}${decDeg.toFixed(6)}`;
}

/** VizieR writes both Gaia's G and Pan-STARRS's g as `gmag` but for the case: its neighbours decide. */
function isTelling(known: KnownCatalog, sign: string, byName: ReadonlyMap<string, unknown>): boolean {
  if (!byName.has(sign)) return false;
  if (sign === 'gmag') return byName.has('bpmag') || byName.has('rpmag');
  if (sign === 'ymag') return byName.has('imag') && byName.has('zmag');
  return known.signs.includes(sign);
}

function missingColumn(source: string, what: string, names: Names, found: readonly string[]): AstridError {
  const shown = found.length > 20 ? [...found.slice(0, 20), '...'] : found;
  return new AstridError(
    'catalog/missing-column',
    `${source} has no column for ${what}: none of ${names.join(', ')} is among its columns (${shown.join(', ')}). ` +
      'Rename the column, or download the table with it.',
    { source, wanted: names, found },
  );
}

function toNumbers(column: TableColumn): Float64Array {
  return column instanceof Float64Array
    ? column
    : Float64Array.from(column, (text) => (text.trim() === '' ? Number.NaN : Number(text)));
}

function isMag(value: number): boolean {
  return value > MAG_RANGE[0] && value < MAG_RANGE[1];
}

/** Median of what is there: positions of one catalogue belong to one epoch, or nearly. */
function readEpoch(column: TableColumn | undefined, known: KnownCatalog): number {
  if (column === undefined) return known.defaultEpochYr;
  const years = toNumbers(column)
    .map((value) => (known.hasMjdEpoch || value > 10_000 ? 2000 + (value - 51_544.5) / 365.25 : value))
    .filter((year) => year > 1800 && year < 2200)
    .sort();
  return years[years.length >> 1] ?? known.defaultEpochYr;
}

/** Gaia says VARIABLE, CONSTANT or NOT_AVAILABLE; others true, 1 or V. */
function isTrue(value: string | number | undefined): boolean {
  return /^(variable|true|t|1|v|yes)$/i.test(String(value ?? '').trim());
}
