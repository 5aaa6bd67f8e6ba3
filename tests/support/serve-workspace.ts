import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `astrid serve` over an empty workspace. */
export interface ServedWorkspace {
  readonly address: string;
  readonly folder: string;
  /** Memory of the core and what it started, bytes. */
  residentBytes(): number;
  close(): Promise<void>;
}

/** Serve an empty workspace. */
export async function serveWorkspace(): Promise<ServedWorkspace> {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-image-'));
  const workspace = join(folder, 'workspace');
  const host: ChildProcess = spawn(
    process.execPath,
    ['core/cli/bin.mjs', 'serve', '--no-open', '--workspace', workspace],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    host.once('exit', (code) => reject(new Error(`astrid serve ended with ${code}`)));
  });
  return {
    address,
    folder,
    residentBytes: () => treeOf(host.pid!).reduce((bytes, pid) => bytes + residentOf(pid), 0),
    close: async () => {
      host.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A process and all it started. Linux only. */
function treeOf(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
      parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
    }
  }
  const tree = [root];
  for (let i = 0; i < tree.length; i++)
    for (const [pid, parent] of parents) if (parent === tree[i]) tree.push(pid);
  return tree;
}

/** Resident memory of one process, its part of what others share counted, bytes; 0 when it has ended. Linux only. */
export function residentOf(pid: number): number {
  try {
    const [, kibibytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** How one process was started; empty when it has ended. Linux only. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
