import { type SQL, sql } from 'drizzle-orm';
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type {
  CompletenessSummary,
  ExposureSummary,
  RegistrationSummary,
  RunOptions,
  RunStatus,
  SkyLattice,
  StarScores,
} from '../../../pipeline/ports.ts';

/** Passages of the line: the record, and the queue (`lease`) in one row. */
export const runs = sqliteTable(
  'runs',
  {
    id: text('id').primaryKey().notNull(),
    createdAt: text('created_at').notNull(),
    status: text('status').$type<RunStatus>().notNull(),
    sciencePath: text('science_path').notNull(),
    templatePath: text('template_path').notNull(),
    options: text('options_json', { mode: 'json' }).$type<RunOptions>().notNull(),
    science: text('science_json', { mode: 'json' }).$type<ExposureSummary>(),
    template: text('template_json', { mode: 'json' }).$type<ExposureSummary>(),
    grade: text('grade').$type<'green' | 'yellow' | 'red'>(),
    gradeReasons: text('grade_reasons_json', { mode: 'json' })
      .$type<readonly string[]>()
      .notNull()
      .default([]),
    candidateCount: integer('candidate_count').notNull().default(0),
    queuedAt: text('queued_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    lease: text('lease'),
    leaseWorker: text('lease_worker'),
    leaseExpiresAt: text('lease_expires_at'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    errorDetails: text('error_details_json', { mode: 'json' }).$type<Record<string, unknown>>(),
    sky: text('sky_json', { mode: 'json' }).$type<SkyLattice>(),
    registration: text('registration_json', { mode: 'json' }).$type<RegistrationSummary>(),
    difference: text('difference_json', { mode: 'json' }).$type<Record<string, number | string>>(),
    completeness: text('completeness_json', { mode: 'json' }).$type<CompletenessSummary>(),
    starScores: text('star_scores_json', { mode: 'json' }).$type<StarScores>(),
    // Written by triggers from the columns above, for lists.
    nightMjd: integer('night_mjd'),
    name: text('name'),
    band: text('band'),
    seeingArcsec: real('seeing_arcsec'),
    words: text('words'),
    /** Login whose workstation made it; null for this one's. */
    origin: text('origin'),
    // What the files are called, worked out by the database.
    scienceName: text('science_name').generatedAlwaysAs(nameOf('science_path')),
    templateName: text('template_name').generatedAlwaysAs(nameOf('template_path')),
    /** How many runs of the same two files came before it on its workstation; null until it has candidates. */
    nthOfPair: integer('nth_of_pair'),
  },
  (run) => [
    index('runs_by_night').on(run.nightMjd, run.id, run.status, run.candidateCount),
    index('runs_by_name').on(run.name, run.id),
    index('runs_by_seeing').on(run.seeingArcsec, run.id),
    index('runs_by_candidates').on(run.candidateCount, run.id),
    index('runs_by_filter').on(
      run.createdAt,
      run.id,
      run.status,
      run.grade,
      run.band,
      run.nightMjd,
      run.seeingArcsec,
      run.candidateCount,
      run.name,
      run.words,
    ),
    index('runs_by_pair').on(run.scienceName, run.templateName, run.nthOfPair, run.status, run.origin),
    index('runs_by_age').on(run.createdAt, run.id),
    index('runs_by_status').on(run.status, run.createdAt, run.id),
    index('runs_to_claim').on(run.queuedAt, run.id).where(sql`status IN ('queued', 'running')`),
  ],
);

/** The last part of a path of any system, as the migration has it. */
function nameOf(path: string): SQL {
  return sql.raw(`substr(${path}, 1 + length(rtrim(${path}, replace(replace(${path}, '/', ''), '\\', ''))))`);
}

/** Executions of stages, also those that failed or were cut off. */
export const stageRuns = sqliteTable(
  'stage_runs',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
    id: text('id').notNull().unique(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    stage: text('stage').notNull(),
    codeVersion: text('code_version').notNull(),
    configHash: text('config_hash').notNull(),
    inputHash: text('input_hash').notNull(),
    status: text('status').$type<'running' | 'done' | 'failed'>().notNull(),
    startedAt: text('started_at').notNull(),
    finishedAt: text('finished_at'),
    seconds: real('seconds'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    errorDetails: text('error_details_json', { mode: 'json' }).$type<Record<string, unknown>>(),
    metrics: text('metrics_json', { mode: 'json' }).$type<Record<string, number>>().notNull().default({}),
    /** Written by `encodeArtefact`. */
    output: text('output_json'),
    worker: text('worker'),
  },
  (stage) => [
    index('stage_runs_by_start').on(stage.startedAt, stage.seq),
    index('stage_runs_by_run').on(stage.runId, stage.stage, stage.seq),
    uniqueIndex('stage_runs_done')
      .on(stage.runId, stage.stage, stage.codeVersion, stage.configHash, stage.inputHash)
      .where(sql`status = 'done'`),
  ],
);

/** Planes of pixels that a run keeps; the pixels themselves are blobs. */
export const planes = sqliteTable(
  'planes',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    kind: text('kind').notNull(),
    sha256: text('sha256').notNull(),
    width: integer('width_px').notNull(),
    height: integer('height_px').notNull(),
    dtype: text('dtype').$type<'float32' | 'uint16'>().notNull(),
    unit: text('unit').notNull(),
  },
  (plane) => [primaryKey({ columns: [plane.runId, plane.kind] }), index('planes_by_blob').on(plane.sha256)],
);
