import type { Cone, MovingObject } from '../../domains/catalog/index.ts';
import { type ArchiveOptions, getText } from './fetch-text.ts';
import { parseVotable } from './parse-votable.ts';

const CONE_SEARCH = 'https://ssp.imcce.fr/webservices/skybot/api/conesearch.php';

/** Widest circle the service takes, degrees. */
const MOST_DEG = 10;
/** Bodies whose place is known no better than this are left out, arcsec; the service takes 120 at most. */
const WORST_ARCSEC = 120;

const NUMBERS = new Set(['Mv', 'ErrPos', 'dRAcosDec', 'dDEC', '_RAJ2000', '_DECJ2000']);
const TEXTS = new Set(['Num', 'Name', 'Class']);

/**
 * Ask SkyBoT of the IMCCE which known asteroids, comets and planets were in a circle at a moment.
 *
 * Places are astrometric, J2000; those in decimal degrees are read, the sexagesimal ones are hours.
 *
 * @param mjdUtc the middle of the exposure.
 * @param observatory code of the Minor Planet Center; 500 is the centre of the Earth.
 * @throws what `getText` and `parseVotable` throw
 * @see Berthier et al. 2006, ASP Conf. Ser. 351, 367; https://ssp.imcce.fr/webservices/skybot/api/conesearch/
 */
export async function fetchMovingObjects(
  { raDeg, decDeg, radiusDeg }: Cone,
  mjdUtc: number,
  observatory: string,
  options: ArchiveOptions,
): Promise<readonly MovingObject[]> {
  const text = await getText(
    'SkyBoT',
    CONE_SEARCH,
    {
      '-ep': (mjdUtc + 2_400_000.5).toFixed(6),
      '-ra': raDeg.toFixed(6),
      '-dec': decDeg.toFixed(6),
      '-rd': Math.min(MOST_DEG, radiusDeg).toFixed(6),
      '-loc': observatory,
      '-filter': String(WORST_ARCSEC),
      // Asteroids, planets, comets.
      '-objFilter': '111',
      '-refsys': 'EQJ2000',
      '-output': 'all',
      '-mime': 'votable',
      '-from': 'AstrID',
    },
    options,
  );
  const { table } = parseVotable(text, 'SkyBoT', (name) =>
    NUMBERS.has(name) ? 'number' : TEXTS.has(name) ? 'text' : undefined,
  );
  const textAt = (name: string, row: number): string => String(table.columns.get(name)?.[row] ?? '').trim();
  const numberAt = (name: string, row: number): number | undefined => {
    const value = Number(table.columns.get(name)?.[row]);
    return Number.isFinite(value) ? value : undefined;
  };
  return Array.from({ length: table.rowCount }, (_, row) => row).flatMap((row): MovingObject[] => {
    const [ra, dec] = [numberAt('_RAJ2000', row), numberAt('_DECJ2000', row)];
    if (ra === undefined || dec === undefined) return [];
    const number = textAt('Num', row);
    return [
      {
        name: textAt('Name', row),
        number: /^\d+$/.test(number) ? Number(number) : undefined,
        kind: textAt('Class', row),
        raDeg: ra,
        decDeg: dec,
        mag: numberAt('Mv', row),
        errArcsec: numberAt('ErrPos', row),
        raRateArcsecPerHour: numberAt('dRAcosDec', row),
        decRateArcsecPerHour: numberAt('dDEC', row),
      },
    ];
  });
}
