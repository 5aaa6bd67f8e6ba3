export { createFetch, type Fetch } from './fetch.ts';
export type { Services } from './ports.ts';
