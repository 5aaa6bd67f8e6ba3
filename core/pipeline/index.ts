export * from './config.ts';
export { LINE } from './line.ts';
export type * from './ports.ts';
export type { Progress, ProgressListener } from './progress.ts';
export * from './report.ts';
export * from './run-line.ts';
export { runStages } from './run-stages.ts';
export type { StageName, StageOutputs, StagePorts } from './stage.ts';
export * from './work-queue.ts';
