export * from './header.ts';
export * from './model.ts';
export * from './read-facts.ts';
export * from './sample-sky-lattice.ts';
export * from './simulate/index.ts';
export * from './wcs/index.ts';
export * from './tasks.ts';
