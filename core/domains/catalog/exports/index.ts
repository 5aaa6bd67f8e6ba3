export * from './format-csv.ts';
export * from './format-votable.ts';
export type * from './model.ts';
export * from './tables.ts';
