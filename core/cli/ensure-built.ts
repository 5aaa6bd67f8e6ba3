import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';

const SOURCES = [
  'core',
  'workers',
  'electron',
  'renderer',
  'package.json',
  '.config/electron.vite.config.ts',
];
const PRODUCTS = ['out/renderer/index.html', 'out/main/main.js'];

/**
 * Build the window and the Electron entry if they are missing or older than their sources.
 *
 * @throws api/build-failed with the end of what the build printed
 */
export async function ensureBuilt(out: Console): Promise<void> {
  const built = Math.min(...PRODUCTS.map((path) => modifiedMs(join(CHECKOUT, path)) ?? 0));
  const changed = Math.max(...SOURCES.map((path) => newestMs(join(CHECKOUT, path))));
  if (built > changed) return;
  out.say('building the workstation (once, about ten seconds)');
  await new Promise<void>((resolve, reject) => {
    const electronVite = join(CHECKOUT, 'node_modules/electron-vite/bin/electron-vite.js');
    const child = spawn(
      process.execPath,
      [electronVite, 'build', '--config', '.config/electron.vite.config.ts', '--logLevel', 'warn'],
      { cwd: CHECKOUT, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let text = '';
    const keep = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else
        reject(new AstridError('api/build-failed', `The workstation could not be built:\n${text}`, { code }));
    });
  });
}

function modifiedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function newestMs(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  let newest = 0;
  for (const entry of readdirSync(path)) {
    if (!entry.includes('.test.')) newest = Math.max(newest, newestMs(join(path, entry)));
  }
  return newest;
}
