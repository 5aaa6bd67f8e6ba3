export type { Wcs } from './model.ts';
