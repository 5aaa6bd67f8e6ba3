import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { create } from 'zustand';
import { SampNews, type SampState, type SampTable } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** What other programs have sent since the window was opened. */
export const useSampNews = create<{
  readonly last: SampNews | undefined;
  /** Ids of tables, the newest last. */
  readonly tables: readonly string[];
}>(() => ({ last: undefined, tables: [] }));

/** Take a message of another program from the event stream. */
export function receiveSampNews(body: unknown): SampNews | undefined {
  const news = SampNews.safeParse(body);
  if (!news.success) return undefined;
  const { data } = news;
  useSampNews.setState(({ tables }) => ({
    last: data,
    tables: data.kind === 'table' ? [...tables.filter((id) => id !== data.id), data.id] : tables,
  }));
  return data;
}

/** Whether other programs are spoken to, and who is there. */
export function useSamp() {
  return useQuery({
    queryKey: keys.samp,
    queryFn: ({ signal }): Promise<SampState> => client.samp.getSamp(undefined, { signal }),
  });
}

/** Switches SAMP on and off. */
export function useSwitchSamp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (isOn: boolean) => client.samp.switchSamp({ isOn }),
    onSuccess: (state) => queries.setQueryData(keys.samp, state),
  });
}

/** Tables that other programs sent, with their places. */
export function useReceivedTables(): readonly SampTable[] {
  const ids = useSampNews(({ tables }) => tables);
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['samp-table', id],
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<SampTable> =>
        client.samp.getTable({ id }, { signal }),
    })),
    combine: gather,
  });
}

function gather(answers: readonly { readonly data?: SampTable | undefined }[]): readonly SampTable[] {
  return answers.flatMap(({ data }) => data ?? []);
}
