export { type DatabaseOptions, openDatabase, type WorkspaceDatabase } from './open-database.ts';
