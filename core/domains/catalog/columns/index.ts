export * from './bin-rows.ts';
export type * from './model.ts';
export { selectRows } from './select-rows.ts';
export * from './sort-rows.ts';
