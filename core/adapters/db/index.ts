export type { Topic } from './connection.ts';
export {
  type DatabaseOptions,
  type JoinedDatabase,
  joinDatabase,
  openDatabase,
  type WorkspaceDatabase,
} from './open-database.ts';
export type { LabelledExample, TrainingSet } from './repositories/training-set.ts';
export { CandidatePlaceSchema, CurationEventSchema, TaxonomySchema } from './shared-schemas.ts';
