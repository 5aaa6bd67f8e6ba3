/**
 * How often random fields are solved, how well, how fast; and whether unrelated fields are ever "solved".
 *
 * `node tests/quality/solve-fields.ts [--fields 200] [--unrelated 200] [--seed 1]`
 */
import { parseArgs } from 'node:util';
import {
  coneOfHint,
  type FieldSolution,
  selectReference,
  solveField,
  starsInCone,
} from '../../core/domains/catalog/index.ts';
import { pixelToSky } from '../../core/domains/observations/index.ts';
import { createRandom, isAstridError } from '../../core/utils/index.ts';
import { drawStarField, type StarField } from '../support/draw-star-field.ts';

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '200' },
    unrelated: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});

const RADIAN = Math.PI / 180;
/** Farthest that the pointing is off, arcmin; scales are off by up to a factor 1.25 either way. */
const POINTING_ARCMIN = 5;

interface Attempt {
  readonly solution?: FieldSolution;
  readonly code?: string;
  readonly ms: number;
}

function attempt(field: StarField, sky: StarField, seed: number): Attempt {
  const random = createRandom(seed);
  const angle = 2 * Math.PI * random.uniform();
  const off = (POINTING_ARCMIN / 60) * Math.sqrt(random.uniform());
  const nominal = sky.scaleArcsec * 1.25 ** (2 * random.uniform() - 1);
  const decDeg = Math.max(-89.99, Math.min(89.99, sky.decDeg + off * Math.sin(angle)));
  const hint = {
    raDeg: (sky.raDeg + (off * Math.cos(angle)) / Math.cos(decDeg * RADIAN) + 360) % 360,
    decDeg,
    radiusDeg: (POINTING_ARCMIN + 0.5) / 60,
    scaleArcsec: [nominal / 1.26, nominal * 1.26] as const,
  };
  const stars = selectReference(sky.stars, starsInCone(sky.stars, coneOfHint(hint, field)));
  const before = process.cpuUsage();
  const done = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  try {
    const solution = solveField({ name: 'field', ...field, stars, hint });
    return { solution, ms: done() };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { code: error.code, ms: done() };
  }
}

/** Offsets of the solution from the truth over the image, px: rms of an axis and median of both. */
function compare(field: StarField, { wcs }: FieldSolution): { rmsPx: number; medianPx: number } {
  const offsets: number[] = [];
  for (let j = 0; j <= 8; j++)
    for (let i = 0; i <= 8; i++) {
      const [x, y] = [(i / 8) * (field.widthPx - 1), (j / 8) * (field.heightPx - 1)];
      const [ra, dec] = field.toSky(x, y);
      const found = pixelToSky(wcs, x, y);
      const dRa = (((found.raDeg - ra + 540) % 360) - 180) * Math.cos(dec * RADIAN);
      offsets.push((Math.hypot(dRa, found.decDeg - dec) * 3600) / field.scaleArcsec);
    }
  offsets.sort((a, b) => a - b);
  return {
    rmsPx: Math.sqrt(offsets.reduce((sum, value) => sum + value * value, 0) / offsets.length / 2),
    medianPx: offsets[offsets.length >> 1]!,
  };
}

const quantile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))] ??
  Number.NaN;

const seed = Number(values.seed);
const solved: { matched: number; rmsPx: number; medianPx: number; ms: number; fitPx: number }[] = [];
const failures: string[] = [];
let wrong = 0;
for (let k = 0; k < Number(values.fields); k++) {
  const field = drawStarField({ seed: 1000 * seed + k });
  const { solution, code, ms } = attempt(field, field, 7_000_000 + 1000 * seed + k);
  if (solution === undefined) {
    failures.push(`${1000 * seed + k}: ${code}, ${field.sources.length} sources, ${ms.toFixed(0)} ms`);
    continue;
  }
  const truth = compare(field, solution);
  if (truth.medianPx > 3) wrong++;
  solved.push({ ...truth, matched: solution.matched, ms, fitPx: Math.max(solution.rmsXPx, solution.rmsYPx) });
}
const show = (name: string, numbers: readonly number[], digits: number): void =>
  console.log(
    `  ${name.padEnd(34)} median ${quantile(numbers, 0.5).toFixed(digits)}  95 % ${quantile(numbers, 0.95).toFixed(digits)}  worst ${quantile(numbers, 1).toFixed(digits)}`,
  );
console.log(`random fields: ${solved.length} of ${values.fields} solved, ${wrong} of them wrong`);
show(
  'true error, rms of an axis, px',
  solved.map(({ rmsPx }) => rmsPx),
  3,
);
for (const [low, high] of [
  [0, 40],
  [40, 100],
  [100, 250],
  [250, 1e9],
] as const) {
  const own = solved.filter(({ matched }) => matched >= low && matched < high);
  if (own.length > 0)
    show(
      `  of ${own.length} with ${low} to ${high === 1e9 ? '' : high} stars`,
      own.map(({ rmsPx }) => rmsPx),
      3,
    );
}
show(
  'true error, median, px',
  solved.map(({ medianPx }) => medianPx),
  3,
);
show(
  'stars about the fit, rms, px',
  solved.map(({ fitPx }) => fitPx),
  3,
);
show(
  'CPU time, ms',
  solved.map(({ ms }) => ms),
  0,
);
for (const failure of failures) console.log(`  not solved: ${failure}`);

const times: number[] = [];
let believed = 0;
for (let k = 0; k < Number(values.unrelated); k++) {
  const field = drawStarField({ seed: 500_000 + 1000 * seed + k });
  const sky = drawStarField({ seed: 900_000 + 1000 * seed + k });
  const { solution, ms } = attempt(field, { ...sky, scaleArcsec: sky.scaleArcsec }, 8_000_000 + k);
  if (solution !== undefined) believed++;
  times.push(ms);
}
console.log(`unrelated fields: ${believed} of ${values.unrelated} believed`);
show('CPU time to refuse, ms', times, 0);
if (wrong > 0 || believed > 0 || solved.length < 0.95 * Number(values.fields)) process.exitCode = 1;
