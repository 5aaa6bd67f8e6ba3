import {
  administerCatalogue,
  type CatalogueAddress,
  type CatalogueAdministration,
  type CatalogueMigration,
  readCatalogueMigrations,
} from '../adapters/catalogue/index.ts';

export { MEMBER_ROLES } from '../adapters/catalogue/index.ts';

/** Open a shared catalogue as its owner, or as an admin of a project, for one piece of work. @throws what reaching it throws */
export async function administerCatalogueAt(
  address: CatalogueAddress,
  migrationsDir: string,
  work: (owner: CatalogueAdministration, migrations: readonly CatalogueMigration[]) => Promise<void>,
): Promise<void> {
  const owner = administerCatalogue(address);
  try {
    await work(owner, readCatalogueMigrations(migrationsDir));
  } finally {
    await owner.close();
  }
}
