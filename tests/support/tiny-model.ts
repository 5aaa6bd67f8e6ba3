import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_NAMES } from '../../core/domains/detection/index.ts';
import { createRandom } from '../../core/utils/random.ts';
import { exportNetwork } from '../../models/training/export-network.ts';
import { makeNetwork, predict } from '../../models/training/network.ts';
import { measurePreparation, prepareFeatures } from '../../models/training/prepare-features.ts';

/** Write a real, small and untrained score model, for tests of what is around it: `<modelsDir>/real-bogus/<version>`. */
export function writeTinyModel(modelsDir: string, version = '0'): void {
  const random = createRandom(5);
  const rows = Array.from({ length: 20 }, () => Float32Array.from(FEATURE_NAMES, () => 3 * random.normal()));
  const preparation = measurePreparation(rows);
  const network = makeNetwork([FEATURE_NAMES.length, 4, 1], random);
  const bytes = exportNetwork('real-bogus', network, preparation, {});
  const folder = join(modelsDir, 'real-bogus', version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), bytes);
  const samples = rows.slice(0, 4);
  const manifest = {
    name: 'real-bogus',
    version,
    file: 'model.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    input: { name: 'features', features: [...FEATURE_NAMES] },
    output: { name: 'score' },
    threshold: 0.5,
    verification: {
      inputs: samples.map((row) => [...row]),
      outputs: samples.map((row) => predict(network, prepareFeatures(preparation, row))),
    },
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
}
