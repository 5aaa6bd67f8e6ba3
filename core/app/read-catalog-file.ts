import { open, readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseVotable, readCsv } from '../adapters/archives/index.ts';
import { columnNumbers, type FitsTable, openFits, parseImageName } from '../adapters/imaging/index.ts';
import {
  type CatalogKind,
  type CatalogTable,
  type ReferenceStars,
  recogniseColumns,
  type TableColumn,
  wantedColumn,
} from '../domains/catalog/index.ts';
import { AstridError } from '../utils/index.ts';

/**
 * Read a downloaded table of stars: CSV or TSV, VOTable, FITS; each gzipped or not.
 *
 * @param name a path, for FITS with the HDU in brackets if it is not the first table.
 * @throws catalog/missing-column, catalog/no-stars, catalog/bad-table, observations/unreadable and what FITS throws
 */
export async function readCatalogFile(
  name: string,
): Promise<{ readonly kind: CatalogKind; readonly stars: ReferenceStars; readonly isCut: boolean }> {
  const { path, hdu } = parseImageName(name);
  const start = await readStart(path);
  if (start.startsWith('SIMPLE  =')) {
    const file = await openFits(path);
    try {
      return { ...recogniseColumns(tableOf(await file.readTable(hdu)), name), isCut: false };
    } finally {
      await file.close();
    }
  }
  if (start.trimStart().startsWith('<')) {
    const bytes = await readFile(path);
    const text = (bytes[0] === 0x1f ? unpack(bytes, path) : bytes).toString('utf8');
    const { table, isCut } = parseVotable(text, name, wantedColumn);
    return { ...recogniseColumns(table, name), isCut };
  }
  return { ...recogniseColumns(await readCsv(path, wantedColumn), name), isCut: false };
}

/** Text larger than this is no table that a person has downloaded, bytes. */
const MOST_TEXT_BYTES = 500 * 2 ** 20;

/** @throws catalog/unpacks-too-large */
function unpack(bytes: Buffer, path: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_TEXT_BYTES });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new AstridError(
      isTooLarge ? 'catalog/unpacks-too-large' : 'observations/unreadable',
      isTooLarge
        ? `${path} unpacks to more than ${MOST_TEXT_BYTES} bytes; cut it into parts, or import it as CSV or FITS.`
        : `${path} cannot be unpacked: ${(error as Error).message}.`,
      { path },
    );
  }
}

/** The first letters of a file, unpacked if it is gzipped. */
async function readStart(path: string): Promise<string> {
  try {
    const handle = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(65_536), 0, 65_536, 0);
      const bytes = Buffer.from(buffer.subarray(0, bytesRead));
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('latin1', 0, 512);
      return gunzipSync(bytes, { finishFlush: 2 }).toString('latin1', 0, 512);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new AstridError('observations/unreadable', `${path} cannot be read: ${(error as Error).message}.`, {
      path,
    });
  }
}

function tableOf(table: FitsTable): CatalogTable {
  const columns = new Map<string, TableColumn>();
  for (const column of table.columns) {
    const kind = wantedColumn(column.name);
    if (kind === undefined || column.isVariable) continue;
    const numbers = kind === 'number' ? columnNumbers(column) : undefined;
    if (numbers !== undefined) columns.set(column.name, numbers);
    else
      columns.set(
        column.name,
        Array.from(column.values as ArrayLike<unknown>, (value) => String(value ?? '')),
      );
  }
  return { rowCount: table.rowCount, names: table.columns.map(({ name }) => name), columns };
}
