import type { Run, StageState } from '../../../core/api/contract/index.ts';
import { formatCount, formatFixed } from '../../ui/format.ts';

/** The steps of the line in order, as the queue names them. */
export const STAGES: readonly StageState['stage'][] = [
  'ingest',
  'preprocess',
  'register',
  'difference',
  'detect',
  'score',
  'persist',
  'completeness',
];

/** What a field is called: its object, else the name of its exposure, else the end of its path. */
export function nameOfRun(run: Run): string {
  return run.science?.object ?? run.science?.name ?? run.sciencePath.split(/[\\/]/).slice(-2).join('/');
}

/** One stage of a run; pending when the run has not heard of it yet. */
export function stageOf(run: Run, stage: StageState['stage']): StageState {
  return run.stages.find((state) => state.stage === stage) ?? { stage, status: 'pending', metrics: {} };
}

/** Seconds that all finished stages took. */
export function secondsOf(run: Run): number {
  return run.stages.reduce((sum, stage) => sum + (stage.seconds ?? 0), 0);
}

/** The one number that tells how a stage went. */
export function factOf({ metrics }: StageState): { value: string; of: string } | undefined {
  const find = (name: string, of: string, decimals = 0): { value: string; of: string } | undefined => {
    const value = metrics[name];
    if (value === undefined) return undefined;
    return { value: decimals > 0 ? formatFixed(value, decimals) : formatCount(value), of };
  };
  const { widthPx, heightPx } = metrics;
  if (widthPx !== undefined && heightPx !== undefined) return { value: `${widthPx} × ${heightPx}`, of: 'px' };
  return (
    find('sources', 'sources') ??
    find('rmsPx', 'px rms', 2) ??
    find('scorrMadStd', 'σ of S_corr', 3) ??
    find('detections', 'detections') ??
    find('scored', 'scored') ??
    find('candidates', 'candidates') ??
    find('snr50', 'S/N at 50 %', 1)
  );
}

/** What a failure has left untouched, and where a retry would begin. */
export function describeSafety(run: Run): string {
  const done = STAGES.filter((stage) => stageOf(run, stage).status === 'done');
  const next = STAGES.find((stage) => stageOf(run, stage).status !== 'done');
  const labels = run.labelledCount > 0 ? ` Its ${run.labelledCount} labels are on disk.` : '';
  if (done.length === 0) return `Nothing was changed; a retry starts from the beginning.${labels}`;
  return `${listWords(done)} ${done.length === 1 ? 'is' : 'are'} on disk; a retry starts at ${next}.${labels}`;
}

/** Join words as a sentence does: `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The run that the live lane shows: the one that moves, else the one that ended last. */
export function liveRun(runs: readonly Run[]): Run | undefined {
  return (
    runs.find(({ status }) => status === 'running') ??
    runs.find(({ status }) => status !== 'queued') ??
    runs[0]
  );
}

/** The last part of a path, on any system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}
