import type { CatalogTable, Cone } from '../../domains/catalog/index.ts';
import { type ArchiveOptions, postForm } from './fetch-text.ts';
import { parseVotable } from './parse-votable.ts';
import type { WantedColumn } from './read-csv.ts';

const SYNC = 'https://gea.esac.esa.int/tap-server/tap/sync';
/** The archive cuts a synchronous answer here without being asked. */
export const GAIA_SYNC_ROWS = 2000;

const COLUMNS = [
  'source_id',
  'ref_epoch',
  'ra',
  'dec',
  'pmra',
  'pmdec',
  'phot_g_mean_mag',
  'phot_g_mean_flux_over_error',
  'phot_bp_mean_mag',
  'phot_bp_mean_flux_over_error',
  'phot_rp_mean_mag',
  'phot_rp_mean_flux_over_error',
  'phot_variable_flag',
];

/**
 * Ask the Gaia archive for the stars of a circle, the brightest first.
 *
 * Synchronous queries give 2000 rows at most: `isCut` says when there are more. Identifiers keep their digits, since
 * the answer is a VOTable and not JSON.
 *
 * @throws what `postForm` and `parseVotable` throw
 * @see https://www.cosmos.esa.int/web/gaia-users/archive/programmatic-access
 */
export async function fetchGaiaCone(
  { raDeg, decDeg, radiusDeg }: Cone,
  wanted: WantedColumn,
  options: ArchiveOptions,
): Promise<{ readonly table: CatalogTable; readonly isCut: boolean }> {
  const query =
    `SELECT TOP ${GAIA_SYNC_ROWS} ${COLUMNS.join(', ')} FROM gaiadr3.gaia_source ` +
    `WHERE 1=CONTAINS(POINT(ra, dec), CIRCLE(${raDeg}, ${decDeg}, ${radiusDeg})) ` +
    'AND phot_g_mean_mag IS NOT NULL ORDER BY phot_g_mean_mag';
  const text = await postForm(
    'The Gaia archive',
    SYNC,
    { REQUEST: 'doQuery', LANG: 'ADQL', FORMAT: 'votable', QUERY: query },
    options,
  );
  const { table, isCut } = parseVotable(text, 'The Gaia archive', wanted);
  return { table, isCut: isCut || table.rowCount >= GAIA_SYNC_ROWS };
}
