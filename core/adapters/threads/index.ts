export type { PoolState, ThreadRunner, ThreadRunnerOptions } from './create-thread-runner.ts';
export { createThreadRunner } from './create-thread-runner.ts';
