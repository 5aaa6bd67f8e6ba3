export * from './errors.ts';
export * from './ids.ts';
export * from './page.ts';
export * from './random.ts';
export * from './shares.ts';
export * from './tasks.ts';
