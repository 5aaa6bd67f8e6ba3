export { type DatabaseOptions, openDatabase, type WorkspaceDatabase } from './open-database.ts';
export { CandidatePlaceSchema, CurationEventSchema, TaxonomySchema } from './shared-schemas.ts';
