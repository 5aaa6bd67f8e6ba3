export type { DatabaseLog } from './connection.ts';
export { type DatabaseOptions, openDatabase, type WorkspaceDatabase } from './open-database.ts';
