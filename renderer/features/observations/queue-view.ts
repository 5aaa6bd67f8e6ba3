import { create } from 'zustand';
import type { Run, RunOrder } from '../../../core/api/contract/index.ts';

/** What the person does in the queue; kept while other screens are shown, and over restarts. */
export interface QueueView {
  readonly selectedId: string | undefined;
  /** Where in the list the chosen run was seen last. */
  readonly at: number;
  readonly filter: string;
  readonly order: RunOrder;
  readonly isAscending: boolean;
  /** Runs that are marked, to be done something with together. */
  readonly marked: readonly MarkedRun[];
}

/** A run as it was when it was marked: the list in which it was marked may be gone by the time it is meant. */
export type MarkedRun = Pick<Run, 'id' | 'status'>;

export const useQueueView = create<QueueView>(() => ({
  selectedId: undefined,
  at: 0,
  filter: '',
  order: 'created',
  isAscending: false,
  marked: [],
}));

/** List other runs, or in another order: from the top. */
export function changeList(change: Partial<Pick<QueueView, 'filter' | 'order' | 'isAscending'>>): void {
  useQueueView.setState({ ...change, at: 0, selectedId: undefined });
}

/** Order by a column; asked again, the other way round. */
export function orderBy(order: RunOrder): void {
  const { order: before, isAscending } = useQueueView.getState();
  // Names are read from the first letter, everything else from the newest or most.
  changeList({ order, isAscending: before === order ? !isAscending : order === 'name' });
}

/** Mark a run, or take its mark away. */
export function toggleMark({ id, status }: MarkedRun): void {
  useQueueView.setState(({ marked }) => ({
    marked: marked.some((one) => one.id === id)
      ? marked.filter((one) => one.id !== id)
      : [...marked, { id, status }],
  }));
}

/**
 * Say what a command is meant for: all that is marked, wherever in the list it is; nothing marked, the chosen run.
 *
 * @param known runs that were read lately, whose status is newer than the mark's.
 */
export function runsMeant(
  marked: readonly MarkedRun[],
  known: readonly MarkedRun[],
  selected: MarkedRun | undefined,
): readonly MarkedRun[] {
  if (marked.length === 0) return selected === undefined ? [] : [selected];
  const byId = new Map(known.map((run) => [run.id, run]));
  return marked.map((run) => byId.get(run.id) ?? run);
}

/** Put one term into a filter in the place of another of its kind, or take it out. */
export function withTerm(filter: string, kind: string, value: string | undefined): string {
  const others = filter
    .split(/\s+/)
    .filter((term) => term !== '' && !term.startsWith(`${kind}:`))
    .join(' ');
  return [others, value === undefined ? '' : `${kind}:${value}`].filter(Boolean).join(' ');
}
