import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SystemFacts } from '../api/ports.ts';
import type { AppPaths } from './paths.ts';

/** Files looked at before a folder's size is left out: a person does not wait for a count of millions. */
const MOST_FILES = 20_000;

/** Tell where everything lies, and how large it is. */
export async function listFolders(workspaceDir: string, paths: AppPaths): Promise<SystemFacts['folders']> {
  const folders = [
    {
      name: 'Workspace',
      path: workspaceDir,
      note: 'All of it: copy it while AstrID is closed, and you have a backup.',
    },
    {
      name: 'Images',
      path: join(workspaceDir, 'blobs'),
      note: 'Planes of runs, by the hash of their bytes.',
    },
    {
      name: 'Catalogues',
      path: join(workspaceDir, 'catalogs'),
      note: 'Stars that were imported or fetched.',
    },
    { name: 'Models', path: paths.modelsDir, note: 'Score models that are installed.' },
  ];
  const sized = folders.map(async (folder) => ({ ...folder, bytes: await measure(folder.path) }));
  return Promise.all(sized);
}

async function measure(folder: string): Promise<number | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    if (files.length > MOST_FILES) return undefined;
    const sizes = await Promise.all(
      files.map((file) =>
        stat(join(file.parentPath, file.name)).then(
          ({ size }) => size,
          // Deleted between the two looks.
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    // Folders come with the first file in them.
    return undefined;
  }
}
