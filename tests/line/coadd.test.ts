import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openFits, readExposure, writeFits } from '../../core/adapters/imaging/index.ts';
import { createStagePorts } from '../../core/app/compose-stages.ts';
import { parseLineConfig } from '../../core/app/parse-config.ts';
import { readCombination } from '../../core/domains/observations/index.ts';
import { runStages } from '../../core/pipeline/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { drawFrame, type StackFrame } from '../sky/draw-stack.ts';
import { makeSharedFolder, runAstrid } from './run-astrid.ts';

const SIDE = 384;
const folder = makeSharedFolder();
const frameOf = (k: number): StackFrame => ({
  fwhmPx: [2.8, 3.3, 3.8][k % 3]!,
  throughput: [1, 0.8, 1.2][k % 3]!,
  skyE: 900,
  ditherPx: 8,
  rotationDeg: 0.4,
  trail: k === 1,
  rays: 20,
});
const paths = Array.from({ length: 5 }, (_, k) => join(folder, `night-${k}.fits`));
const science = join(folder, 'science.fits');

async function save(path: string, frame: StackFrame, night: number): Promise<void> {
  const { pixels, header } = drawFrame(SIDE, 260, 3, frame, night);
  await writeFits(path, [{ kind: 'image', shape: [SIDE, SIDE], data: pixels, header }]);
}

beforeAll(async () => {
  for (const [k, path] of paths.entries()) await save(path, frameOf(k), k);
  const event = { xPx: 200, yPx: 150, fluxE: 6000 };
  await save(science, { ...frameOf(0), rays: 0, events: [event] }, 99);
  writeFileSync(join(folder, 'words.fits'), 'no image\n');
});

describe('astrid coadd', () => {
  test('writes one deeper exposure, which the line takes as a template with the right noise', async () => {
    const out = join(folder, 'made/coadd.fits');
    const ended = await runAstrid(['coadd', ...paths, join(folder, 'words.fits'), '--out', out]);
    expect(ended.stderr).toContain('words.fits is left out');
    expect(ended.code).toBe(0);
    expect(ended.stdout.trim()).toBe(out);
    // The registered exposures that waited beside it are gone.
    expect(await readdir(join(folder, 'made'))).toEqual(['coadd.fits']);

    const fits = await openFits(out);
    const hdus = await fits.hdus();
    await fits.close();
    expect(hdus.map(({ extname }) => extname ?? '')).toEqual(['', 'VARIANCE', 'MASK', 'COVERAGE', 'PSF']);

    const { exposure } = await readExposure(out);
    expect(readCombination(exposure.header).isCombined).toBe(true);
    expect(exposure.wcs).toBeDefined();
    expect(exposure.facts.gainEPerAdu).toBeGreaterThan(4.5);
    expect(exposure.facts.gainEPerAdu).toBeLessThan(5.5);
    expect(exposure.facts.midpointMjdTai).toBeDefined();
    const history = exposure.header.filter(({ keyword }) => keyword === 'HISTORY');
    expect(history.some(({ comment }) => comment?.includes('night-3.fits'))).toBe(true);

    const { difference } = await runStages(
      { sciencePath: science, templatePath: out, options: { allowBandMismatch: false } },
      'difference',
      { ports: createStagePorts(createInlineRunner()), config: parseLineConfig({}) },
    );
    expect(difference.metrics.scorrMadStd).toBeGreaterThan(0.95);
    expect(difference.metrics.scorrMadStd).toBeLessThan(1.05);
    expect(Math.abs(difference.metrics.scorrMedian)).toBeLessThan(0.1);
  }, 60_000);

  test('refuses one exposure, an unknown method and a reference that is not among them', async () => {
    const out = join(folder, 'none.fits');
    const alone = await runAstrid(['coadd', paths[0]!, '--out', out]);
    expect([alone.code, alone.stderr]).toEqual([
      3,
      expect.stringContaining('preprocessing/too-few-exposures'),
    ]);
    const method = await runAstrid(['coadd', ...paths, '--out', out, '--method', 'best']);
    expect([method.code, method.stderr]).toEqual([
      3,
      expect.stringContaining('preprocessing/unknown-method'),
    ]);
    const reference = await runAstrid(['coadd', ...paths, '--out', out, '--reference', science]);
    expect([reference.code, reference.stderr]).toEqual([
      3,
      expect.stringContaining('preprocessing/bad-reference'),
    ]);
    expect(await readdir(folder)).not.toContain('none.fits');
  }, 60_000);
});
