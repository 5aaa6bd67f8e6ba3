import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  CatalogDetection,
  DetectionColumn,
  ObjectColumn,
  RowFilter,
  SkyObject,
} from '../../core/api/contract/index.ts';
import { API_PREFIX } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

export type CatalogTable = 'detections' | 'objects';
export type CatalogRow = CatalogDetection | SkyObject;

/** Which rows in which order. */
export interface CatalogList {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly order: string;
  readonly isFalling: boolean;
}

/** Rows asked for at once: a screen holds about thirty. */
export const ROWS_OF_PAGE = 100;

function pageOptions({ table, filter, order, isFalling }: CatalogList, page: number) {
  const query = {
    filter: JSON.stringify(filter),
    falling: String(isFalling),
    limit: ROWS_OF_PAGE,
    offset: page * ROWS_OF_PAGE,
  };
  return queryOptions({
    queryKey: [...keys.catalog, 'rows', table, query, order],
    queryFn: async ({ signal }): Promise<{ total: number; rows: readonly CatalogRow[] }> => {
      const { total, items } =
        table === 'detections'
          ? await client.catalog.listDetections({ ...query, order: order as DetectionColumn }, { signal })
          : await client.catalog.listObjects({ ...query, order: order as ObjectColumn }, { signal });
      return { total, rows: items };
    },
    gcTime: 60_000,
  });
}

/** How many rows there are, and a first page. */
export function useCatalogTotal(list: CatalogList) {
  return useQuery({ ...pageOptions(list, 0), placeholderData: keepPreviousData });
}

/** Pages of rows that are in view. @returns the row at a place, once it is here. */
export function useCatalogRows(
  list: CatalogList,
  first: number,
  last: number,
): (index: number) => CatalogRow | undefined {
  const from = Math.floor(first / ROWS_OF_PAGE);
  const to = Math.max(from, Math.floor(last / ROWS_OF_PAGE));
  const pages = Array.from({ length: to - from + 1 }, (_, k) => from + k);
  const answers = useQueries({ queries: pages.map((page) => pageOptions(list, page)) });
  return (index) => answers[Math.floor(index / ROWS_OF_PAGE) - from]?.data?.rows[index % ROWS_OF_PAGE];
}

/** An axis of a plot. */
export interface PlotAxis {
  readonly column: string;
  readonly isLog?: boolean | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly bins: number;
}

/** Numbers of rows along one axis, by a word. */
export function useBinCounts(table: CatalogTable, filter: RowFilter, x: PlotAxis, by = 'verdict') {
  const query = { table, filter: JSON.stringify(filter), by, ...axisQuery('x', x) };
  return useQuery({
    queryKey: [...keys.catalog, 'bins', query],
    queryFn: ({ signal }) => client.catalog.countBins(query as never, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Numbers of rows over two axes; rows themselves where they are few. */
export function useCellCounts(
  table: CatalogTable,
  filter: RowFilter,
  x: PlotAxis,
  y: PlotAxis,
  mostPoints: number,
) {
  const query = {
    table,
    filter: JSON.stringify(filter),
    mostPoints,
    ...axisQuery('x', x),
    ...axisQuery('y', y),
  };
  return useQuery({
    queryKey: [...keys.catalog, 'cells', query],
    queryFn: ({ signal }) => client.catalog.countCells(query as never, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Colours of the stars that rows lie on; only where they are looked at. */
export function useColours(table: CatalogTable, filter: RowFilter, isWanted: boolean) {
  const query = { table, filter: JSON.stringify(filter) };
  return useQuery({
    queryKey: [...keys.catalog, 'colours', query],
    queryFn: ({ signal }) => client.catalog.findColours(query as never, { signal }),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
}

/** One object with its detections and their labels. */
export function useSkyObject(id: string) {
  return useQuery({
    queryKey: [...keys.catalog, 'object', id],
    queryFn: ({ signal }) => client.catalog.getObject({ id }, { signal }),
  });
}

/** Calls an object by a name, or after its place again where there is none; others of the project are told. */
export function useNameObject() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, givenName }: { readonly id: string; readonly givenName: string | undefined }) =>
      givenName === undefined
        ? client.objects.dropObjectName({ id })
        : client.objects.putObjectName({ id, givenName }),
    onSettled: () =>
      Promise.all(
        [keys.catalog, keys.objectNames, keys.sync].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

/** Forced fluxes at a place in every finished run that covers it: seconds, so it is asked for once. */
export function useForcedFluxes(place: { readonly raDeg: number; readonly decDeg: number } | undefined) {
  return useQuery({
    queryKey: ['forced', place?.raDeg, place?.decDeg],
    queryFn: async ({ signal }) => (await client.detection.measureLightCurve(place!, { signal })).points,
    enabled: place !== undefined,
  });
}

/** Where a whole table can be fetched as a file. */
export function exportUrl(table: string, format: string, filter: RowFilter): string {
  return `${API_PREFIX}/exports/${table}?${new URLSearchParams({ format, filter: JSON.stringify(filter) })}`;
}

function axisQuery(name: 'x' | 'y', { column, isLog = false, from, to, bins }: PlotAxis) {
  return {
    [name]: column,
    [`${name}Log`]: String(isLog),
    [`${name}Bins`]: bins,
    ...(from === undefined ? {} : { [`${name}From`]: from }),
    ...(to === undefined ? {} : { [`${name}To`]: to }),
  };
}

/** How well models tell real from bogus at a threshold, by the labels. */
export function useModelEvaluations(threshold: number) {
  return useQuery({
    queryKey: [...keys.catalog, 'models', threshold],
    queryFn: async ({ signal }) => (await client.catalog.evaluateModels({ threshold }, { signal })).models,
    placeholderData: keepPreviousData,
  });
}

/** How well one model tells real from bogus by the labels; nothing before any of its candidates bears one. */
export function useModelEvaluation(modelVersion: string) {
  return useModelEvaluations(0.5).data?.find((model) => model.modelVersion === modelVersion);
}

/** How deep the newest images are. */
export function useDepths() {
  return useQuery({
    queryKey: [...keys.catalog, 'depths'],
    queryFn: async ({ signal }) => (await client.catalog.listDepths({ limit: 50 }, { signal })).images,
  });
}

/** Who labelled how much, and how far they agree. */
export function useLabelWork() {
  const work = useQuery({
    queryKey: [...keys.catalog, 'work'],
    queryFn: ({ signal }) => client.catalog.summariseWork(undefined, { signal }),
  });
  const agreement = useQuery({
    queryKey: [...keys.catalog, 'agreement'],
    queryFn: ({ signal }) => client.curation.measureAgreement({}, { signal }),
  });
  return { work, agreement };
}
