import { sql } from 'drizzle-orm';
import { blob, index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Verdict } from '../../../domains/curation/index.ts';
import { runs } from './pipeline.ts';

/** Triplets by their address: small pixels that must open without the field. */
export const cutouts = sqliteTable(
  'cutouts',
  {
    sha256: text('sha256').primaryKey().notNull(),
    /** Empty while the pixels are on another workstation or in the bucket only. */
    bytes: blob('bytes', { mode: 'buffer' }).notNull(),
    mirroredAt: text('mirrored_at'),
  },
  (row) => [
    index('cutouts_to_send').on(row.sha256).where(sql`mirrored_at IS NULL AND length(bytes) > 0`),
    index('cutouts_to_fetch').on(row.sha256).where(sql`length(bytes) = 0`),
  ],
);

/** Scored detections: those that are not vetoed are the candidates. */
export const detections = sqliteTable(
  'detections',
  {
    id: text('id').primaryKey().notNull(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    createdAt: text('created_at').notNull(),
    supersededAt: text('superseded_at'),
    isVetoed: integer('is_vetoed', { mode: 'boolean' }).notNull(),
    rank: integer('rank').notNull(),
    score: real('score').notNull(),
    modelVersion: text('model_version').notNull(),
    executionProvider: text('execution_provider').notNull(),
    xPx: real('x_px').notNull(),
    yPx: real('y_px').notNull(),
    raDeg: real('ra_deg'),
    decDeg: real('dec_deg'),
    fluxE: real('flux_e').notNull(),
    fluxErrE: real('flux_err_e').notNull(),
    snr: real('snr').notNull(),
    scorr: real('scorr_sigma').notNull(),
    isNegative: integer('is_negative', { mode: 'boolean' }).notNull(),
    areaPx: integer('area_px').notNull(),
    maskBits: integer('mask_bits').notNull(),
    mag: real('mag'),
    tripletSha256: text('triplet_sha256')
      .notNull()
      .references(() => cutouts.sha256),
    labelId: text('label_id'),
    labelVerdict: text('label_verdict').$type<Verdict>(),
    flags: text('flags_json', { mode: 'json' }).$type<readonly string[]>().notNull(),
    vetoes: text('vetoes_json', { mode: 'json' })
      .$type<readonly { readonly rule: string; readonly reason: string }[]>()
      .notNull(),
    features: text('features_json', { mode: 'json' }).$type<Readonly<Record<string, number>>>().notNull(),
    isRanked: integer('is_ranked', { mode: 'boolean' }).notNull().default(false),
    novelty: real('novelty').notNull().default(0),
    gain: real('gain').notNull().default(0),
    uncertainty: real('uncertainty').notNull().default(0),
  },
  (row) => [
    index('detections_by_run').on(row.runId, row.isVetoed, row.score, row.id),
    index('detections_by_model').on(
      row.modelVersion,
      row.isVetoed,
      row.supersededAt,
      row.score,
      row.labelVerdict,
    ),
    index('detections_by_score')
      .on(row.isVetoed, row.score, row.id, row.snr, row.runId, row.flags, row.supersededAt)
      .where(sql`superseded_at IS NULL`),
    index('detections_by_snr')
      .on(row.isVetoed, row.snr, row.id, row.score, row.runId, row.flags, row.supersededAt)
      .where(sql`superseded_at IS NULL`),
    index('detections_by_uncertainty')
      .on(row.isVetoed, row.uncertainty, row.id, row.score, row.snr, row.runId, row.flags, row.supersededAt)
      .where(sql`superseded_at IS NULL`),
    index('detections_unranked').on(row.runId, row.id).where(sql`is_ranked = 0 AND superseded_at IS NULL`),
    index('detections_by_novelty')
      .on(row.isVetoed, row.novelty, row.id, row.score, row.snr, row.runId, row.flags, row.supersededAt)
      .where(sql`superseded_at IS NULL`),
    index('detections_by_gain')
      .on(row.isVetoed, row.gain, row.id, row.score, row.snr, row.runId, row.flags, row.supersededAt)
      .where(sql`superseded_at IS NULL`),
    index('detections_by_rank').on(row.isVetoed, row.rank, row.id).where(sql`superseded_at IS NULL`),
    index('detections_labelled')
      .on(row.runId, row.labelVerdict)
      .where(sql`superseded_at IS NULL AND label_id IS NOT NULL`),
    index('detections_by_cutout').on(row.tripletSha256),
    index('detections_columns')
      .on(
        row.runId,
        row.supersededAt,
        row.isVetoed,
        row.score,
        row.snr,
        row.mag,
        row.raDeg,
        row.decDeg,
        row.xPx,
        row.yPx,
        row.isNegative,
        row.labelVerdict,
        row.modelVersion,
        row.rank,
      )
      .where(sql`rank > 0`),
  ],
);
