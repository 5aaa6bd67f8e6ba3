/**
 * Measure forced photometry on simulated pairs: `node tests/quality/forced-photometry.ts [--difficulty survey --method zogy --seeds 10 --size 1024 --first 11]`.
 *
 * For each field: forced fluxes at the true places of what changed against the truth (sum of light over sum of true
 * light, with its error; scatter of the pulls), and pulls on empty sky with and without the factor for shared noise.
 * Errors are those that light curves tell: the noise, and what an imperfect subtraction of the light that lies there adds.
 */
import { parseArgs } from 'node:util';
import { formatTable } from '../../core/cli/console.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  DEFAULT_FORCED_FLUX_CONFIG,
  differenceImages,
  forcePhotometry,
  measureNoiseFactor,
} from '../../core/domains/differencing/index.ts';
import {
  type Difficulty,
  parseWcs,
  readExposureFacts,
  type SimulatedField,
  type SimulatedImage,
  simulateField,
} from '../../core/domains/observations/index.ts';
import {
  DEFAULT_REGISTRATION,
  preprocessExposure,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';

const { values } = parseArgs({
  options: {
    difficulty: { type: 'string', default: 'survey' },
    method: { type: 'string', default: 'zogy' },
    seeds: { type: 'string', default: '10' },
    first: { type: 'string', default: '11' },
    size: { type: 'string', default: '1024' },
  },
});
const sizePx = Number(values.size);
const difficulty = values.difficulty as Difficulty;
const method = values.method as (typeof DEFAULT_DIFFERENCING_CONFIG)['method'];
const runner = createInlineRunner();

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
const robustSigma = (numbers: readonly number[]): number => {
  const centre = median(numbers);
  return 1.4826 * median(numbers.map((value) => Math.abs(value - centre)));
};

function calibrate({ pixels, header }: SimulatedImage, name: string) {
  const facts = readExposureFacts(header, pixels);
  return preprocessExposure({ name, pixels, header, facts, wcs: parseWcs(header) });
}

/** Places of a lattice that nothing is near. */
function findSky(field: SimulatedField): readonly { readonly xPx: number; readonly yPx: number }[] {
  const things = [...field.sources, ...field.truth, ...field.artefacts];
  const step = 13.7;
  const side = Math.floor((sizePx - 60) / step);
  return Array.from({ length: side * side }, (_, k) => ({
    xPx: 30.3 + (k % side) * step,
    yPx: 30.7 + Math.floor(k / side) * step,
  })).filter((at) => things.every((thing) => Math.hypot(thing.xPx - at.xPx, thing.yPx - at.yPx) > 10));
}

const rows: string[][] = [];
const all = { sky: [] as number[], raw: [] as number[], pulls: [] as number[], hosted: [] as number[] };
const light: { readonly truth: number; readonly measured: number }[] = [];
for (let k = 0; k < Number(values.seeds); k++) {
  const seed = Number(values.first) + k;
  const field = simulateField({
    sizePx,
    seed,
    transients: Math.round((80 * sizePx ** 2) / 2 ** 20),
    difficulty,
  });
  const science = calibrate(field.science, 'science');
  const template = await registerImages(
    science,
    calibrate(field.template, 'template'),
    DEFAULT_REGISTRATION,
    runner,
  );
  const config = { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false };
  const difference = await differenceImages(science, template, config, runner);
  const noiseFactor = measureNoiseFactor(difference, DEFAULT_FORCED_FLUX_CONFIG);
  const measure = (places: readonly { readonly xPx: number; readonly yPx: number }[]) =>
    forcePhotometry(difference, science, places).map(({ difference: change, modelErrE }) => ({
      ...change,
      fluxErrE: Math.hypot(change.fluxErrE, modelErrE),
    }));
  const sky = measure(findSky(field))
    .filter(({ maskedFraction }) => maskedFraction < 0.05)
    .map(({ fluxE, fluxErrE }) => fluxE / fluxErrE);
  const changes = field.truth.filter(({ kind }) => kind !== 'moving');
  const fluxes = measure(changes);
  const clean = changes
    .map((row, n) => ({ row, flux: fluxes[n]! }))
    .filter(({ flux }) => flux.maskedFraction < 0.05);
  const pullOf = ({ row, flux }: (typeof clean)[number]): number => (flux.fluxE - row.fluxE) / flux.fluxErrE;
  const hostless = clean.filter(({ row }) => row.kind === 'hostless').map(pullOf);
  const hosted = clean.filter(({ row }) => row.kind !== 'hostless').map(pullOf);
  const own = clean.map(({ row, flux }) => ({
    truth: Math.abs(row.fluxE),
    measured: flux.fluxE * Math.sign(row.fluxE),
  }));
  light.push(...own);
  all.sky.push(...sky);
  all.raw.push(...sky.map((pull) => pull * noiseFactor));
  all.pulls.push(...hostless);
  all.hosted.push(...hosted);
  rows.push([
    String(seed),
    difference.grade,
    noiseFactor.toFixed(3),
    robustSigma(sky).toFixed(3),
    median(sky).toFixed(3),
    biasOf(own),
    robustSigma(hostless).toFixed(2),
    robustSigma(hosted).toFixed(2),
  ]);
}
rows.push([
  'all',
  '',
  '',
  robustSigma(all.sky).toFixed(3),
  median(all.sky).toFixed(3),
  biasOf(light),
  robustSigma(all.pulls).toFixed(2),
  robustSigma(all.hosted).toFixed(2),
]);
console.log(
  `${method} on ${values.seeds} ${difficulty} fields of ${sizePx} px: forced photometry against the truth\n`,
);
console.log(
  formatTable(
    [
      'seed',
      'grade',
      'noise factor',
      'sky pull',
      'sky median',
      'flux bias %',
      'hostless pull',
      'hosted pull',
    ],
    rows,
  ),
);
console.log(
  `\nsky pulls without the factor: ${robustSigma(all.raw).toFixed(3)}; ${all.sky.length} places of sky`,
);

/** Sum of light over sum of true light, less one, in percent, with its error from the scatter of single sources. */
function biasOf(sources: typeof light): string {
  const truth = sources.reduce((sum, source) => sum + source.truth, 0);
  const ratio = sources.reduce((sum, source) => sum + source.measured, 0) / truth;
  const squares = sources.reduce((sum, source) => sum + (source.measured - ratio * source.truth) ** 2, 0);
  return `${(100 * (ratio - 1)).toFixed(2)} ± ${((100 * Math.sqrt(squares)) / truth).toFixed(2)}`;
}
