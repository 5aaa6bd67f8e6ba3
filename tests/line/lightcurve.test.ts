import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TruthRow } from '../../core/domains/observations/index.ts';
import type { LightCurve } from '../../core/pipeline/index.ts';
import { makeSharedFolder, runAstrid, simulatePair, startAstrid } from './run-astrid.ts';

const folder = makeSharedFolder();
const file = (name: string): string => join(folder, name);
let rows: readonly TruthRow[];

beforeAll(async () => {
  const made = await simulatePair(file('field'), { sizePx: 200, stars: 90, transients: 3, seed: 5 });
  rows = made.rows;
});

function args(...more: string[]): string[] {
  const { raDeg, decDeg } = rows[0]!;
  return [
    'lightcurve',
    '--science',
    file('field/science.fits'),
    file('absent.fits'),
    '--template',
    file('field/template.fits'),
    '--at',
    `${raDeg},${decDeg}`,
    '--workspace',
    file('workspace'),
    ...more,
  ];
}

describe('astrid lightcurve', { timeout: 120_000 }, () => {
  test('prints one JSON document, draws, writes a table, and goes on past an epoch that fails', async () => {
    const ended = await runAstrid(args('--json', '--plot', file('curve.png'), '--out', file('curve.fits')));
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('absent.fits');
    const { version, curves } = JSON.parse(ended.stdout) as { version: number; curves: LightCurve[] };
    expect(version).toBe(1);
    const [point, failed] = curves[0]!.points;
    expect(failed).toMatchObject({ kind: 'failed', path: file('absent.fits') });
    if (point?.kind !== 'measured') throw new Error('the epoch that is there was not measured');
    const expected = rows[0]!.fluxE / point.quality.fluxRatio;
    expect(Math.abs(point.changeE - expected)).toBeLessThan(4 * point.changeErrE + 0.05 * Math.abs(expected));
    expect([...readFileSync(file('curve.png')).subarray(1, 4)]).toEqual(
      [...'PNG'].map((c) => c.charCodeAt(0)),
    );
    expect(readFileSync(file('curve.fits'), 'latin1')).toContain('LIGHTCURVE');
  });

  test('says in one sentence what is wrong with a place, a method, and a wish that no epoch grants', async () => {
    const nowhere = await runAstrid(args('--at-pixel', '12;13'));
    expect([nowhere.code, nowhere.stderr]).toEqual([3, expect.stringContaining('differencing/bad-position')]);
    const method = await runAstrid(args('--method', 'magic'));
    expect([method.code, method.stderr]).toEqual([3, expect.stringContaining('delta-basis, auto or direct')]);
    const none = await runAstrid([
      'lightcurve',
      '--science',
      file('absent.fits'),
      '--template',
      file('field/template.fits'),
      '--at-pixel',
      '1,1',
      '--plot',
      file('none.png'),
    ]);
    expect(none.code).toBe(3);
    expect(existsSync(file('none.png'))).toBe(false);
  });

  test('stops when it is told to, and writes nothing', async () => {
    const science = Array.from({ length: 40 }, () => file('field/science.fits'));
    const running = startAstrid([
      'lightcurve',
      '--science',
      file('absent.fits'),
      ...science,
      '--template',
      file('field/template.fits'),
      '--at-pixel',
      '100,100',
      '--plot',
      file('stopped.png'),
    ]);
    // Said of the first epoch: forty more take much longer than the signal.
    await running.said('absent.fits');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).not.toBe(0);
    expect(ended.stdout).toBe('');
    expect(existsSync(file('stopped.png'))).toBe(false);
  });
});
