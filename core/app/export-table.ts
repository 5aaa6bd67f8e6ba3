import { streamFitsTable } from '../adapters/imaging/index.ts';
import { streamParquet } from '../adapters/parquet/index.ts';
import { REGION_FILE_HEAD, writeShape } from '../api/contract/index.ts';
import {
  EXPORT_TABLES,
  type ExportName,
  type ExportRow,
  type ExportTable,
  formatCsvHead,
  formatCsvRows,
  formatVotableHead,
  formatVotableRows,
  type RowFilter,
  VOTABLE_FOOT,
} from '../domains/catalog/index.ts';
import type { CatalogRepository, ExportFormat } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';

/** Where rows come from. */
export type ExportSource = Pick<
  CatalogRepository,
  'readDetections' | 'readObjects' | 'readLabels' | 'associateRemaining'
>;

/** Radius of the circle that stands for a detection in a region file, arcsec. */
const REGION_RADIUS_ARCSEC = 2;

/**
 * Export a table as a stream of bytes, only as fast as it is read and in memory that does not grow with it.
 *
 * @param filter of detections or objects; labels have none.
 * @throws catalog/unknown-column, catalog/no-regions
 */
export function exportTable(
  catalog: ExportSource,
  name: ExportName,
  format: ExportFormat,
  filter: RowFilter,
): AsyncGenerator<Uint8Array> {
  if (format === 'ds9' && name === 'labels')
    throw new AstridError(
      'catalog/no-regions',
      'Labels have no place of their own; export candidates as regions.',
    );
  return readAhead(readRows(catalog, name, filter), (rows) => writeTable(name, format, rows));
}

/** Read the first rows before the first byte is written: a filter that cannot be read shows before an answer begins. */
async function* readAhead(
  batches: AsyncIterable<readonly ExportRow[]>,
  write: (batches: AsyncIterable<readonly ExportRow[]>) => AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const rows = batches[Symbol.asyncIterator]();
  const first = await rows.next();
  async function* all(): AsyncGenerator<readonly ExportRow[]> {
    try {
      for (let next = first; next.done !== true; next = await rows.next()) yield next.value;
    } finally {
      await rows.return?.();
    }
  }
  yield* write(all());
}

function writeTable(
  name: ExportName,
  format: ExportFormat,
  rows: AsyncIterable<readonly ExportRow[]>,
): AsyncGenerator<Uint8Array> {
  const table: ExportTable = EXPORT_TABLES[name];
  switch (format) {
    case 'csv':
      return streamText(formatCsvHead(table), rows, (some) => formatCsvRows(table, some), '');
    case 'votable':
      return streamText(
        formatVotableHead(table),
        rows,
        (some) => formatVotableRows(table, some),
        VOTABLE_FOOT,
      );
    case 'ds9':
      return streamText(`${REGION_FILE_HEAD}\nicrs\n`, rows, (some) => some.map(formatRegion).join(''), '');
    case 'parquet':
      return streamParquet(table, rows);
    case 'fits':
      return streamFitsTable(name, table.columns, rows);
  }
}

function readRows(
  catalog: ExportSource,
  name: ExportName,
  filter: RowFilter,
): AsyncIterable<readonly ExportRow[]> {
  switch (name) {
    case 'candidates': {
      const words = [...(filter.words ?? []), { column: 'state', names: ['candidate'] }];
      return asRows(catalog.readDetections({ ...filter, words }));
    }
    case 'detections':
      return asRows(catalog.readDetections(filter));
    case 'objects':
      return readObjects(catalog, filter);
    case 'labels':
      return toldLabels(catalog);
  }
}

/** A command that exports may be the first to open a workspace from before there were objects. */
async function* readObjects(catalog: ExportSource, filter: RowFilter): AsyncGenerator<readonly ExportRow[]> {
  await catalog.associateRemaining();
  yield* asRows(catalog.readObjects(filter));
}

/** A label whose verdict is not told yet is no row. */
async function* toldLabels(catalog: ExportSource): AsyncGenerator<readonly ExportRow[]> {
  for await (const labels of asRows(catalog.readLabels()))
    yield labels.filter(({ verdict }) => verdict !== undefined);
}

/** Rows are plain data; the table says which of their fields are told. */
async function* asRows(batches: AsyncIterable<readonly object[]>): AsyncGenerator<readonly ExportRow[]> {
  for await (const rows of batches) yield rows as readonly ExportRow[];
}

async function* streamText(
  head: string,
  batches: AsyncIterable<readonly ExportRow[]>,
  format: (rows: readonly ExportRow[]) => string,
  foot: string,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(head);
  for await (const rows of batches) {
    const text = format(rows);
    if (text !== '') yield encoder.encode(text);
  }
  if (foot !== '') yield encoder.encode(foot);
}

/** A circle with its name; what has no sky coordinates is no region of the sky. */
function formatRegion(row: ExportRow): string {
  const { raDeg, decDeg, name, objectName, id, score, verdict } = row;
  if (typeof raDeg !== 'number' || typeof decDeg !== 'number') return '';
  const text = `${String(name ?? objectName ?? id)} ${Number(score).toFixed(2)}`;
  const colour = { real: 'green', bogus: 'red', unsure: 'yellow' }[String(verdict)] ?? 'cyan';
  const shape = writeShape({
    name: 'circle',
    system: 'icrs',
    isExcluded: false,
    parameters: [
      { value: raDeg, unit: 'none' },
      { value: decDeg, unit: 'none' },
      { value: REGION_RADIUS_ARCSEC, unit: '"' },
    ],
    properties: [
      { key: 'color', value: colour },
      { key: 'text', value: text },
    ],
  });
  return `${shape}\n`;
}
