export { LOCAL, NOBODY, type Principal } from './access.ts';
export { createFetch, type Fetch } from './fetch.ts';
export { findRoute, isPublic } from './find-route.ts';
export type { KeyDesk, Services } from './ports.ts';
