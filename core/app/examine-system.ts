import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase } from '../adapters/db/index.ts';
import { createScorer, type Scorer } from '../adapters/ml/index.ts';
import { findSolveField } from '../adapters/solve-field/index.ts';
import type { Finding } from '../api/contract/index.ts';
import { isAstridError } from '../utils/index.ts';
import { openWorkspaceCatalogs } from './open-workspace-catalogs.ts';
import type { AppPaths } from './paths.ts';

/** Free space below which a night does not fit, bytes. */
const LOW_DISK_BYTES = 5e9;

/** What a program that runs already knows of itself. */
type RunningScorer = Pick<Scorer, 'modelVersion' | 'executionProvider' | 'notes'>;

/**
 * Examine what the workstation needs: what works, what does not, and what mends it.
 *
 * @param running the program's own scorer, when it is the program that asks: it has the workspace and the model open.
 */
export async function examineSystem(
  workspaceDir: string,
  paths: AppPaths,
  running?: RunningScorer,
): Promise<readonly Finding[]> {
  return [
    examineNode(),
    examineMachine(),
    examineElectron(paths, running !== undefined),
    examineSqlite(),
    ...(await examineWorkspace(workspaceDir, paths, running !== undefined)),
    ...(await examineModel(paths, running)),
    await examineCatalogs(workspaceDir),
    ...examineSolveField(),
    examineWindow(paths),
  ];
}

function examineNode(): Finding {
  const name = 'Node';
  const runtime = process.versions.electron ? `Electron ${process.versions.electron}, ` : '';
  return {
    name,
    state: 'ok',
    message: `${runtime}Node ${process.versions.node} on ${process.platform} ${process.arch}`,
  };
}

function examineMachine(): Finding {
  const gib = totalmem() / 2 ** 30;
  const message = `${availableParallelism()} cores, ${gib.toFixed(0)} GiB of memory`;
  if (gib >= 4) return { name: 'Machine', state: 'ok', message };
  return {
    name: 'Machine',
    state: 'warning',
    message,
    remedy: 'Fields over 4096 x 4096 px want 4 GiB or more.',
  };
}

function examineElectron({ modelsDir }: AppPaths, isOpen: boolean): Finding {
  const name = 'Window';
  if (process.versions.electron) return { name, state: 'ok', message: 'running in Electron' };
  if (isOpen) return { name, state: 'ok', message: 'served to a browser' };
  const folder =
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(dirname(modelsDir), 'node_modules/electron/dist');
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return {
      name,
      state: 'warning',
      message: 'there is no display: the workstation opens in a browser',
      remedy: 'npx astrid serve',
    };
  }
  if (existsSync(folder)) return { name, state: 'ok', message: `Electron is in ${folder}` };
  return {
    name,
    state: 'warning',
    message: 'Electron is fetched at the first start; without a network the workstation opens in a browser',
    remedy: 'npm start',
  };
}

function examineSqlite(): Finding {
  const name = 'SQLite';
  try {
    const memory = new Database(':memory:');
    const { version } = memory.prepare('select sqlite_version() as version').get() as { version: string };
    memory.close();
    return { name, state: 'ok', message: `SQLite ${version}` };
  } catch (error) {
    return {
      name,
      state: 'error',
      message: `SQLite does not load: ${(error as Error).message}`,
      remedy: 'npm ci',
    };
  }
}

async function examineWorkspace(
  workspaceDir: string,
  paths: AppPaths,
  isOpen: boolean,
): Promise<readonly Finding[]> {
  const name = 'Workspace';
  const refuse = (message: string): readonly Finding[] => [
    {
      name,
      state: 'error',
      message,
      remedy: 'choose another with --workspace FOLDER, or with ASTRID_WORKSPACE',
    },
  ];
  // A workspace that is not there yet is made by the first command that needs it.
  let present = workspaceDir;
  while (!existsSync(present) && dirname(present) !== present) present = dirname(present);
  try {
    if (!statSync(present).isDirectory()) return refuse(`${workspaceDir}: ${present} is not a folder`);
    accessSync(present, constants.R_OK | constants.W_OK);
  } catch (error) {
    return refuse(`${workspaceDir} cannot be used: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  if (!isOpen && existsSync(join(workspaceDir, 'workspace.sqlite'))) {
    try {
      const log = { warn: () => undefined };
      (await openDatabase({ folder: workspaceDir, migrationsFolder: paths.migrationsDir, log })).close();
    } catch (error) {
      if (!isAstridError(error)) throw error;
      if (error.code !== 'workspace/in-use') return refuse(error.message);
      return [{ name, state: 'ok', message: error.message }, examineDisk(present)];
    }
  }
  const message = present === workspaceDir ? workspaceDir : `${workspaceDir} (not made yet)`;
  return [{ name, state: 'ok', message }, examineDisk(present)];
}

function examineDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const name = 'Disk';
  const message = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
  if (bavail * bsize > LOW_DISK_BYTES) return { name, state: 'ok', message };
  const remedy = `free some: a field of 2048 x 2048 px keeps about 0.2 GB in ${folder}`;
  return { name, state: 'warning', message, remedy };
}

async function examineModel(paths: AppPaths, running?: RunningScorer): Promise<readonly Finding[]> {
  const name = 'Score model';
  if (running) return [describeScorer(running)];
  try {
    const scorer = await createScorer(paths);
    await scorer.close();
    return [describeScorer(scorer)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const remedy = isAstridError(error) ? 'git checkout models/real-bogus' : 'npm ci';
    return [{ name, state: 'error', message, remedy }];
  }
}

function describeScorer({ modelVersion, executionProvider, notes }: RunningScorer): Finding {
  if (executionProvider === 'none')
    return {
      name: 'Score model',
      state: 'warning',
      message: 'none is installed: candidates are in the order of S/N, and labelling works',
      remedy: 'git checkout models/real-bogus',
    };
  const why = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return {
    name: 'Score model',
    state: 'ok',
    message: `${modelVersion} computes on ${executionProvider}${why}`,
  };
}

/** Without reference catalogues everything works but coordinates and magnitudes: no warning. */
async function examineCatalogs(workspaceDir: string): Promise<Finding> {
  const name = 'Catalogues';
  try {
    const all = await openWorkspaceCatalogs(workspaceDir).list();
    if (all.length > 0) {
      const each = all.map(
        ({ name: own, count, areaDeg2 }) => `${own} (${count} stars, ${areaDeg2.toFixed(1)} square degrees)`,
      );
      return { name, state: 'ok', message: each.join(', ') };
    }
    return {
      name,
      state: 'ok',
      message:
        'none: coordinates are those of the headers, and there are no magnitudes; "astrid catalog import FILE" adds one',
    };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { name, state: 'warning', message: error.message, remedy: 'astrid catalog import FILE' };
  }
}

/** Only where it is installed: it is a last resort that nobody needs. */
function examineSolveField(): readonly Finding[] {
  const found = findSolveField();
  if (found === undefined) return [];
  const name = 'solve-field';
  const message = `${found.program}, ${found.indexCount} index files`;
  if (found.indexCount > 0)
    return [{ name, state: 'ok', message: `${message}: the last resort of "astrid solve --blind"` }];
  return [
    { name, state: 'ok', message: `${message}: it can solve nothing, "astrid solve --blind" does without` },
  ];
}

function examineWindow(paths: AppPaths): Finding {
  const built = existsSync(join(paths.rendererDir, 'index.html'));
  const name = 'Build';
  if (built) return { name, state: 'ok', message: 'the window is built' };
  return { name, state: 'warning', message: 'the window is not built yet', remedy: 'npm run build' };
}
