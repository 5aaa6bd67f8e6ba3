import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Finding } from '../api/contract/index.ts';
import type { AppPaths } from './paths.ts';

/** Free space below which a night does not fit, bytes. */
const LOW_DISK_BYTES = 5e9;

/**
 * Examine what the workstation needs: what works, what does not, and what mends it.
 *
 * Changes nothing but making the workspace's folder.
 */
export async function examineSystem(workspaceDir: string, paths: AppPaths): Promise<readonly Finding[]> {
  return [
    examineNode(),
    examineMachine(),
    examineElectron(),
    examineSqlite(),
    ...examineWorkspace(workspaceDir),
    await examineModel(paths),
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

function examineElectron(): Finding {
  const name = 'Window';
  if (process.versions.electron) return { name, state: 'ok', message: 'running in Electron' };
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? 'node_modules/electron/dist';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return {
      name,
      state: 'warning',
      message: 'there is no display: the workstation opens in a browser',
      remedy: 'astrid serve',
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

function examineWorkspace(workspaceDir: string): Finding[] {
  const name = 'Workspace';
  try {
    mkdirSync(workspaceDir, { recursive: true });
    accessSync(workspaceDir, constants.R_OK | constants.W_OK);
  } catch (error) {
    const message = `${workspaceDir} cannot be used: ${(error as NodeJS.ErrnoException).code ?? error}`;
    return [
      { name, state: 'error', message, remedy: 'choose another with --workspace, or ASTRID_WORKSPACE' },
    ];
  }
  const { bavail, bsize } = statfsSync(workspaceDir);
  const free = bavail * bsize;
  const disk: Finding = {
    name: 'Disk',
    state: free > LOW_DISK_BYTES ? 'ok' : 'warning',
    message: `${(free / 1e9).toFixed(1)} GB free`,
    ...(free > LOW_DISK_BYTES
      ? {}
      : { remedy: `a field of 2048 x 2048 px keeps about 0.2 GB in ${workspaceDir}` }),
  };
  return [{ name, state: 'ok', message: workspaceDir }, disk];
}

async function examineModel(paths: AppPaths): Promise<Finding> {
  const name = 'Score model';
  try {
    const { listSupportedBackends } = await import('onnxruntime-node');
    const backends = listSupportedBackends().map((backend) => backend.name);
    const found = existsSync(join(paths.modelsDir, 'real-bogus'));
    const message = `execution providers: ${backends.join(', ')}`;
    if (found) return { name, state: 'ok', message };
    return {
      name,
      state: 'error',
      message: `no model in ${paths.modelsDir}`,
      remedy: 'put back models/real-bogus',
    };
  } catch (error) {
    return {
      name,
      state: 'error',
      message: `onnxruntime does not load: ${(error as Error).message}`,
      remedy: 'npm ci',
    };
  }
}

function examineWindow(paths: AppPaths): Finding {
  const built = existsSync(join(paths.rendererDir, 'index.html'));
  const name = 'Build';
  if (built) return { name, state: 'ok', message: 'the window is built' };
  return { name, state: 'warning', message: 'the window is not built yet', remedy: 'npm run build' };
}
