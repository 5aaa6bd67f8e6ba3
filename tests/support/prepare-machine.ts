import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ELECTRON_SETUP = resolve('../shared/tools/electron-runtime/setup');

/**
 * Make this machine ready for the end-to-end tests: the build, a display, and an Electron where one can be had.
 *
 * What cannot be had leaves its tests skipped, with the reason.
 *
 * @returns what ends the display again
 */
export default async function prepareMachine(): Promise<() => void> {
  execFileSync('npm', ['run', '-s', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (!process.env.ELECTRON_OVERRIDE_DIST_PATH && existsSync(ELECTRON_SETUP)) {
    const exports = execFileSync(ELECTRON_SETUP, { encoding: 'utf8' });
    for (const [, name, value] of exports.matchAll(/^export (\w+)='?([^'\n]*)'?$/gm))
      process.env[name!] = value!;
  }
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
    return () => undefined;
  return startDisplay();
}

async function startDisplay(): Promise<() => void> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise<string | undefined>((answer) => {
    server.once('error', () => answer(undefined));
    server.once('exit', () => answer(undefined));
    server.stdio[3]!.once('data', (chunk: Buffer) => answer(chunk.toString().trim()));
  });
  if (number === undefined) return () => undefined;
  process.env.DISPLAY = `:${number}`;
  return () => server.kill();
}
