import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type DatabaseOptions, openDatabase, type WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import type { Detection } from '../../core/domains/detection/index.ts';
import type { RunClaim, ScoredDetection, StageKey } from '../../core/pipeline/ports.ts';
import { MIGRATIONS } from './seed-workspace.ts';

export { MIGRATIONS, makeDetection, makeId } from './seed-workspace.ts';

/** What is to be done when a test, or a file of tests, is over. */
export type WhenDone = (cleanUp: () => void) => void;

/** A folder that is gone when the test is over. */
export function makeTemporaryFolder(whenDone: WhenDone = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-'));
  whenDone(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that starts at a known moment and stands still unless it is told to move. */
export function makeClock(start = '2026-03-01T00:00:00.000Z') {
  let unixMs = Date.parse(start);
  return {
    read: () => new Date(unixMs),
    advance: (milliseconds: number) => {
      unixMs += milliseconds;
    },
  };
}

/** What a test's database logged. */
export interface LoggedWarning {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Open a real database in a temporary folder; closed when the test is over. */
export async function openTemporaryDatabase(
  options: Partial<DatabaseOptions> = {},
): Promise<WorkspaceDatabase & { readonly folder: string; readonly warnings: readonly LoggedWarning[] }> {
  const warnings: LoggedWarning[] = [];
  const folder = options.folder ?? makeTemporaryFolder();
  const database = await openDatabase({
    folder,
    migrationsFolder: MIGRATIONS,
    log: { warn: (facts, message) => void warnings.push({ facts, message }) },
    ...options,
  });
  onTestFinished(() => database.close());
  return { ...database, folder, warnings };
}

/** Queue a pair and take it up. */
export async function claimRun(database: WorkspaceDatabase, name = 'a', leaseMs = 60_000): Promise<RunClaim> {
  await database.runs.create({
    sciencePath: `/night/${name}-science.fits`,
    templatePath: `/night/${name}-template.fits`,
    options: { allowBandMismatch: false },
  });
  const claim = await database.queue.claim({ worker: 'test', leaseMs });
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
}

/** The key of a stage whose inputs never change. */
export function makeStageKey(runId: string, stage: string): StageKey {
  return { runId, stage, codeVersion: '1', configHash: 'configuration', inputHash: 'input' };
}

/** A scored detection whose triplet differs from every other's. */
export function makeScored(
  detection: Detection,
  score: number,
  rank: number,
  seed = Math.round(detection.xPx * 1000 + detection.yPx),
): ScoredDetection {
  const pixels = new Float32Array(3 * 63 * 63).fill(seed);
  return { detection, score, rank, triplet: new Uint8Array(pixels.buffer) };
}

/** End a run's last stage with these detections. */
export async function finishWith(
  database: WorkspaceDatabase,
  claim: RunClaim,
  detections: readonly ScoredDetection[],
): Promise<void> {
  const started = await database.stageRuns.start(makeStageKey(claim.runId, 'persist'), claim.lease);
  await database.stageRuns.finishWithCandidates({
    stageRunId: started.id,
    lease: claim.lease,
    seconds: 0.1,
    metrics: {},
    output: undefined,
    modelVersion: 'model-1',
    executionProvider: 'cpu',
    detections,
  });
}
