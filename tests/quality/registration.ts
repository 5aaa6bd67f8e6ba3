import { type Registration, registerTemplate } from '../../core/domains/preprocessing/index.ts';
import { isAstridError } from '../../core/utils/index.ts';
import { drawPair, type PairRecipe } from '../sky/distorted-pair.ts';
import { fitBestPolynomial, measureError, toExposure } from '../sky/judge-registration.ts';

/**
 * Registration over many seeds, judged by the truth: how often it is right, and how far off it is.
 *
 * `npm run quality:registration -- [--seeds 40] [--unrelated 200] [--only NAME]`
 *
 * The error is that of the map over the common area, on a lattice, not that of the stars it was fitted to. Beside it
 * stands that of the best single polynomial fitted to the true pairs, the order chosen by the truth: what the stars'
 * own noise allows to someone who knows the answer.
 */

const SURVEY: PairRecipe = {
  stars: 3000,
  overlap: [0.5, 0.95],
  scale: [0.95, 1.05],
  rotationDeg: 180,
  flips: 0,
  distortionPx: 3,
  depthRatio: [0.7, 1.5],
  seeingPx: [2.5, 4],
  spurious: 0.05,
  wcs: 'none',
  wcsErrorPx: 0,
};

const CASES: Readonly<Record<string, PairRecipe>> = {
  survey: SURVEY,
  'overlap 30 %': { ...SURVEY, overlap: [0.28, 0.35] },
  'scale 0.5-2': { ...SURVEY, scale: [0.5, 2], overlap: [0.6, 0.95] },
  mirrored: { ...SURVEY, flips: 1, overlap: [0.3, 0.9] },
  'all at once': { ...SURVEY, flips: 0.5, scale: [0.5, 2], overlap: [0.3, 0.5], distortionPx: 5 },
  'strong lens': { ...SURVEY, distortionPx: 10 },
  'depth x 4': { ...SURVEY, depthRatio: [3, 5], seeingPx: [2, 6] },
  'depth / 4': { ...SURVEY, depthRatio: [0.2, 0.3], seeingPx: [2, 6] },
  crowded: { ...SURVEY, stars: 30_000, flips: 0.5 },
  'crowded, 30 %': { ...SURVEY, stars: 30_000, overlap: [0.28, 0.35], seeingPx: [2.5, 6] },
  wave: { ...SURVEY, stars: 10_000, wavePx: 0.3 },
  'sparse (15 common)': { ...SURVEY, stars: 70, overlap: [0.6, 0.9], distortionPx: 0.3, spurious: 0.3 },
  'sparse, SIP': { ...SURVEY, stars: 70, overlap: [0.6, 0.9], spurious: 0.3, wcs: 'sip', wcsErrorPx: 20 },
  'SIP header': { ...SURVEY, wcs: 'sip', wcsErrorPx: 30, flips: 0.5 },
  'header without lens': { ...SURVEY, wcs: 'no-distortion', wcsErrorPx: 30, flips: 0.5 },
  'few stars, lens': { ...SURVEY, stars: 300, distortionPx: 5 },
  'few, header no lens': { ...SURVEY, stars: 300, distortionPx: 5, wcs: 'no-distortion', wcsErrorPx: 30 },
  'SIP header, 30 %': { ...SURVEY, wcs: 'sip', wcsErrorPx: 100, overlap: [0.28, 0.35], scale: [0.5, 2] },
};

const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};

const seeds = Number(option('seeds', '40'));
const firstSeed = Number(option('first-seed', '1000'));
const only = option('only', '');
let failures = 0;

console.log(`registration against the truth, ${seeds} seeds a case; px of the template`);
console.log(
  `${'case'.padEnd(22)} ${[
    'right',
    '<0.05',
    'median',
    'p95',
    'worst',
    'best poly',
    'p95',
    'common',
    'order',
    'ms',
  ]
    .map((word) => word.padStart(9))
    .join(' ')}`,
);
for (const [name, recipe] of Object.entries(CASES)) {
  if (only !== '' && !name.includes(only)) continue;
  const results = Array.from({ length: seeds }, (_, k) => trial(recipe, firstSeed + k));
  const good = results.flatMap((result) => (result.rmsPx !== undefined ? [result] : []));
  const right = good.filter(({ rmsPx }) => rmsPx! < 1);
  failures += results.length - right.length;
  const rms = right.map(({ rmsPx }) => rmsPx!).sort((a, b) => a - b);
  const best = results.map(({ bestPx }) => bestPx).sort((a, b) => a - b);
  const at = (values: readonly number[], share: number): string =>
    (values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN).toFixed(3);
  const common = results.map((result) => result.common).sort((a, b) => a - b);
  const ms = results.map((result) => result.ms).sort((a, b) => a - b);
  console.log(
    `${name.padEnd(22)} ${[
      `${right.length}/${results.length}`,
      `${rms.filter((value) => value < 0.05).length}`,
      at(rms, 0.5),
      at(rms, 0.95),
      at(rms, 1),
      at(best, 0.5),
      at(best, 0.95),
      String(common[common.length >> 1]),
      [...new Set(right.map(({ order }) => order))].sort().join(','),
      ms[ms.length >> 1]!.toFixed(0),
    ]
      .map((word) => word.padStart(9))
      .join(' ')}`,
  );
  for (const result of results) {
    if (result.rmsPx === undefined || result.rmsPx >= 1 || process.argv.includes('--each'))
      console.log(
        `    seed ${result.seed}: ${result.error ?? `off by ${result.rmsPx!.toFixed(3)} px, at best ${result.bestPx.toFixed(3)}; ${result.common} common stars, order ${result.order}`}`,
      );
  }
}

const unrelated = Number(option('unrelated', '200'));
let refused = 0;
for (let k = 0; k < unrelated; k++) {
  const recipes = Object.values(CASES);
  const recipe = { ...recipes[k % recipes.length]!, ...(k % 2 === 0 ? {} : { wcs: 'none' as const }) };
  const science = drawPair(recipe, 50_000 + k).science;
  const template = drawPair(recipe, 90_000 + k).template;
  try {
    const { matched, rmsPx } = registerTemplate(toExposure('a', science), toExposure('b', template));
    console.log(`unrelated pair ${k} was accepted: ${matched} stars, ${rmsPx.toFixed(2)} px`);
  } catch (error) {
    if (!isAstridError(error) || !/no-overlap|too-few-stars/.test(error.code)) throw error;
    refused++;
  }
}
console.log(`unrelated pairs refused: ${refused} of ${unrelated}`);
process.exitCode = failures === 0 && refused === unrelated ? 0 : 1;

interface Trial {
  readonly seed: number;
  readonly rmsPx?: number | undefined;
  readonly error?: string | undefined;
  readonly bestPx: number;
  readonly common: number;
  readonly order: string;
  readonly ms: number;
}

function trial(recipe: PairRecipe, seed: number): Trial {
  const pair = drawPair(recipe, seed);
  const { bestPx, common } = fitBestPolynomial(pair);
  const started = performance.now();
  try {
    const registration = registerTemplate(
      toExposure('science', pair.science),
      toExposure('template', pair.template),
    );
    const ms = performance.now() - started;
    return {
      seed,
      rmsPx: measureError(registration.map, pair),
      bestPx,
      common,
      order: orderOf(registration),
      ms,
    };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    const ms = performance.now() - started;
    return { seed, error: `${error.code} ${error.message}`, bestPx, common, order: '', ms };
  }
}

function orderOf({ map }: Registration): string {
  return map.kind === 'wcs' ? `w${map.correction?.order ?? ''}` : String(map.plane.order);
}
