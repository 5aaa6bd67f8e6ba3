import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Server } from './send-request.ts';

/** A server in a process of its own. */
export interface StartedServer extends Server {
  readonly pid: number;
  /** What it wrote to its log. */
  readonly log: () => string;
  /** Whether it has ended by itself. */
  readonly hasEnded: () => boolean;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Entries: the command as people use it, which builds the window first, and the same without a window. */
const ENTRIES = {
  'astrid serve': (workspace: string) => [
    'core/cli/bin.mjs',
    'serve',
    '--no-open',
    '--port',
    '0',
    '--workspace',
    workspace,
  ],
  // As bin.mjs starts it.
  core: (workspace: string) => ['--max-semi-space-size=16', 'tests/api/serve-core.ts', workspace],
} as const;

/** Serve a workspace in a process of its own. */
export async function startServer(
  workspace: string,
  entry: keyof typeof ENTRIES,
  environment: NodeJS.ProcessEnv = {},
): Promise<StartedServer> {
  const child: ChildProcess = spawn(process.execPath, ENTRIES[entry](workspace), {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SAMP_HUB: 'std-lockurl:file:///nowhere', ASTRID_LOG: 'error', ...environment },
  });
  let log = '';
  child.stderr!.on('data', (chunk) => {
    log = (log + chunk).slice(-100_000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n')[0]!);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  const address = new URL(url);
  return {
    port: Number(address.port),
    token: address.searchParams.get('token')!,
    pid: child.pid!,
    log: () => log,
    hasEnded: () => child.exitCode !== null,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
