import type { Run } from '../../core/api/contract/index.ts';

/** Say where the images of a field are that another workstation processed; nothing of those that were made here. */
export function describeElsewhere(run: Run | undefined): string | undefined {
  if (run?.origin === undefined) return undefined;
  return `on the workstation of ${run.origin}, which has not sent it; ask for its images.`;
}
