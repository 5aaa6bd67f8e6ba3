export { createThreadRunner } from './create-thread-runner.ts';
export type { ThreadRunner, ThreadRunnerOptions } from './create-thread-runner.ts';
