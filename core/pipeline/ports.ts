export type * from './access-ports.ts';
export type * from './candidate-ports.ts';
export type * from './catalog-ports.ts';
export type * from './run-ports.ts';
export type * from './stage-ports.ts';
export type * from './store-ports.ts';

/** A moment: ISO 8601 in UTC with milliseconds, e.g. `2026-03-01T04:05:06.789Z`; text order is time order. */
export type Instant = string;

/** The address of bytes: their SHA-256, 64 hex digits in lower case. */
export type Sha256 = string;

export type { Page, PageRequest } from '../utils/index.ts';
