import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import type { Run, RunOrder } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** Rows of a list that are fetched together. */
const ROWS = 100;

/** What a list of runs is asked for. */
export interface RunList {
  /** Empty: all. */
  readonly filter: string;
  readonly order: RunOrder;
  readonly isAscending: boolean;
}

/** A list of any length, of which only what is in view is fetched. */
export interface RunWindow {
  /** Rows that match; `undefined` until the core has answered for the first time. */
  readonly total: number | undefined;
  /** A row; `undefined` while it is on its way. */
  rowAt(index: number): Run | undefined;
  readonly error: Error | null;
  refetch(): void;
}

/** The rows of a list from `first` to `last`, and whatever else of it is at hand. */
export function useRunWindow(list: RunList, first: number, last: number): RunWindow {
  const from = Math.floor(Math.max(0, first) / ROWS);
  const to = Math.floor(Math.max(0, last) / ROWS);
  const pages = Array.from({ length: Math.min(8, to - from + 1) }, (_, i) => from + i);
  // The first page is always there: it knows how many there are.
  const wanted = pages.includes(0) ? pages : [0, ...pages];
  const answers = useQueries({
    queries: wanted.map((page) => ({
      queryKey: [...keys.runs, 'list', list, page],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        client.pipeline.listRuns(
          {
            offset: page * ROWS,
            limit: ROWS,
            order: list.order,
            ascending: list.isAscending ? ('true' as const) : ('false' as const),
            ...(list.filter.trim() === '' ? {} : { filter: list.filter }),
          },
          { signal },
        ),
      placeholderData: keepPreviousData,
      gcTime: 30_000,
    })),
  });
  const byPage = new Map(wanted.map((page, i) => [page, answers[i]!.data]));
  const failed = answers.find(({ isError }) => isError);
  return {
    total: byPage.get(0)?.total,
    rowAt: (index) => byPage.get(Math.floor(index / ROWS))?.items[index % ROWS],
    error: failed?.error ?? null,
    refetch: () => {
      for (const answer of answers) void answer.refetch();
    },
  };
}

/** All nights that there are runs of, newest first. */
export function useNights() {
  return useQuery({
    queryKey: [...keys.runs, 'nights'],
    queryFn: async ({ signal }) => (await client.pipeline.listNights(undefined, { signal })).nights,
  });
}
