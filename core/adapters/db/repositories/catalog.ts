import {
  type BinnedAxis,
  binEdges,
  type ColumnTable,
  countBins,
  countCells,
  extentOf,
  type RowFilter,
  type RowMask,
  type RowOrder,
} from '../../../domains/catalog/index.ts';
import type {
  AxisRequest,
  CatalogDetection,
  CatalogPage,
  CatalogQuery,
  CatalogRepository,
  CatalogTable,
  SkyObjectRecord,
} from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { ColumnStore, KeyedFilter, Veil } from '../columns/column-store.ts';
import { createDetectionColumns } from '../columns/load-detections.ts';
import { createObjectColumns } from '../columns/load-objects.ts';
import { createVerdictVeils } from '../columns/veil-verdicts.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { associateRemaining } from './associate-run.ts';
import { prepareCatalogRows } from './catalog-rows.ts';
import { type Asker, askerOf } from './withhold-labels.ts';

/** Rows read at once for an export: a few megabytes at most. */
const ROWS_AT_ONCE = 1000;

/** Search, plot and export all that was ever found: columns in memory say which rows, the database what is in them. */
export function createCatalogRepository(connection: Connection): CatalogRepository {
  const detectionColumns = createDetectionColumns(connection);
  const objectColumns = createObjectColumns(connection);
  const rows = prepareCatalogRows(connection);

  const detections = (): Promise<ColumnStore> => detectionColumns.current(objectColumns.relabel);
  const objects = async (): Promise<ColumnStore> => {
    // Labels reach objects through the detections that bear them.
    await detections();
    return objectColumns.current();
  };
  const veils = createVerdictVeils(connection);

  /** A table, and what covers its verdicts for whoever asks: both as of now. */
  const look = async (
    table: CatalogTable,
    seenBy: string | undefined,
  ): Promise<{ readonly store: ColumnStore; readonly veil: Veil | undefined }> => {
    const store = await (table === 'detections' ? detections() : objects());
    return { store, veil: veils.of(table, askerOf(connection, seenBy)) };
  };

  /** Ids as the columns know them; those that are gone are left out. */
  const keyed = (table: CatalogTable, filter: RowFilter): KeyedFilter =>
    filter.ids === undefined ? filter : { ...filter, keys: rows.keysOf(table, filter.ids) };

  const readTables = (seenBy: string | undefined): CatalogRepository => {
    const asker = (): Asker => askerOf(connection, seenBy);

    async function* read<Row>(
      table: CatalogTable,
      filter: RowFilter,
      rowsOf: (keys: readonly number[], asker: Asker) => readonly Row[],
    ): AsyncGenerator<readonly Row[]> {
      const { store, veil } = await look(table, seenBy);
      const { passes } = store.select(keyed(table, filter), veil);
      let keys: number[] = [];
      for (let row = 0; row < passes.length; row++) {
        if (passes[row] === 1) keys.push(store.keyOf(row));
        if (keys.length < ROWS_AT_ONCE && row < passes.length - 1) continue;
        const wanted = keys;
        keys = [];
        // A row that is gone since is left out.
        if (wanted.length > 0) yield await connection.read(() => rowsOf(wanted, asker()));
      }
    }

    return {
      seenBy: readTables,
      listDetections: async (query) => {
        const { store, veil } = await look('detections', seenBy);
        return page(store, veil, { ...query, filter: keyed('detections', query.filter) }, (keys) =>
          rows.detections(keys, asker()),
        );
      },
      listObjects: async (query) => {
        const { store, veil } = await look('objects', seenBy);
        return page(store, veil, { ...query, filter: keyed('objects', query.filter) }, (keys) =>
          rows.objects(keys, asker()),
        );
      },
      getObject: (id) =>
        connection.read(() => {
          const object = rows.objectById(id, asker());
          if (object === undefined)
            throw new AstridError('catalog/object-not-found', `There is no object ${id} in this workspace.`, {
              id,
            });
          return { object, detections: rows.detectionsOf(id, asker()) };
        }),
      countBins: async (table, filter, request, by) => {
        const { store, veil } = await look(table, seenBy);
        const mask = store.select(keyed(table, filter), veil);
        const axis = resolveAxis(store, mask, request);
        if (axis === undefined) return { edges: [], counts: {}, total: mask.count };
        // Words that nobody's row bears are not named: which there are would tell what was said of others.
        const counts = Object.entries(countBins(store.seenThrough(veil), mask, axis, by))
          .filter(([, bins]) => bins.some((n) => n > 0))
          .sort(([a], [b]) => (a < b ? -1 : 1));
        return {
          edges: binEdges(axis),
          counts: Object.fromEntries(counts.map(([name, bins]) => [name, [...bins]])),
          total: mask.count,
        };
      },
      countCells: async (table, filter, xRequest, yRequest, mostPoints) => {
        const { store, veil } = await look(table, seenBy);
        const mask = store.select(keyed(table, filter), veil);
        const x = resolveAxis(store, mask, xRequest);
        const y = resolveAxis(store, mask, yRequest);
        if (x === undefined || y === undefined)
          return { xEdges: [], yEdges: [], counts: [], total: mask.count };
        return {
          xEdges: binEdges(x),
          yEdges: binEdges(y),
          counts: [...countCells(store.table, mask, x, y)],
          points:
            mask.count <= mostPoints
              ? listPoints(store.seenThrough(veil), mask, x.column, y.column)
              : undefined,
          total: mask.count,
        };
      },
      readDetections: (filter) => read<CatalogDetection>('detections', filter, rows.detections),
      readObjects: (filter) => read<SkyObjectRecord>('objects', filter, rows.objects),
      readLabels: async function* () {
        for (let after = 0; ; ) {
          const found = await connection.read(() => rows.labelsAfter(after, ROWS_AT_ONCE, asker()));
          if (found.labels.length > 0) yield found.labels;
          if (found.last === undefined) return;
          after = found.last;
        }
      },
      listLabelledScores: () => connection.read(() => rows.labelledScores(asker())),
      listDepths: (limit) => connection.read(() => rows.depths(limit)),
      associateRemaining: (signal) => associateRemaining(connection, signal),
      warm: async (signal) => {
        await detectionColumns.current(objectColumns.relabel, signal);
        if (signal?.aborted !== true) await objectColumns.current();
      },
    };
  };
  return readTables(undefined);
}

function page<Row>(
  store: ColumnStore,
  veil: Veil | undefined,
  query: CatalogQuery,
  rowsOf: (keys: readonly number[]) => readonly Row[],
): CatalogPage<Row> {
  const { filter, order, isFalling, limit, cursor } = query;
  const view = store.view(filter, order, isFalling, veil);
  const values = store.table.numbers[order]!;
  const direction = `${order}${isFalling ? '-' : '+'}`;
  const offset =
    cursor === undefined
      ? Math.min(query.offset ?? 0, view.rows.length)
      : findAfter(store, view, order, isFalling, cursor);
  const listed = view.rows.subarray(offset, offset + limit);
  const last = listed.at(-1);
  const hasMore = offset + limit < view.rows.length;
  return {
    items: rowsOf(Array.from(listed, (row) => store.keyOf(row))),
    nextCursor:
      hasMore && last !== undefined
        ? writeCursor([direction, String(values[last]), store.keyOf(last)])
        : undefined,
    total: view.rows.length,
    offset,
  };
}

/** Find the first row after the one that a cursor names, or after where it would be. */
function findAfter(
  store: ColumnStore,
  { rows, known }: RowOrder,
  order: string,
  isFalling: boolean,
  cursor: string,
): number {
  const [direction, text, key] = readCursor(cursor, ['', '', 0], 'catalog/bad-cursor');
  if (direction !== `${order}${isFalling ? '-' : '+'}`)
    throw new AstridError(
      'catalog/bad-cursor',
      'The cursor belongs to a list in another order; ask for the first page again.',
      { cursor, order },
    );
  const value = Number(text);
  const values = store.table.numbers[order]!;
  const isBefore = (row: number): boolean => (isFalling ? values[row]! > value : values[row]! < value);
  let low = 0;
  let high = known;
  if (Number.isNaN(value)) low = known;
  else
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(rows[middle]!)) low = middle + 1;
      else high = middle;
    }
  // Among rows with one number only the key tells which; where it is gone, they are shown again rather than skipped.
  for (let at = low; at < rows.length; at++) {
    if (store.keyOf(rows[at]!) === key) return at + 1;
    if (!Number.isNaN(value) && values[rows[at]!] !== value) break;
  }
  return low;
}

function resolveAxis(store: ColumnStore, mask: RowMask, request: AxisRequest): BinnedAxis | undefined {
  const { column, isLog, bins } = request;
  const extent = extentOf(store.table, mask, column, isLog);
  const from = request.from ?? extent?.from;
  const to = request.to ?? extent?.to;
  if (from === undefined || to === undefined || !(from <= to) || (isLog && !(from > 0))) return undefined;
  // One number alone has an axis around it.
  const margin = from === to ? Math.max(Math.abs(from) * 0.01, 1e-6) : 0;
  return { column, isLog, bins, from: from - margin, to: to + margin };
}

function listPoints({ numbers, words }: ColumnTable, { passes }: RowMask, x: string, y: string) {
  const verdict = words.verdict!;
  const points = { x: [] as number[], y: [] as number[], verdict: [] as string[] };
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] === 0) continue;
    const [px, py] = [numbers[x]![row]!, numbers[y]![row]!];
    if (Number.isNaN(px) || Number.isNaN(py)) continue;
    points.x.push(px);
    points.y.push(py);
    points.verdict.push(verdict.names[verdict.codes[row]!]!);
  }
  return points;
}
