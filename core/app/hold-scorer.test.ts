import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  makeDetection,
  makeTemporaryFolder,
  openTemporaryDatabase,
} from '../../tests/support/temporary-workspace.ts';
import { holdScorer } from './hold-scorer.ts';
import { parseNvidia } from './measure-resources.ts';

const CHECKOUT = new URL('../..', import.meta.url).pathname;

/** A folder with versions of the shipped model, whose manifests say so. */
function makeModels(...versions: readonly string[]): string {
  const modelsDir = makeTemporaryFolder();
  for (const version of versions) {
    const folder = join(modelsDir, 'real-bogus', version);
    cpSync(join(CHECKOUT, 'models/real-bogus/1'), folder, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, version }));
  }
  return modelsDir;
}

async function hold(modelsDir: string) {
  const database = await openTemporaryDatabase();
  const paths = { modelsDir, workersDir: join(CHECKOUT, 'workers'), workersExtension: '.ts' as const };
  const held = await holdScorer(paths, database.settings);
  onTestFinished(() => held.scorer.close());
  return { ...held, reopen: () => holdScorer(paths, database.settings) };
}

describe('the score model of a workspace', () => {
  test('is the newest until another is chosen, which scores from the next run on and after a restart', async () => {
    const modelsDir = makeModels('1', '2');
    const { scorer, registry, settle, reopen } = await hold(modelsDir);
    expect(scorer.modelVersion).toBe('real-bogus-2');
    const models = await registry.promote('real-bogus', '1');
    expect(models.map(({ version, isInUse, isChosen }) => ({ version, isInUse, isChosen }))).toEqual([
      { version: '2', isInUse: true, isChosen: false },
      { version: '1', isInUse: false, isChosen: true },
    ]);
    expect(scorer.modelVersion).toBe('real-bogus-2');
    const measuring = registry.measure();
    await settle();
    // What the old version was asked, it answers before it goes.
    expect((await measuring).modelVersion).toBe('real-bogus-2');
    expect(scorer.modelVersion).toBe('real-bogus-1');
    expect((await registry.measure()).rows).toBeGreaterThan(0);
    const again = await reopen();
    expect(again.scorer.modelVersion).toBe('real-bogus-1');
    await again.scorer.close();
    rmSync(join(modelsDir, 'real-bogus', '1'), { recursive: true });
    const without = await reopen();
    expect(without.scorer.modelVersion).toBe('real-bogus-2');
    await without.scorer.close();
  });

  test('cannot be one that is not there or is damaged; the choice stays', async () => {
    const modelsDir = makeModels('1', '2');
    writeFileSync(join(modelsDir, 'real-bogus/2/model.onnx'), 'damaged');
    rmSync(join(modelsDir, 'real-bogus/2/card.md'));
    await expect(hold(modelsDir)).rejects.toMatchObject({ code: 'detection/model-corrupt' });
    rmSync(join(modelsDir, 'real-bogus/2'), { recursive: true });
    const { registry } = await hold(modelsDir);
    await expect(registry.promote('real-bogus', '7')).rejects.toMatchObject({
      code: 'detection/model-missing',
    });
    expect((await registry.list()).map(({ isChosen }) => isChosen)).toEqual([true]);
  });

  test('may be missing: candidates are then in the order of S/N', async () => {
    const modelsDir = makeTemporaryFolder();
    mkdirSync(join(modelsDir, 'real-bogus'));
    const { scorer, registry } = await hold(modelsDir);
    const detections = [5, 50, 12].map((snr) => makeDetection(1, 1, { snr }));
    const { scores, modelVersion } = await scorer.score(detections, []);
    expect(modelVersion).toBe('none');
    expect(scores[1]).toBeGreaterThan(scores[2]!);
    expect(scores[2]).toBeGreaterThan(scores[0]!);
    expect(Math.max(...scores)).toBeLessThan(scorer.threshold);
    await expect(registry.measure()).rejects.toMatchObject({ code: 'detection/model-missing' });
  });

  test('keeps nothing of what it answered: a night has thousands of runs', async () => {
    const { scorer } = await hold(makeTemporaryFolder());
    const answers: WeakRef<object>[] = [];
    for (let n = 0; n < 20; n++)
      answers.push(new WeakRef(await scorer.score([makeDetection(1, 1, { snr: n })], [])));
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    await expect
      .poll(() => {
        collectGarbage();
        return answers.filter((answer) => answer.deref() !== undefined).length;
      })
      .toBeLessThan(3);
  });
});

test('what nvidia-smi says of two cards is read, and what it does not say is left out', () => {
  const text = 'NVIDIA H100 80GB HBM3, 37, 1024, 81559\nOld card, [N/A], [N/A], 2048\n';
  expect(parseNvidia(text)).toEqual([
    { name: 'NVIDIA H100 80GB HBM3', percent: 37, usedBytes: 2 ** 30, totalBytes: 81559 * 2 ** 20 },
    { name: 'Old card', percent: undefined, usedBytes: undefined, totalBytes: 2 ** 31 },
  ]);
});
