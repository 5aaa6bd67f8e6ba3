import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findSolveField, runSolveField } from './index.ts';

let folder: string;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astrid-solve-field-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'data'));
  await writeFile(
    join(folder, 'astrometry.cfg'),
    `# made by hand\ncpulimit 9\nadd_path ${join(folder, 'data')}\nautoindex\n`,
  );
  environment = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    ASTROMETRY_CONFIG: join(folder, 'astrometry.cfg'),
  };
});
afterEach(() => rm(folder, { recursive: true }));

/** A program of that name that does as a script says. */
async function install(script: string): Promise<void> {
  const path = join(folder, 'bin/solve-field');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

const run = (changes: object = {}) =>
  runSolveField(findSolveField(environment)!, {
    listPath: join(folder, 'list.xyls'),
    widthPx: 100,
    heightPx: 80,
    folder,
    timeoutMs: 20_000,
    environment,
    ...changes,
  });

describe('solve-field of astrometry.net', () => {
  test('is found with the index files of its configuration, and not where it is not', async () => {
    expect(findSolveField({ PATH: join(folder, 'nowhere') })).toBeUndefined();
    await install('exit 0');
    expect(findSolveField(environment)!.indexCount).toBe(0);
    await writeFile(join(folder, 'data/index-4107.fits'), '');
    await writeFile(join(folder, 'data/readme.txt'), '');
    expect(findSolveField(environment)).toEqual({ program: join(folder, 'bin/solve-field'), indexCount: 1 });
  });

  test('is told the image and the scales, and gives the file with its solution', async () => {
    await install(`echo "$@" > ${folder}/said; touch ${folder}/solution.wcs`);
    expect(await run({ scaleArcsec: [0.3, 0.5] })).toBe(join(folder, 'solution.wcs'));
    const said = await readFile(join(folder, 'said'), 'utf8');
    expect(said).toMatch(/--width 100 --height 80 --x-column X --y-column Y --sort-column FLUX/);
    expect(said).toMatch(/--scale-units arcsecperpix --scale-low 0\.3 --scale-high 0\.5 .*list\.xyls$/m);
  });

  test('that recognises nothing gives nothing; one that fails says why', async () => {
    await install('exit 0');
    expect(await run()).toBeUndefined();
    await install('echo "cannot read the list" >&2; exit 3');
    await expect(run()).rejects.toMatchObject({
      code: 'catalog/solve-field-failed',
      message: 'solve-field failed with 3: cannot read the list',
    });
  });

  test('that does not end is ended with all it started, on request or after its time', async () => {
    await install(`sleep 60 & echo $! > ${folder}/child; wait`);
    const stop = new AbortController();
    const stopped = expect(run({ signal: stop.signal })).rejects.toMatchObject({ code: 'internal/stopped' });
    const readChild = () => readFile(join(folder, 'child'), 'utf8').catch(() => '');
    // However long the shell takes to start it.
    await expect.poll(readChild, { timeout: 10_000 }).toMatch(/^\d+\n$/);
    const child = Number(await readChild());
    expect(await isRunning(child)).toBe(true);
    stop.abort();
    await stopped;
    await expect.poll(() => isRunning(child), { timeout: 10_000 }).toBe(false);
    await expect(run({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'catalog/solve-field-timeout' });
  });
});

async function isRunning(pid: number): Promise<boolean> {
  try {
    // An ended process may stay listed until its parent has taken note.
    return !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
