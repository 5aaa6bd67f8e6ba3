import { create } from 'zustand';

/** What the person does in the queue; kept while other screens are shown. */
export const useQueueView = create<{ readonly selectedId: string | undefined }>(() => ({
  selectedId: undefined,
}));
