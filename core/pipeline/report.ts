import type { CandidateRecord, RunRecord, StageRunRecord } from './ports.ts';

/** What `astrid process --json` prints: one passage of the line, whole. */
export interface ProcessReport {
  readonly version: 1;
  readonly runId: string;
  readonly status: RunRecord['status'];
  readonly science: unknown;
  readonly template: unknown;
  readonly wcs: { readonly raDeg: number; readonly decDeg: number; readonly pixelScaleArcsec: number } | null;
  readonly registration: unknown;
  readonly difference: unknown;
  readonly completeness: unknown;
  readonly grade: { readonly grade: string; readonly reasons: readonly string[] } | null;
  readonly stages: readonly {
    readonly stage: string;
    readonly status: string;
    readonly seconds: number;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
  /** Score above which the model calls a candidate real. */
  readonly scoreThreshold: number;
  /** Best first. */
  readonly candidates: readonly ReportedCandidate[];
  /** Detections that a rule took out, with its reason; best first. */
  readonly vetoed: readonly ReportedCandidate[];
}

export type ReportedCandidate = Omit<CandidateRecord, 'runId' | 'tripletSha256' | 'label'>;

/** Put a run, its stages and its candidates together as one document. */
export function makeProcessReport(facts: {
  readonly run: RunRecord;
  readonly stages: readonly StageRunRecord[];
  readonly candidates: readonly CandidateRecord[];
  readonly vetoed: readonly CandidateRecord[];
  readonly scoreThreshold: number;
}): ProcessReport {
  const { run } = facts;
  return {
    version: 1,
    runId: run.id,
    status: run.status,
    science: run.science ?? null,
    template: run.template ?? null,
    wcs:
      run.sky && run.science?.center
        ? { ...run.science.center, pixelScaleArcsec: run.sky.pixelScaleArcsec }
        : null,
    registration: run.registration ?? null,
    difference: run.difference ?? null,
    completeness: run.completeness ?? null,
    grade: run.grade ? { grade: run.grade, reasons: run.gradeReasons } : null,
    stages: facts.stages.map(({ stage, status, seconds, metrics }) => ({
      stage,
      status,
      seconds: seconds ?? 0,
      metrics,
    })),
    scoreThreshold: facts.scoreThreshold,
    candidates: facts.candidates.map(reported),
    vetoed: facts.vetoed.map(reported),
  };
}

function reported(candidate: CandidateRecord): ReportedCandidate {
  const { runId: _runId, tripletSha256: _triplet, label: _label, ...rest } = candidate;
  return rest;
}
