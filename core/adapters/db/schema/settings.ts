import { sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Small facts of the workspace by name. */
export const settings = sqliteTable('settings', {
  key: text('key').primaryKey().notNull(),
  value: text('value_json', { mode: 'json' }).$type<unknown>().notNull(),
  updatedAt: text('updated_at').notNull(),
});
