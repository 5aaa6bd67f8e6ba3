export * from './administer.ts';
export type { CatalogueAddress } from './connect.ts';
export { readCatalogueMigrations } from './migrate-catalogue.ts';
export * from './open-catalogue.ts';
