import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { AccessRole } from '../../../pipeline/ports.ts';

/** Keys of programs; the secret is kept as its hash only. */
export const apiKeys = sqliteTable('api_keys', {
  id: text('id').primaryKey().notNull(),
  secretHash: text('secret_hash').notNull(),
  name: text('name').notNull(),
  role: text('role').$type<AccessRole>().notNull(),
  scopes: text('scopes_json', { mode: 'json' }).$type<readonly string[]>(),
  curatorId: text('curator_id').notNull(),
  createdAt: text('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  expiresAt: text('expires_at').notNull(),
  revokedAt: text('revoked_at'),
  lastUsedAt: text('last_used_at'),
});

/** Who wrote what over the API. */
export const auditLog = sqliteTable(
  'audit_log',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
    at: text('at').notNull(),
    requestId: text('request_id').notNull().unique(),
    principal: text('principal').notNull(),
    principalName: text('principal_name').notNull(),
    method: text('method').notNull(),
    route: text('route').notNull(),
    path: text('path').notNull(),
    status: integer('status').notNull(),
  },
  (entry) => [index('audit_log_by_principal').on(entry.principal, entry.seq)],
);
