import { create } from 'zustand';

/** Lengths of time that the lanes may show, minutes. */
export const SPANS_MINUTES = [10, 60, 360, 1440] as const;

/** What the person does on the screen of jobs; kept while other screens are shown. */
export const useJobsView = create<{
  readonly selectedId: string | undefined;
  readonly spanMinutes: number;
  readonly hasLog: boolean;
}>(() => ({ selectedId: undefined, spanMinutes: 10, hasLog: true }));
