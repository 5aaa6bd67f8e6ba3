export { type DatabaseOptions, openDatabase, type WorkspaceDatabase } from './open-database.ts';
export type { LabelledExample, TrainingSet } from './repositories/training-set.ts';
export { CandidatePlaceSchema, CurationEventSchema, TaxonomySchema } from './shared-schemas.ts';
