import { sql } from 'drizzle-orm';
import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { MovingObject } from '../../../domains/catalog/index.ts';
import { detections } from './detection.ts';
import { runs } from './pipeline.ts';

/** Detections of many runs that are one thing on the sky, and what is known of it. */
export const skyObjects = sqliteTable(
  'sky_objects',
  {
    id: text('id').primaryKey().notNull(),
    name: text('name').notNull().unique(),
    createdAt: text('created_at').notNull(),
    revision: integer('revision').notNull(),
    raDeg: real('ra_deg').notNull(),
    decDeg: real('dec_deg').notNull(),
    positionErrArcsec: real('position_err_arcsec').notNull(),
    zone: integer('zone').notNull(),
    detectionCount: integer('detection_count').notNull(),
    firstMjdTai: real('first_mjd_tai'),
    lastMjdTai: real('last_mjd_tai'),
    bestScore: real('best_score'),
    bestSnr: real('best_snr'),
    brightestMag: real('brightest_mag'),
    givenName: text('given_name'),
  },
  (object) => [
    index('sky_objects_by_place').on(object.zone, object.raDeg),
    index('sky_objects_by_revision').on(object.revision),
    index('sky_objects_named').on(object.givenName).where(sql`given_name IS NOT NULL`),
  ],
);

/** Which object a detection belongs to. */
export const skyObjectDetections = sqliteTable(
  'sky_object_detections',
  {
    detectionId: text('detection_id')
      .primaryKey()
      .notNull()
      .references(() => detections.id),
    objectId: text('object_id')
      .notNull()
      .references(() => skyObjects.id),
    positionErrArcsec: real('position_err_arcsec').notNull(),
  },
  (link) => [index('sky_object_detections_by_object').on(link.objectId)],
);

/** Runs whose candidates have been associated. */
export const associatedRuns = sqliteTable('associated_runs', {
  runId: text('run_id')
    .primaryKey()
    .notNull()
    .references(() => runs.id),
  at: text('at').notNull(),
});

/** Places that people gave a name to, and what lies there. */
export const objectNames = sqliteTable(
  'object_names',
  {
    key: text('key').primaryKey().notNull(),
    raDeg: real('ra_deg').notNull(),
    decDeg: real('dec_deg').notNull(),
    zone: integer('zone').notNull(),
    objectId: text('object_id').references(() => skyObjects.id),
  },
  (name) => [
    index('object_names_by_place').on(name.zone, name.raDeg),
    index('object_names_by_object').on(name.objectId),
  ],
);

/** Known bodies of the solar system over the image of a run, as a service gave them. */
export const movingObjects = sqliteTable('moving_objects', {
  runId: text('run_id')
    .primaryKey()
    .notNull()
    .references(() => runs.id),
  askedAt: text('asked_at').notNull(),
  observatory: text('observatory').notNull(),
  objects: text('objects', { mode: 'json' }).$type<readonly MovingObject[]>().notNull(),
});
