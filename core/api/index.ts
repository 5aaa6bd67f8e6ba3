export { createFetch, type Fetch, type FetchOptions } from './fetch.ts';
export type { Commands, DoorLog, PairToQueue, Services, SystemFacts } from './ports.ts';
