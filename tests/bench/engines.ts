/**
 * Measure the engines of differencing: `node tests/bench/engines.ts [--size 2048 --degree 2 --repeat 4 --seed 3]`.
 *
 * Simulates, registers and measures one survey field, then subtracts it with every engine on one thread: processor
 * seconds of the engine (from measured stars to assembled planes) and of judging what it made, medians after one run to
 * warm up. Point-spread functions are measured before, once for all.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { subtractWithAlardLupton } from '../../core/domains/differencing/alard-lupton/subtract-with-alard-lupton.ts';
import { subtractWithDeltaBasis } from '../../core/domains/differencing/delta-basis/subtract-with-delta-basis.ts';
import type { Engine } from '../../core/domains/differencing/engine.ts';
import { DEFAULT_DIFFERENCING_CONFIG } from '../../core/domains/differencing/index.ts';
import { judgeProduct } from '../../core/domains/differencing/judge/judge-product.ts';
import { measurePair } from '../../core/domains/differencing/measure-pair.ts';
import { subtractWithZogy } from '../../core/domains/differencing/zogy/subtract-with-zogy.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { prepareField } from '../quality/measure-field.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '2048' },
    degree: { type: 'string', default: '2' },
    repeat: { type: 'string', default: '4' },
    seed: { type: 'string', default: '3' },
  },
});
const engines: readonly (readonly [string, Engine])[] = [
  ['zogy', subtractWithZogy],
  ['alard-lupton', subtractWithAlardLupton],
  ['delta-basis', subtractWithDeltaBasis],
];
const kernel = { ...DEFAULT_DIFFERENCING_CONFIG.kernel, degree: Number(values.degree) };
const config = { ...DEFAULT_DIFFERENCING_CONFIG, kernel };
const runner = createInlineRunner();

const processorS = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const field = await prepareField({
  sizePx: Number(values.size),
  seed: Number(values.seed),
  difficulty: 'survey',
});
const pair = await measurePair(field.science, field.template, config, runner, {});
console.log(
  `${values.size} x ${values.size} px survey pair, kernels of degree ${values.degree}, one thread of ${cpus()[0]?.model.trim()}`,
);
console.log('engine         engine s   judge s');
for (const [name, engine] of engines) {
  const engineS: number[] = [];
  const judgeS: number[] = [];
  for (let pass = 0; pass <= Number(values.repeat); pass++) {
    const started = processorS();
    const product = await engine(pair, config, runner, {});
    const subtracted = processorS();
    await judgeProduct(product, pair, config, runner, {});
    if (pass === 0) continue;
    engineS.push(subtracted - started);
    judgeS.push(processorS() - subtracted);
  }
  console.log(
    `${name.padEnd(14)} ${median(engineS).toFixed(2).padStart(8)}  ${median(judgeS).toFixed(2).padStart(8)}`,
  );
}
