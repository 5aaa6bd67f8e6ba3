export * from './header.ts';
export * from './model.ts';
export * from './simulate/index.ts';
export * from './wcs/index.ts';
