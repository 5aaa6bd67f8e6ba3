import { type ArchiveOptions, fetchGaiaCone, fetchVizierCone } from '../adapters/archives/index.ts';
import {
  type CatalogKind,
  type Cone,
  type ReferenceStars,
  recogniseColumns,
  wantedColumn,
} from '../domains/catalog/index.ts';
import { isAstridError } from '../utils/index.ts';

/** Stars of a circle as an archive gave them. */
export interface FetchedStars {
  readonly kind: CatalogKind;
  readonly stars: ReferenceStars;
  /** The archive had more than it gives at once: the brightest are here. */
  readonly isCut: boolean;
  /** Where they came from. */
  readonly origin: string;
}

/**
 * Fetch the stars of a circle from VizieR; Gaia's from its own archive where VizieR fails, which gives 2000.
 *
 * @throws catalog/archive-unreachable, catalog/archive-timeout, catalog/archive-error, catalog/no-stars
 */
export async function fetchCatalog(
  catalog: 'gaia' | 'panstarrs',
  cone: Cone,
  options: ArchiveOptions,
): Promise<FetchedStars> {
  const place = `${cone.radiusDeg} degrees around ${cone.raDeg}, ${cone.decDeg}`;
  try {
    const { table, isCut } = await fetchVizierCone(catalog, cone, wantedColumn, options);
    return { ...recogniseColumns(table, 'VizieR'), isCut, origin: `VizieR, ${place}` };
  } catch (error) {
    const isFailing = isAstridError(error) && error.code.startsWith('catalog/archive-');
    if (catalog !== 'gaia' || !isFailing) throw error;
    const { table, isCut } = await fetchGaiaCone(cone, wantedColumn, options);
    return { ...recogniseColumns(table, 'The Gaia archive'), isCut, origin: `Gaia archive, ${place}` };
  }
}
