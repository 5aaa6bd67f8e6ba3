import type { Run } from '../../../core/api/contract/index.ts';
import { useRuns } from '../../api/queries.ts';

/** The newest other field with candidates that nobody has judged. */
export function useNextRun(runId: string): { id: string; name: string; left: number } | undefined {
  const runs = useRuns().data?.runs;
  const hasWork = (run: Run): boolean =>
    run.id !== runId && run.status === 'done' && run.labelledCount < run.candidateCount;
  const run = runs?.find(hasWork);
  return (
    run && {
      id: run.id,
      name: run.science?.object ?? run.science?.name ?? 'without name',
      left: run.candidateCount - run.labelledCount,
    }
  );
}
