export type { ScorerOptions } from './create-scorer.ts';
export { createScorer } from './create-scorer.ts';
export type { ExecutionProvider, ModelManifest, Scorer, Scores } from './model.ts';
export { EXECUTION_PROVIDERS } from './model.ts';
export { findModel, readModel } from './read-manifest.ts';
export { closeModelTask, openModelTask, scoreRowsTask } from './tasks.ts';
