import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Completeness } from '../../core/domains/detection/index.ts';
import type { ProcessReport } from '../../core/pipeline/index.ts';
import { runAstrid } from './run-astrid.ts';

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'astrid-inject-'));
  const made = await runAstrid(
    `simulate --out ${file('field')} --size 384 --transients 3 --seed 8 --difficulty easy`.split(' '),
  );
  expect(made.code).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('astrid inject', { timeout: 120_000 }, () => {
  test('writes images in which processing finds the stars that it says are found', async () => {
    const pair = ['--science', file('field/science.fits'), '--template', file('field/template.fits')];
    const ended = await runAstrid([
      'inject',
      ...pair,
      '--count',
      '30',
      '--hosted-fraction',
      '0',
      '--out',
      file('out'),
      '--json',
    ]);
    expect(ended.code).toBe(0);
    const measured = JSON.parse(ended.stdout) as Completeness;
    expect(measured.injected).toBe(30);
    const names = readdirSync(file('out')).sort();
    expect(names).toContain('truth.csv');
    const truth = readFileSync(file('out/truth.csv'), 'utf8').trim().split('\n');
    expect(truth[0]).toBe('image,x,y,ra,dec,flux,snr,kind,outcome,measured_flux,veto');
    expect(truth.length).toBe(31);

    const processed = await runAstrid([
      'process',
      '--science',
      file(`out/${names[0]}`),
      '--template',
      file('field/template.fits'),
      '--workspace',
      file('workspace'),
      '--json',
    ]);
    expect(processed.code).toBe(0);
    const report = JSON.parse(processed.stdout) as ProcessReport;
    const stars = measured.injections.filter(({ pass, snr }) => pass === 0 && (snr > 6 || snr < 3.5));
    expect(stars.length).toBeGreaterThan(1);
    const everything = [...report.candidates, ...report.vetoed];
    for (const star of stars) {
      const isThere = everything.some(({ xPx, yPx }) => Math.hypot(xPx - star.xPx, yPx - star.yPx) < 1.6);
      expect(isThere).toBe(star.outcome !== 'missed');
    }
    expect(report.completeness).toMatchObject({ magnitudes: 'instrumental', thresholdSigma: 5 });
  });

  test('has its tournament in the whole line, which says who won', async () => {
    const pair = ['--science', file('field/science.fits'), '--template', file('field/template.fits')];
    const workspace = ['--workspace', file('tournament')];
    const ended = await runAstrid(['process', ...pair, ...workspace, '--method', 'auto', '--json']);
    expect(ended.code).toBe(0);
    const report = JSON.parse(ended.stdout) as ProcessReport;
    expect(report.grade?.reasons.join(' ')).toMatch(
      /(zogy|delta-basis|alard-lupton) won 1 of 1 tile: complete/,
    );
    const refused = await runAstrid(['process', ...pair, ...workspace, '--method', 'magic']);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('pipeline/bad-config');
  });

  test.each([
    ['--count', 'many', '--count many'],
    ['--hosted-fraction', '2', 'from 0 to 1'],
    ['--sign', 'sideways', 'positive or negative or both'],
    ['--method', 'magic', 'delta-basis'],
  ])('refuses %s %s in a sentence', async (option, value, says) => {
    const ended = await runAstrid(['inject', '--science', 'a', '--template', 'b', option, value]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(says);
    expect(ended.stdout).toBe('');
  });
});
