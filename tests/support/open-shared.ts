import { join } from 'node:path';
import { openDatabase, type WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import { createFolderBlobStore, type FolderBlobStore } from '../../core/adapters/storage/index.ts';
import { createSyncService, type SyncService } from '../../core/app/sync-service.ts';
import { MIGRATIONS } from './seed-workspace.ts';

/** A workspace with its sharing, and without the rest of the program. */
export interface SharedWorkspace {
  readonly database: WorkspaceDatabase;
  readonly folder: FolderBlobStore;
  readonly sync: SyncService;
  close(): Promise<void>;
}

/** Open a workspace as far as sharing needs it; passwords are kept in memory, and may be those of an earlier opening. */
export async function openShared(
  workspace: string,
  secrets = new Map<string, string>(),
): Promise<SharedWorkspace> {
  const database = await openDatabase({
    folder: workspace,
    migrationsFolder: MIGRATIONS,
    log: { warn: () => undefined },
  });
  const folder = await createFolderBlobStore(join(workspace, 'blobs'));
  const sync = createSyncService({
    database,
    folder,
    secrets: {
      kind: 'memory',
      get: async (name) => secrets.get(name),
      set: async (name, value) =>
        void (value === undefined ? secrets.delete(name) : secrets.set(name, value)),
    },
    migrationsDir: 'migrations/postgres',
    runsAlone: false,
  });
  return {
    database,
    folder,
    sync,
    close: async () => {
      await sync.close();
      database.close();
    },
  };
}
