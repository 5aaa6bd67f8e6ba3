export { createScorer, type ScorerOptions } from './create-scorer.ts';
export { createSubstituteScorer } from './create-substitute-scorer.ts';
export { describeModels } from './describe-models.ts';
export type { Scorer } from './model.ts';
export { findModel, readModel } from './read-manifest.ts';
export { closeModelTask, openModelTask, scoreRowsTask } from './tasks.ts';
