import { create } from 'zustand';
import type { RunOrder } from '../../../core/api/contract/index.ts';

/** What the person does in the queue; kept while other screens are shown, and over restarts. */
export interface QueueView {
  readonly selectedId: string | undefined;
  /** Where in the list the chosen run was seen last. */
  readonly at: number;
  readonly filter: string;
  readonly order: RunOrder;
  readonly isAscending: boolean;
  /** Runs that are marked, to be done something with together. */
  readonly marked: readonly string[];
}

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
export function toggleMark(id: string): void {
  useQueueView.setState(({ marked }) => ({
    marked: marked.includes(id) ? marked.filter((one) => one !== id) : [...marked, id],
  }));
}

/** Put one term into a filter in the place of another of its kind, or take it out. */
export function withTerm(filter: string, kind: string, value: string | undefined): string {
  const others = filter
    .split(/\s+/)
    .filter((term) => term !== '' && !term.startsWith(`${kind}:`))
    .join(' ');
  return [others, value === undefined ? '' : `${kind}:${value}`].filter(Boolean).join(' ');
}
