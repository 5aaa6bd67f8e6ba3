import { and, eq } from 'drizzle-orm';
import type { RunPatch } from '../../../pipeline/ports.ts';
import { AstridError, type ErrorRecord } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { runs, stageRuns } from '../schema/index.ts';
import { errorColumns } from './error-columns.ts';
import { appendEvent } from './events.ts';

/** Why a stage that was running when its process died is closed. */
export const INTERRUPTED: ErrorRecord = {
  code: 'pipeline/interrupted',
  message: 'The program ended while this stage ran; it starts again with the run.',
  details: {},
};

/** Why a stage that was running when its run was cancelled is closed. */
export const STOPPED: ErrorRecord = {
  code: 'internal/stopped',
  message: 'Stopped on request; nothing was left half-written.',
  details: {},
};

/** The columns of a run that no worker holds. */
export const NO_LEASE = { lease: null, leaseWorker: null, leaseExpiresAt: null } as const;

/** Make sure inside a transaction that a worker still holds its run. @throws pipeline/lease-lost */
export function requireLease(connection: Connection, runId: string, lease: string): void {
  const held = connection.orm
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.lease, lease)))
    .get();
  if (held === undefined)
    throw new AstridError(
      'pipeline/lease-lost',
      `Run ${runId} was stopped or taken up by another worker; what this worker made was not written.`,
      { runId },
    );
}

/** Write what a stage learnt of its run, inside the stage's transaction; absent fields stay, `null` takes one away. */
export function patchRun(connection: Connection, runId: string, patch: RunPatch): void {
  const { science, template, grade, gradeReasons, sky, registration, difference, completeness } = patch;
  const { starScores } = patch;
  const given = {
    science,
    template,
    grade,
    gradeReasons: gradeReasons === null ? [] : gradeReasons,
    sky,
    registration,
    difference,
    completeness,
    starScores,
  };
  if (Object.values(given).every((value) => value === undefined)) return;
  connection.orm.update(runs).set(given).where(eq(runs.id, runId)).run();
}

/** Close what a run left running as failed, and announce it; call it inside a transaction. */
export function closeRunningStages(connection: Connection, runId: string, error: ErrorRecord): void {
  const closed = connection.orm
    .update(stageRuns)
    .set({ status: 'failed', finishedAt: connection.now(), ...errorColumns(error) })
    .where(and(eq(stageRuns.runId, runId), eq(stageRuns.status, 'running')))
    .returning({ stage: stageRuns.stage })
    .all();
  for (const { stage } of closed) announceFailure(connection, runId, stage, error);
}

/** Announce that a stage failed; call it inside the transaction that writes so. */
export function announceFailure(
  connection: Connection,
  runId: string,
  stage: string,
  error: ErrorRecord,
): void {
  const { code, message } = error;
  appendEvent(connection, { kind: 'stage.failed', runId, data: { stage, code, message } });
}
