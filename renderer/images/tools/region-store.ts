import { create } from 'zustand';
import { makeId } from '../../api/make-id.ts';
import { useFieldView } from '../field-view.ts';
import {
  EMPTY_HISTORY,
  type RegionDocument,
  type RegionEntry,
  type RegionHistory,
  recordChange,
  redoChange,
  undoChange,
} from './region-document.ts';

/** Where the regions of a field are between starts of the window. */
const STORAGE_PREFIX = 'astrid.regions.';

/** The regions of every field that was shown, each with its history. */
export const useRegionStore = create<{
  readonly histories: Readonly<Record<string, RegionHistory>>;
  /** The last change could not be kept: it is on screen only until the window is closed. */
  readonly isFull: boolean;
}>(() => ({ histories: {}, isFull: false }));

/** The history of the field that is shown. */
export function currentHistory(
  { histories }: { readonly histories: Readonly<Record<string, RegionHistory>> } = useRegionStore.getState(),
  runId: string | undefined = useFieldView.getState().runId,
): RegionHistory {
  return (runId === undefined ? undefined : histories[runId]) ?? EMPTY_HISTORY;
}

/** The regions of the field that is shown; changes with them. */
export function useRegionDocument(): RegionDocument {
  const runId = useFieldView((view) => view.runId);
  return useRegionStore((store) => currentHistory(store, runId)).present;
}

/** Fetch the regions of a field from the last time, unless they are here. */
export function loadRegions(runId: string): void {
  if (useRegionStore.getState().histories[runId] !== undefined) return;
  const entries = readStored(runId);
  setHistory(runId, { ...EMPTY_HISTORY, present: { entries, selectedId: undefined } });
}

/** Do something to the regions of the field that is shown; it can be taken back. */
export function editRegions(change: (document: RegionDocument) => RegionDocument): void {
  turnHistory((history) => recordChange(history, change(history.present)));
}

/** Choose a region, or none. */
export function selectRegion(selectedId: string | undefined): void {
  turnHistory((history) =>
    history.present.selectedId === selectedId
      ? history
      : { ...history, present: { ...history.present, selectedId } },
  );
}

/** Take the last change back. */
export function undoRegions(): void {
  turnHistory(undoChange);
}

/** Do again what was taken back. */
export function redoRegions(): void {
  turnHistory(redoChange);
}

/** A name for something new in a document. */
export function newRegionId(): string {
  return makeId();
}

function turnHistory(turn: (history: RegionHistory) => RegionHistory): void {
  const { runId } = useFieldView.getState();
  if (runId === undefined) return;
  const before = currentHistory();
  const after = turn(before);
  if (after === before) return;
  setHistory(runId, after);
  if (after.present.entries !== before.present.entries) store(runId, after.present.entries);
}

function setHistory(runId: string, history: RegionHistory): void {
  useRegionStore.setState(({ histories }) => ({ histories: { ...histories, [runId]: history } }));
}

function store(runId: string, entries: readonly RegionEntry[]): void {
  try {
    if (entries.length === 0) localStorage.removeItem(STORAGE_PREFIX + runId);
    else localStorage.setItem(STORAGE_PREFIX + runId, JSON.stringify(entries));
    useRegionStore.setState({ isFull: false });
  } catch {
    // The window's store is full: the regions stay on screen, the panel says so, and exporting them is a key away.
    useRegionStore.setState({ isFull: true });
  }
}

function readStored(runId: string): readonly RegionEntry[] {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(STORAGE_PREFIX + runId) ?? '[]');
    return Array.isArray(entries) ? (entries as readonly RegionEntry[]) : [];
  } catch {
    // What an older window wrote, or somebody else: as good as nothing.
    return [];
  }
}
