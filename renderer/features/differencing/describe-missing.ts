import type { Run } from '../../../core/api/contract/index.ts';
import { describeElsewhere } from '../../images/describe-elsewhere.ts';
import type { PaneKind } from '../../images/field-view.ts';

/** The stage that makes each image. */
const MAKER: Readonly<Record<PaneKind, string>> = {
  science: 'preprocess',
  template: 'register',
  difference: 'difference',
  score: 'difference',
};

/** Say why a run has no image of a kind. */
export function describeMissing(run: Run | undefined, kind: PaneKind): string {
  if (run === undefined) return 'the run is not read yet.';
  const elsewhere = describeElsewhere(run);
  if (elsewhere !== undefined) return elsewhere;
  const maker = run.stages.find(({ stage }) => stage === MAKER[kind]);
  if (maker?.status === 'done') return 'its pixels were not kept by this run.';
  const failed = run.stages.find(({ status }) => status === 'failed');
  if (failed !== undefined)
    return `not made, because ${failed.stage} failed. ${failed.errorMessage ?? run.errorMessage ?? ''}`.trim();
  if (run.status === 'cancelled') return 'not made, because the run was stopped.';
  return `not made yet: the line has not come to ${MAKER[kind]}.`;
}

/** Say that the template was resampled by more than its own pixels, or nothing. */
export function describeResampling(templateScale: number | undefined): string | undefined {
  if (templateScale === undefined || Math.abs(templateScale - 1) < 0.005) return undefined;
  return `resampled for display ${templateScale.toFixed(2)}:1`;
}
