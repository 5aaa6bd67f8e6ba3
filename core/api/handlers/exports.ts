import { EXPORT_TABLES, type ExportName } from '../../domains/catalog/index.ts';
import type { ExportFormat } from '../../pipeline/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { Principal } from '../access.ts';
import { FilterText } from '../contract/index.ts';
import type { Services } from '../ports.ts';
import { beginReading, streamBody } from '../respond.ts';
import { whoAsks } from './curation.ts';
import { createColourFinder } from './find-colours.ts';

/** Name ending and type of each format. */
const FORMATS: Readonly<Record<ExportFormat, { readonly ending: string; readonly type: string }>> = {
  csv: { ending: 'csv', type: 'text/csv; charset=utf-8; header=present' },
  votable: { ending: 'vot', type: 'application/x-votable+xml' },
  fits: { ending: 'fits', type: 'application/fits' },
  parquet: { ending: 'parquet', type: 'application/vnd.apache.parquet' },
  ds9: { ending: 'reg', type: 'text/plain; charset=utf-8' },
};

/**
 * Answer with a whole table as a file, streamed as it is read.
 *
 * @throws catalog/table-not-found, catalog/unknown-format, catalog/bad-filter, catalog/unknown-column
 */
export async function respondExport(
  services: Services,
  principal: Principal,
  request: Request,
  wantedTable: string,
): Promise<Response> {
  const asked = new URL(request.url).searchParams;
  const name = Object.keys(EXPORT_TABLES).find((known): known is ExportName => known === wantedTable);
  if (name === undefined)
    throw new AstridError(
      'catalog/table-not-found',
      `There is no table ${wantedTable}; there are ${Object.keys(EXPORT_TABLES).join(', ')}.`,
      { table: wantedTable },
    );
  const wanted = asked.get('format') ?? 'csv';
  const format = Object.keys(FORMATS).find((known): known is ExportFormat => known === wanted);
  if (format === undefined)
    throw new AstridError(
      'catalog/unknown-format',
      `The format ${wanted} is not known; choose ${Object.keys(FORMATS).join(', ')}.`,
      { format: wanted },
    );
  const filter = FilterText.safeParse(asked.get('filter') ?? '{}');
  if (!filter.success)
    throw new AstridError(
      'catalog/bad-filter',
      `The filter cannot be read: ${filter.error.issues[0]!.message}`,
      {},
    );
  const curator = await whoAsks(services, principal, undefined);
  const table = name === 'objects' ? 'objects' : 'detections';
  const rows = await createColourFinder(services).resolve(curator, table, filter.data);
  // What is wrong with the request shows with the first bytes, before an answer has begun.
  const chunks = await beginReading(services.exportTable(name, format, rows, curator));
  const { ending, type } = FORMATS[format];
  return new Response(streamBody(chunks), {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="astrid-${name}.${ending}"`,
      'cache-control': 'no-store',
    },
  });
}
