import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it.skipIf(process.platform === 'win32')('takes the program with it when the launcher is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-launcher-'));
  try {
    // Long enough to be still at work when the launcher dies.
    const launcher = spawn(
      process.execPath,
      ['core/cli/bin.mjs', 'simulate', '--size', '4096', '--out', folder],
      { stdio: 'ignore' },
    );
    let children: number[] = [];
    await expect
      .poll(
        () => {
          const listed = execFileSync('ps', ['-o', 'pid=,ppid=', '-A'], { encoding: 'utf8' });
          children = [...listed.matchAll(/^\s*(\d+)\s+(\d+)$/gm)]
            .filter(([, , parent]) => Number(parent) === launcher.pid)
            .map(([, pid]) => Number(pid));
          return children.length;
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    // The program must have started and be listening to its launcher.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(isAlive(children[0]!)).toBe(true);
    launcher.kill('SIGKILL');
    await expect.poll(() => isAlive(children[0]!), { timeout: 10_000 }).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
