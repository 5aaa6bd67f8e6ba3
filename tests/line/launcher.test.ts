import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSharedFolder } from './run-astrid.ts';

/** A busy machine takes seconds to start a program. */
const SLOW = { timeout: 60_000 };
const folder = makeSharedFolder();

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Start a command by its launcher, and find the program that it started. */
async function launch(...args: readonly string[]) {
  const launcher = spawn(process.execPath, ['core/cli/bin.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let children: number[] = [];
  await expect
    .poll(() => {
      const listed = execFileSync('ps', ['-o', 'pid=,ppid=', '-A'], { encoding: 'utf8' });
      children = [...listed.matchAll(/^\s*(\d+)\s+(\d+)$/gm)]
        .filter(([, , parent]) => Number(parent) === launcher.pid)
        .map(([, pid]) => Number(pid));
      return children.length;
    }, SLOW)
    .toBe(1);
  return { launcher, program: children[0]! };
}

/** Kill a launcher; its program has to be gone soon. */
async function expectBothGone({ launcher, program }: Awaited<ReturnType<typeof launch>>): Promise<void> {
  expect(isAlive(program)).toBe(true);
  launcher.kill('SIGKILL');
  try {
    await expect.poll(() => isAlive(program), SLOW).toBe(false);
  } finally {
    if (isAlive(program)) process.kill(program, 'SIGKILL');
  }
}

describe.skipIf(process.platform === 'win32')('a launcher that is killed', () => {
  it('takes the program with it while that does its work', { timeout: 180_000 }, async () => {
    const served = await launch('serve', '--api', '--port', '0', '--workspace', join(folder, 'served'));
    const [address] = (await once(served.launcher.stdout, 'data')) as [Buffer];
    expect(address.toString()).toMatch(/^http:/);
    await expectBothGone(served);
  });

  it('takes the program with it also while that still starts', { timeout: 180_000 }, async () => {
    // Long enough to be at work for a minute if it is not taken along.
    await expectBothGone(await launch('simulate', '--size', '8192', '--out', join(folder, 'simulated')));
  });
});
