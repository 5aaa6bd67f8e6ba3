export * from './choose-evictions.ts';
export * from './each-at-once.ts';
export * from './exchange-changes.ts';
export * from './fold-field.ts';
export * from './mirror-cutouts.ts';
export * from './model.ts';
export type * from './ports.ts';
export * from './send-blobs.ts';
export * from './shared-rows.ts';
