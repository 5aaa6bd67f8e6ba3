import type { CatalogTable, Cone } from '../../domains/catalog/index.ts';
import { type ArchiveOptions, postForm } from './fetch-text.ts';
import { parseVotable } from './parse-votable.ts';
import type { WantedColumn } from './read-csv.ts';

const VOTABLE = 'https://vizier.cds.unistra.fr/viz-bin/votable';

/** Catalogues at VizieR whose columns are known, and the columns to ask for. */
const SOURCES = {
  gaia: {
    source: 'I/355/gaiadr3',
    columns: 'Source,RA_ICRS,DE_ICRS,pmRA,pmDE,Gmag,e_Gmag,BPmag,e_BPmag,RPmag,e_RPmag,VarFlag',
    sort: 'Gmag',
  },
  panstarrs: {
    source: 'II/349/ps1',
    columns: 'objID,RAJ2000,DEJ2000,Epoch,gmag,e_gmag,rmag,e_rmag,imag,e_imag,zmag,e_zmag,ymag,e_ymag',
    sort: 'rmag',
  },
} as const;

/** Most rows asked for at once. */
export const VIZIER_ROWS = 100_000;

/**
 * Ask VizieR for the stars of a circle in Gaia DR3 or Pan-STARRS DR1, the brightest first.
 *
 * VizieR tells of failures in answers of status 200: they become errors.
 *
 * @throws what `postForm` and `parseVotable` throw
 * @see https://vizier.cds.unistra.fr/doc/asu-summary.htx
 */
export async function fetchVizierCone(
  catalog: keyof typeof SOURCES,
  { raDeg, decDeg, radiusDeg }: Cone,
  wanted: WantedColumn,
  options: ArchiveOptions,
): Promise<{ readonly table: CatalogTable; readonly isCut: boolean }> {
  const { source, columns, sort } = SOURCES[catalog];
  const text = await postForm(
    'VizieR',
    VOTABLE,
    {
      '-source': source,
      // The sign is part of the syntax: "10.5-60.1", "10.5+41.2".
      '-c': `${raDeg}${decDeg < 0 ? '' : '+'}${decDeg}`,
      '-c.eq': 'J2000',
      '-c.u': 'deg',
      '-c.r': String(radiusDeg),
      '-c.geom': 'r',
      '-out': columns,
      '-out.max': String(VIZIER_ROWS),
      '-sort': sort,
    },
    options,
  );
  const { table, isCut } = parseVotable(text, 'VizieR', wanted);
  return { table, isCut: isCut || table.rowCount >= VIZIER_ROWS };
}
