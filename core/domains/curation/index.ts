export * from './assign-queue.ts';
export * from './decide-consensus.ts';
export * from './estimate-truth.ts';
export * from './measure-agreement.ts';
export * from './merge-events.ts';
export * from './model.ts';
export * from './rank-candidates.ts';
export { stampClock } from './stamp-clock.ts';
export * from './taxonomy.ts';
