import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { type SimulatedFiles, writeSimulatedField } from '../../core/app/write-simulated-field.ts';
import type { SimulateConfig } from '../../core/domains/observations/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How a process of the program ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the program while it runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Wait until stderr has had a text; fails if the process ends before. */
  said(text: string): Promise<void>;
}

interface StartOptions {
  /** Start through the launcher that `npx astrid` starts, in a process group of its own. */
  readonly launcher?: boolean;
  readonly cwd?: string;
}

/** Start `astrid` as a user does. */
export function startAstrid(args: readonly string[], { launcher = false, cwd }: StartOptions = {}): Running {
  const entry = launcher
    ? [join(ROOT, 'core/cli/bin.mjs')]
    : ['--disable-warning=ExperimentalWarning', join(ROOT, 'core/cli/main.ts')];
  const child = spawn(process.execPath, [...entry, ...args], {
    cwd: cwd ?? tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: launcher,
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.cache/compile'), ASTRID_LOG: 'error' },
  });
  let stdout = '';
  let stderr = '';
  let told = (): void => undefined;
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    told();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
      told();
    });
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      told = () => {
        if (stderr.includes(text)) resolve();
        else if (child.exitCode !== null || child.signalCode !== null)
          reject(new Error(`astrid ended without saying "${text}":\n${stderr}`));
      };
      told();
    });
  return { child, ended, said };
}

/** Run `astrid` to its end. */
export function runAstrid(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return startAstrid(args, options).ended;
}

/** A folder for the tests of one file, gone when they are over. */
export function makeSharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Simulate a small, kind field. */
export function simulatePair(folder: string, config: Partial<SimulateConfig> = {}): Promise<SimulatedFiles> {
  const small = { sizePx: 192, stars: 60, transients: 4, seed: 11, difficulty: 'easy' } as const;
  return writeSimulatedField(folder, { ...small, ...config }, createInlineRunner());
}

/** Copy a pair, so that a test may do with it what it likes. @returns arguments of `process` and `difference` */
export function copyPair(from: string, to: string): { science: string; template: string } {
  mkdirSync(to, { recursive: true });
  const pair = { science: join(to, 'science.fits'), template: join(to, 'template.fits') };
  copyFileSync(join(from, 'science.fits'), pair.science);
  copyFileSync(join(from, 'template.fits'), pair.template);
  return pair;
}
