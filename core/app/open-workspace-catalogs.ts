import { resolve } from 'node:path';
import { type CatalogStore, openCatalogs } from '../adapters/sky-tiles/index.ts';

export type { CatalogStore };

/** Open the reference catalogues of a workspace. */
export function openWorkspaceCatalogs(workspaceDir: string): CatalogStore {
  return openCatalogs(resolve(workspaceDir, 'catalogs'));
}
