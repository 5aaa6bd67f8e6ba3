import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { openFits, writeFits } from '../../core/adapters/imaging/index.ts';
import type { Header } from '../../core/domains/observations/index.ts';
import { MIGRATIONS } from '../support/seed-workspace.ts';
import { canMount, growSmallDisk, mountSmallDisk } from '../support/small-disk.ts';
import { type Ended, makeSharedFolder, runAstrid, simulatePair, startAstrid } from './run-astrid.ts';

const folder = makeSharedFolder();
const science = join(folder, 'field/science.fits');
const template = join(folder, 'field/template.fits');
const otherField = join(folder, 'other/template.fits');
let workspaces = 0;

const newWorkspace = (): string => join(folder, `workspace-${workspaces++}`);
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  await simulatePair(join(folder, 'field'));
  await simulatePair(join(folder, 'other'), { seed: 12 });
  await makeBadFiles();
});

/** Write the good science image in all the ways in which files are bad. */
async function makeBadFiles(): Promise<void> {
  const fits = await openFits(science);
  const { plane, header: whole } = await fits.readImage();
  await fits.close();
  const header = whole.filter(
    ({ keyword }) => !/^(SIMPLE|BITPIX|NAXIS|EXTEND|BSCALE|BZERO|CHECKSUM|DATASUM)/.test(keyword),
  );
  const { width, height, data } = plane;
  const write = (name: string, shape: number[], pixels: Float32Array, cards: Header = header) =>
    writeFits(file(name), [{ kind: 'image', shape, data: pixels, header: cards }]);

  writeFileSync(file('words.fits'), 'These are words, and nothing of the sky.\n');
  writeFileSync(file('empty.fits'), '');
  const bytes = readFileSync(science);
  writeFileSync(file('truncated.fits'), bytes.subarray(0, bytes.length / 2));
  await writeFits(file('table.fits'), [
    { kind: 'table', columns: [{ name: 'flux', values: Float32Array.of(1, 2, 3) }] },
  ]);
  await write('cube.fits', [2, height, width], Float32Array.of(...data, ...data));
  await write('blank.fits', [height, width], new Float32Array(data.length).fill(Number.NaN));
  await write('constant.fits', [height, width], new Float32Array(data.length).fill(1000));
  await write('ten.fits', [10, 10], data.slice(0, 100));
  const green = header.map((card) => (card.keyword === 'FILTER' ? { ...card, value: 'g' } : card));
  await write('green.fits', [height, width], Float32Array.from(data), green);
  copyFileSync(template, file('copy.fits'));
  mkdirSync(file('folder.fits'));
}

/** Check that a command failed as expected: one line with its code on stderr, no stack, nothing on stdout. */
function expectFailure({ code, stdout, stderr }: Ended, error: string, says: string | RegExp): void {
  const lines = stderr.trimEnd().split('\n');
  const last = lines.at(-1) ?? '';
  expect(last).toMatch(/^[a-z]+\/[a-z-]+: [A-Z/-].*[.)]$/);
  expect(last.slice(0, last.indexOf(':'))).toBe(error);
  expect(last).toMatch(says);
  expect(stderr).not.toContain('    at ');
  expect(stdout).toBe('');
  expect(code).toBe(3);
}

describe('astrid process', { timeout: 120_000 }, () => {
  test.concurrent.each([
    ['is not FITS', 'words.fits', 'observations/not-fits'],
    ['is empty', 'empty.fits', 'observations/empty-file'],
    ['is cut short', 'truncated.fits', 'observations/truncated'],
    ['is a table', 'table.fits', 'observations/no-image'],
    ['is a cube', 'cube.fits', 'observations/cube'],
    ['is blank', 'blank.fits', 'preprocessing/all-nan'],
    ['is constant', 'constant.fits', 'preprocessing/constant-image'],
    ['is 10 x 10 px', 'ten.fits', 'preprocessing/too-small'],
    ['is a folder', 'folder.fits', 'observations/unreadable'],
    ['is not there', 'nothing.fits', 'observations/unreadable'],
    ['is the template under another name', 'copy.fits', 'observations/same-exposure'],
    ['was taken in another band', 'green.fits', 'observations/band-mismatch'],
  ])('refuses a science image that %s', async (_, name, error) => {
    const bad = file(name);
    const args = ['process', '--json', '--quiet', '--science', bad, '--template', template];
    const ended = await runAstrid([...args, '--workspace', newWorkspace()]);
    expectFailure(ended, error, error === 'observations/band-mismatch' ? /band g.*band r/ : bad);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test.concurrent('refuses a template that is bad as it refuses a science image', async () => {
    const args = ['process', '--science', science, '--template', file('constant.fits')];
    const ended = await runAstrid([...args, '--workspace', newWorkspace()]);
    expectFailure(ended, 'preprocessing/constant-image', file('constant.fits'));
  });

  test.concurrent('refuses a template of another field', async () => {
    const args = ['process', '--science', science, '--template', otherField];
    const ended = await runAstrid([...args, '--workspace', newWorkspace()]);
    expectFailure(ended, 'preprocessing/no-overlap', otherField);
  });

  test.concurrent('subtracts another band when told to, and warns of it', async () => {
    const args = ['process', '--json', '--science', file('green.fits'), '--template', template];
    const ended = await runAstrid([...args, '--allow-band-mismatch', '--workspace', newWorkspace()]);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/band g, the template in band r.*told to go on/);
    // One document and nothing else, whatever was said on stderr.
    expect(JSON.parse(ended.stdout)).toMatchObject({ version: 1, status: 'done' });
  });

  test.concurrent('refuses a configuration with an unknown field, and names file and field', async () => {
    const config = file('misspelt.json');
    writeFileSync(config, '{"detection":{"treshold":5}}');
    const args = ['process', '--science', science, '--template', template, '--config', config];
    const ended = await runAstrid([...args, '--workspace', newWorkspace()]);
    expectFailure(ended, 'pipeline/bad-config', /detection.*treshold/);
    expect(ended.stderr).toContain(config);
  });

  test('refuses a workspace that another process has open, and says which', async () => {
    const workspace = newWorkspace();
    const holderScript = fileURLToPath(new URL('../support/hold-workspace.ts', import.meta.url));
    const holder = spawn(process.execPath, [holderScript, workspace, MIGRATIONS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    const args = ['--science', science, '--template', template, '--workspace', workspace];
    expectFailure(await runAstrid(['process', ...args]), 'workspace/in-use', String(holder.pid));
    const doctor = await runAstrid(['doctor', '--workspace', workspace]);
    expect(doctor.stdout).toContain(`in use by another AstrID (process ${holder.pid})`);
  });

  test('refuses a workspace that a newer version has made, and leaves it as it is', async () => {
    const workspace = newWorkspace();
    const log = { warn: () => undefined };
    (await openDatabase({ folder: workspace, migrationsFolder: MIGRATIONS, log })).close();
    const sqlite = new Database(join(workspace, 'workspace.sqlite'));
    sqlite.pragma('user_version = 999');
    sqlite.close();
    const args = ['--science', science, '--template', template, '--workspace', workspace];
    expectFailure(await runAstrid(['process', ...args]), 'workspace/newer-version', workspace);
    const again = new Database(join(workspace, 'workspace.sqlite'), { readonly: true });
    expect(again.pragma('user_version', { simple: true })).toBe(999);
    again.close();
  });

  test('refuses a workspace that cannot be made', async () => {
    const args = ['--science', science, '--template', template, '--workspace', join(science, 'inside')];
    expectFailure(await runAstrid(['process', ...args]), 'workspace/unwritable', science);
  });

  test.runIf(canMount())('says that the disk is full, and goes on when there is space', async () => {
    // Room for the database and the first planes, not for all.
    const disk = mountSmallDisk('1500k');
    const args = ['process', '--json', '--science', science, '--template', template];
    const full = await runAstrid([...args, '--workspace', join(disk, 'workspace')]);
    expectFailure(full, 'storage/disk-full', disk);
    growSmallDisk(disk, '64m');
    const ended = await runAstrid([...args, '--workspace', join(disk, 'workspace')]);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout).candidates.length).toBeGreaterThan(0);
    expect(readdirSync(join(disk, 'workspace/blobs/temporary'))).toEqual([]);
  });
});

describe('other commands', { timeout: 120_000 }, () => {
  test.concurrent('extract refuses a threshold that is none', async () => {
    for (const threshold of ['0', '-1', 'high', ''])
      expectFailure(
        await runAstrid(['extract', science, '--threshold', threshold]),
        'preprocessing/bad-threshold',
        '--threshold',
      );
  });

  test.concurrent.each([
    ['--size', '64'],
    ['--size', '12.5'],
    ['--size', 'big'],
    ['--stars', '-1'],
    ['--transients', '1e9'],
    ['--seed', '0x10'],
    ['--difficulty', 'impossible'],
  ])('simulate refuses %s %s', async (option, value) => {
    const out = file(`simulated${option}${value}`);
    const ended = await runAstrid(['simulate', '--out', out, '--size', '128', option, value]);
    expectFailure(ended, 'observations/bad-simulation', `${option} `);
    expect(existsSync(out)).toBe(false);
  });

  test.concurrent('serve refuses a port that is none', async () => {
    for (const port of ['http', '65536', ''])
      expectFailure(await runAstrid(['serve', '--no-open', '--port', port]), 'api/bad-port', '--port');
  });

  test.concurrent('difference says of a method what is not there yet', async () => {
    const args = ['difference', '--science', science, '--template', template, '--out', file('out')];
    expectFailure(await runAstrid([...args, '--method', 'magic']), 'differencing/unknown-method', /zogy/);
    expect(existsSync(file('out'))).toBe(false);
  });

  test.concurrent('fits verify prints each finding with its place, and fails on errors only', async () => {
    const good = await runAstrid(['fits', 'verify', science]);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toContain('1 with right checksums; 0 errors, 0 warnings');
    const damaged = Buffer.from(readFileSync(science));
    damaged[damaged.length - 3000] = damaged[damaged.length - 3000]! ^ 1;
    writeFileSync(file('damaged.fits'), damaged);
    const bad = await runAstrid(['fits', 'verify', file('damaged.fits')]);
    expect(bad.code).toBe(3);
    expect(bad.stderr).toMatch(/^observations\/bad-fits: .*2 errors/);
    expect(bad.stdout).toMatch(/^error {4}HDU 0, byte \d+, card \d+: DATASUM/);
  });

  test.concurrent('fits info prints what can be read of a damaged file before it fails', async () => {
    const whole = file('two.fits');
    const image = { kind: 'image' as const, shape: [4, 4], data: new Float32Array(16) };
    await writeFits(whole, [image, { ...image, extname: 'SECOND' }]);
    // In the middle of the second header.
    truncateSync(whole, 2 * 2880 + 400);
    const ended = await runAstrid(['fits', 'info', whole]);
    expect(ended.stdout).toContain('float32');
    expect(ended.stderr).toMatch(/^observations\/truncated: /);
    expect(ended.code).toBe(3);
  });

  test.runIf(canMount())('simulate leaves nothing behind on a full disk', async () => {
    const disk = mountSmallDisk('64k');
    const out = join(disk, 'field');
    expectFailure(
      await runAstrid(['simulate', '--out', out, '--size', '256']),
      'observations/disk-full',
      disk,
    );
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('mistakes on the command line', () => {
  test.concurrent.each([
    ['no command', [], 'Usage: astrid'],
    ['an unknown command', ['proces'], "unknown command 'proces'"],
    ['an unknown option', ['doctor', '--fast'], "unknown option '--fast'"],
    ['no template', ['process', '--science', 'a.fits'], "required option '--template <file>'"],
    ['no file', ['extract'], "missing required argument 'file'"],
    ['two files', ['extract', 'a.fits', 'b.fits'], 'too many arguments'],
  ])('%s is a usage error', async (_, args, says) => {
    const ended = await runAstrid(args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(says);
    expect(ended.stdout).toBe('');
  });

  test.concurrent('every command has help', async () => {
    const commands = (await runAstrid(['--help'])).stdout.matchAll(/^ {2}([a-z]+) /gm);
    const names = Array.from(commands, ([, name]) => name!);
    expect(names).toEqual(
      expect.arrayContaining(['process', 'simulate', 'fits', 'extract', 'serve', 'doctor']),
    );
    for (const name of names) {
      const ended = await runAstrid([name, '--help']);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toMatch(/^Usage: astrid/);
    }
  });

  test.concurrent('--print-config prints settings that are accepted as they are', async () => {
    const printed = await runAstrid(['process', '--print-config']);
    expect(printed.code).toBe(0);
    writeFileSync(file('all.json'), printed.stdout);
    const again = await runAstrid(['process', '--print-config', '--config', file('all.json')]);
    expect(again.stdout).toBe(printed.stdout);
    expect(JSON.parse(again.stdout).detection.thresholdSigma).toBe(5);
  });
});

describe('Ctrl-C', { timeout: 120_000 }, () => {
  const args = () => ['process', '--science', science, '--template', template];

  test.each(['launcher', 'group'] as const)('sent to the %s stops the line cleanly', async (target) => {
    const workspace = newWorkspace();
    const running = startAstrid([...args(), '--workspace', workspace], { launcher: true });
    await running.said('ingest');
    process.kill(target === 'group' ? -running.child.pid! : running.child.pid!, 'SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toMatch(/stopping; press Ctrl-C again.*\ninternal\/stopped: [^\n]*\n$/s);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(readdirSync(join(workspace, 'blobs/temporary'))).toEqual([]);
    // The workspace is free again, and the run goes on from where it was.
    const again = await runAstrid([...args(), '--json', '--workspace', workspace]);
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'done' });
    expect(again.stderr).toMatch(/ingest +0\.00 s/);
  });

  test('while simulating leaves no file', async () => {
    const out = file('stopped');
    const running = startAstrid(['simulate', '--out', out, '--size', '4096']);
    // Sixteen megapixels take longer than this on any machine.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    running.child.kill('SIGINT');
    const { code, signal } = await running.ended;
    // Before the program listens for it, the signal itself ends the process.
    expect(code ?? signal).toBeOneOf([130, 'SIGINT']);
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  test('ends serve, which frees its port and its workspace', async () => {
    const workspace = newWorkspace();
    const running = startAstrid(['serve', '--no-open', '--workspace', workspace]);
    const url = await new Promise<string>((resolve, reject) => {
      running.child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      running.ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(303);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(stdout.trim()).toBe(url);
    expect(code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});
