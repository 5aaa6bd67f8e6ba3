export * from './administer.ts';
export type { CatalogueAddress } from './connect.ts';
export * from './list-projects.ts';
export { type CatalogueMigration, readCatalogueMigrations } from './migrate-catalogue.ts';
export * from './open-catalogue.ts';
