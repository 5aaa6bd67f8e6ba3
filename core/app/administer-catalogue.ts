import {
  administerCatalogue,
  type CatalogueAdministration,
  type CatalogueMigration,
  readCatalogueMigrations,
} from '../adapters/catalogue/index.ts';

export { MEMBER_ROLES } from '../adapters/catalogue/index.ts';

/** Open a shared catalogue as its owner for one piece of work. @throws what reaching it throws */
export async function administerCatalogueAt(
  url: string,
  migrationsDir: string,
  work: (owner: CatalogueAdministration, migrations: readonly CatalogueMigration[]) => Promise<void>,
): Promise<void> {
  const owner = administerCatalogue({ url });
  try {
    await work(owner, readCatalogueMigrations(migrationsDir));
  } finally {
    await owner.close();
  }
}
