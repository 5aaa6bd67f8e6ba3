import { readFile } from 'node:fs/promises';
import { parseVotable } from '../adapters/archives/index.ts';
import { columnNumbers, openFits } from '../adapters/imaging/index.ts';
import { AstridError } from '../utils/index.ts';

/** Places of a table, row by row; NaN where a row has none. */
export interface SkyTable {
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
}

/** Names of columns that hold a place in degrees, in lower case, the likeliest first. */
const PAIRS: readonly (readonly [ra: string, dec: string])[] = [
  ['ra', 'dec'],
  ['ra_icrs', 'de_icrs'],
  ['raj2000', 'dej2000'],
  ['_ra', '_de'],
  ['_raj2000', '_dej2000'],
  ['ra_deg', 'dec_deg'],
  ['radeg', 'decdeg'],
  ['ramean', 'decmean'],
  ['ra_j2000', 'dec_j2000'],
  ['alpha_j2000', 'delta_j2000'],
  ['s_ra', 's_dec'],
];

/** A table larger than this is not for the screen. */
export const MOST_TABLE_BYTES = 256 * 1024 * 1024;

/**
 * Read the places of a VOTable or a FITS table.
 *
 * @throws catalog/missing-column where no pair of columns is a place in degrees, catalog/bad-table and what FITS throws
 */
export async function readSkyTable(path: string, kind: 'votable' | 'fits'): Promise<SkyTable> {
  const columns = kind === 'votable' ? await readVotable(path) : await readFitsTable(path);
  for (const [ra, dec] of PAIRS) {
    const [raDeg, decDeg] = [columns.get(ra), columns.get(dec)];
    if (raDeg !== undefined && decDeg !== undefined) return { raDeg, decDeg };
  }
  throw new AstridError(
    'catalog/missing-column',
    `The table has no columns of right ascension and declination in degrees; it has ${[...columns.keys()].slice(0, 12).join(', ') || 'no numbers'}.`,
    { columns: [...columns.keys()] },
  );
}

async function readVotable(path: string): Promise<ReadonlyMap<string, Float64Array>> {
  const names = new Set(PAIRS.flat());
  const text = (await readFile(path)).toString('utf8');
  const { table } = parseVotable(text, path, (name) =>
    names.has(name.toLowerCase()) ? 'number' : undefined,
  );
  return new Map(
    [...table.columns].flatMap(([name, values]) =>
      values instanceof Float64Array ? [[name.toLowerCase(), values] as const] : [],
    ),
  );
}

async function readFitsTable(path: string): Promise<ReadonlyMap<string, Float64Array>> {
  const file = await openFits(path);
  try {
    const table = await file.readTable();
    return new Map(
      table.columns.flatMap((column) => {
        const numbers = column.isVariable ? undefined : columnNumbers(column);
        return numbers === undefined
          ? []
          : [[column.name.toLowerCase(), Float64Array.from(numbers)] as const];
      }),
    );
  } finally {
    await file.close();
  }
}
