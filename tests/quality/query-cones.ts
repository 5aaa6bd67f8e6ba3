/**
 * How fast cones of stars are read from a catalogue on disk.
 *
 * `node tests/quality/query-cones.ts [--rows 1000000] [--area 400] [--radius 1]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCatalogs } from '../../core/adapters/sky-tiles/index.ts';
import { createRandom } from '../../core/utils/index.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    area: { type: 'string', default: '400' },
    radius: { type: 'string', default: '1' },
  },
});
const count = Number(values.rows);
const side = Math.sqrt(Number(values.area));
const random = createRandom(1);
const floats = (make: () => number): Float32Array => Float32Array.from({ length: count }, make);
const folder = mkdtempSync(join(tmpdir(), 'astrid-cones-'));
try {
  const store = openCatalogs(folder);
  const start = performance.now();
  await store.add(
    'gaia',
    'gaia',
    {
      count,
      epochYr: 2016,
      raDeg: Float64Array.from({ length: count }, () => 180 + side * (random.uniform() - 0.5)),
      decDeg: Float64Array.from({ length: count }, () => side * (random.uniform() - 0.5)),
      pmRaMasYr: floats(() => random.normal()),
      pmDecMasYr: floats(() => random.normal()),
      bands: ['G', 'BP', 'RP'].map((band) => ({
        band,
        mag: floats(() => 10 + 10 * random.uniform()),
        magErr: floats(() => 0.01),
      })),
      isVariable: new Uint8Array(count),
      ids: Array.from({ length: count }, (_, k) => String(4_000_000_000_000_000_000n + BigInt(k))),
    },
    'simulated',
  );
  console.log(
    `${count} stars over ${values.area} square degrees kept in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  const wall: number[] = [];
  const cpu: number[] = [];
  let found = 0;
  for (let k = 0; k < 41; k++) {
    const cone = {
      raDeg: 180 + (side - 2) * (random.uniform() - 0.5),
      decDeg: (side - 2) * (random.uniform() - 0.5),
      radiusDeg: Number(values.radius),
    };
    const [from, before] = [performance.now(), process.cpuUsage()];
    found += (await store.cone('gaia', cone)).count;
    const { user, system } = process.cpuUsage(before);
    wall.push(performance.now() - from);
    cpu.push((user + system) / 1000);
  }
  const median = (numbers: number[]): string =>
    numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!.toFixed(1);
  console.log(
    `cones of ${values.radius} degree: ${Math.round(found / 41)} stars; median ${median(wall)} ms, ${median(cpu)} ms of CPU`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
