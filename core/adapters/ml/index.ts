export { createScorer } from './create-scorer.ts';
export type { Scorer } from './model.ts';
export { closeModelTask, openModelTask, scoreRowsTask } from './tasks.ts';
