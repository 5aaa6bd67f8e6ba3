export { type CatalogStore, openCatalogs } from './open-catalogs.ts';
