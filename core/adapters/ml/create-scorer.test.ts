import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exportNetwork } from '../../../models/training/export-network.ts';
import { makeNetwork, predict } from '../../../models/training/network.ts';
import { measurePreparation, prepareFeatures } from '../../../models/training/prepare-features.ts';
import type { Detection } from '../../domains/detection/index.ts';
import { FEATURE_NAMES } from '../../domains/detection/index.ts';
import { createRandom } from '../../utils/random.ts';
import { createScorer } from './create-scorer.ts';
import type { ExecutionProvider } from './model.ts';
import { findModel } from './read-manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'astrid-models-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const workers = { workersDir: join(process.cwd(), 'workers'), workersExtension: '.ts' as const };
// A model may know the features in another order, or only some.
const features = [...FEATURE_NAMES].reverse().slice(0, 12);
const random = createRandom(5);
const rows = Array.from({ length: 20 }, () => Float32Array.from(features, () => 3 * random.normal()));
const preparation = measurePreparation(rows);
const network = makeNetwork([features.length, 8, 1], random);
const truth = rows.map((row) => predict(network, prepareFeatures(preparation, row)));

interface Damage {
  readonly outputs?: readonly number[];
  readonly sha256?: string;
  readonly features?: readonly string[];
  readonly graph?: Uint8Array;
}

function writeModel(name: string, version: string, damage: Damage = {}): string {
  const folder = join(root, name, version);
  mkdirSync(folder, { recursive: true });
  const bytes = damage.graph ?? exportNetwork(name, network, preparation, {});
  writeFileSync(join(folder, 'model.onnx'), bytes);
  const manifest = {
    name,
    version,
    file: 'model.onnx',
    sha256: damage.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
    input: { name: 'features', features: damage.features ?? features },
    output: { name: 'score' },
    threshold: 0.5,
    verification: {
      inputs: rows.slice(0, 4).map((row) => [...row]),
      outputs: damage.outputs ?? truth.slice(0, 4),
    },
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

function detectionWith(row: Float32Array): Detection {
  const byName = Object.fromEntries(features.map((name, i) => [name, row[i]!]));
  return {
    xPx: 0,
    yPx: 0,
    fluxE: 1,
    fluxErrE: 1,
    snr: 1,
    scorr: 1,
    isNegative: false,
    areaPx: 1,
    maskBits: 0,
    flags: [],
    vetoes: [],
    features: { ...Object.fromEntries(FEATURE_NAMES.map((name) => [name, 0])), ...byName },
  };
}

describe('createScorer', () => {
  it('scores detections on its thread as the network does here', async () => {
    writeModel('good', '1');
    const scorer = await createScorer({ modelsDir: root, name: 'good', ...workers });
    try {
      const result = await scorer.score(rows.map(detectionWith), []);
      expect(result.modelVersion).toBe('good-1');
      expect(result.executionProvider).toBe(scorer.executionProvider);
      result.scores.forEach((score, i) => {
        expect(score).toBeCloseTo(truth[i]!, 4);
      });
      expect((await scorer.score([], [])).scores).toEqual([]);
    } finally {
      await scorer.close();
    }
  });

  it('falls back to the CPU when a wanted provider is not there, and says why', async () => {
    writeModel('fallback', '1');
    const providers: readonly ExecutionProvider[] = ['dml', 'coreml', 'cuda'];
    const scorer = await createScorer({ modelsDir: root, name: 'fallback', providers, ...workers });
    try {
      expect(EXPECTED_WITHOUT_GPU).toContain(scorer.executionProvider);
      if (scorer.executionProvider === 'cpu' && process.platform === 'linux') {
        expect(scorer.notes.some((note) => note.startsWith('cuda: '))).toBe(true);
      }
    } finally {
      await scorer.close();
    }
  });

  it('takes the newest version, by number and not by letter', () => {
    for (const version of ['9', '10', '2.3']) writeModel('versions', version);
    expect(findModel(root, 'versions')).toBe(join(root, 'versions', '10'));
  });

  it.each([
    ['a model that is not there', () => 'nothing', 'detection/model-missing'],
    [
      'a graph that was changed',
      () => {
        writeModel('changed', '1', { sha256: '0'.repeat(64) });
        return 'changed';
      },
      'detection/model-corrupt',
    ],
    [
      'a graph that is not one',
      () => {
        writeModel('noise', '1', { graph: Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 251) });
        return 'noise';
      },
      'detection/model-corrupt',
    ],
    [
      'a graph that scores otherwise than its manifest says',
      () => {
        writeModel('otherwise', '1', { outputs: truth.slice(0, 4).map((score) => 1 - score) });
        return 'otherwise';
      },
      'detection/model-corrupt',
    ],
    [
      'features that this program does not measure',
      () => {
        writeModel('future', '1', { features: [...features.slice(1), 'phaseOfTheMoon'] });
        return 'future';
      },
      'detection/model-corrupt',
    ],
    [
      'a manifest cut short',
      () => {
        writeFileSync(join(writeModel('cut', '1'), 'manifest.json'), '{"name": "cut"');
        return 'cut';
      },
      'detection/model-corrupt',
    ],
  ])('refuses %s', async (_what, make, code) => {
    await expect(createScorer({ modelsDir: root, name: make(), ...workers })).rejects.toMatchObject({ code });
  });

  it('lets the process end by itself after close', () => {
    writeModel('ends', '1');
    expect(openAndClose('ends')).toMatchObject({ status: 0, stdout: 'closed\n', stderr: '' });
  });

  it('leaves nothing behind that would be told to the maker of the runtime', () => {
    writeModel('tells', '1');
    const home = mkdtempSync(join(tmpdir(), 'astrid-home-'));
    // Where this is set the runtime is silent by itself.
    const { CI: _, ORT_DISABLE_TELEMETRY: __, ...env } = process.env;
    const { status } = openAndClose('tells', { ...env, HOME: home, XDG_CACHE_HOME: home });
    expect({ status, left: readdirSync(home) }).toEqual({ status: 0, left: [] });
    rmSync(home, { recursive: true });
  });
});

/** A program that opens a model, closes it and ends. */
function openAndClose(name: string, env = process.env) {
  const script = `
    import { createScorer } from '${join(process.cwd(), 'core/adapters/ml/index.ts')}';
    const scorer = await createScorer(${JSON.stringify({ modelsDir: root, name, ...workers })});
    await scorer.close();
    console.log('closed');
  `;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
    cwd: process.cwd(),
    env,
  });
}

const EXPECTED_WITHOUT_GPU: readonly ExecutionProvider[] = ['cpu', 'cuda', 'coreml', 'dml'];
