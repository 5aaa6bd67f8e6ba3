import { bigint, integer, jsonb, pgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Json } from '../../domains/sync/index.ts';

const astrid = pgSchema('astrid');

/** Steps of the schema that the catalogue has had. */
export const schemaVersions = astrid.table('schema_versions', {
  version: integer('version').primaryKey(),
  name: text('name').notNull(),
  oldestWriter: integer('oldest_writer').notNull(),
  appliedAt: timestamp('applied_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
});

/** Projects that share changes. */
export const projects = astrid.table('projects', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
  head: bigint('head', { mode: 'number' }).notNull().default(0),
});

/** Who may do what in which project. */
export const members = astrid.table('members', {
  projectId: uuid('project_id').notNull(),
  login: text('login').notNull(),
  role: text('role').$type<'viewer' | 'labeller' | 'operator' | 'admin'>().notNull(),
  since: timestamp('since', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
  revokedAt: timestamp('revoked_at', { withTimezone: true, mode: 'string' }),
});

/** The log itself. */
export const changes = astrid.table('changes', {
  projectId: uuid('project_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  id: uuid('id').notNull(),
  kind: text('kind').$type<'append' | 'set'>().notNull(),
  entity: text('entity').notNull(),
  key: text('key').notNull(),
  field: text('field'),
  value: jsonb('value').$type<Json>().notNull(),
  basedOn: uuid('based_on').array().notNull(),
  clock: text('clock').notNull(),
  author: text('author').notNull(),
  receivedAt: timestamp('received_at', { withTimezone: true, mode: 'string' }).notNull(),
});
