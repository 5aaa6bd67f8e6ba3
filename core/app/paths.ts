import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What was installed and where; a bundle and a checkout differ. */
export interface AppPaths {
  /** Version of the program. */
  readonly version: string;
  /** Thread entries and how their names end. */
  readonly workersDir: string;
  readonly workersExtension: '.ts' | '.js';
  readonly modelsDir: string;
  readonly migrationsDir: string;
  /** The built window: index.html and its assets. */
  readonly rendererDir: string;
}

/** The paths of a checkout, from its root. */
export function pathsOfCheckout(root: string): AppPaths {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    version,
    workersDir: join(root, 'workers'),
    workersExtension: '.ts',
    modelsDir: join(root, 'models'),
    migrationsDir: join(root, 'migrations/sqlite'),
    rendererDir: join(root, 'out/renderer'),
  };
}

/**
 * Choose the folder of the workspace: what the user names, `ASTRID_WORKSPACE`, or the platform's place for data.
 */
export function chooseWorkspace(
  named: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (named !== undefined && named !== '') return named;
  if (environment.ASTRID_WORKSPACE) return environment.ASTRID_WORKSPACE;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'AstrID');
  if (process.platform === 'win32') {
    return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'AstrID');
  }
  return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'astrid');
}
