/**
 * Measure how well cosmic rays are masked on simulated fields:
 * `node tests/quality/cosmic-rays.ts [--size 1024 --seeds 5 --rays 200]`.
 *
 * The truth is the difference of two simulations, with rays and hot pixels and without.
 */
import { parseArgs } from 'node:util';
import { SKY_RECIPES } from '../../core/domains/observations/simulate/index.ts';
import { type CosmicRayScore, scoreCosmicRays } from './score-cosmic-rays.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    seeds: { type: 'string', default: '5' },
    rays: { type: 'string', default: '200' },
  },
});

const rate = (part: number, whole: number): string =>
  (whole === 0 ? '-' : (part / whole).toFixed(4)).padStart(9);
const NAMES = [
  'rays',
  'found',
  'faintRays',
  'foundFaint',
  'raysOnSources',
  'foundOnSources',
  'masked',
  'right',
  'stars',
  'eaten',
] as const;

console.log('field               rays    recall on sources  5-8 sigma   precision     stars     eaten');
let isMissed = false;
for (const [name, difficulty, fwhmPx] of [
  ['survey', 'survey', undefined],
  ['hard', 'hard', undefined],
  ['survey, FWHM 2 px', 'survey', 2],
  ['survey, FWHM 1.5 px', 'survey', 1.5],
] as const) {
  const total: Record<(typeof NAMES)[number], number> = {
    rays: 0,
    found: 0,
    faintRays: 0,
    foundFaint: 0,
    raysOnSources: 0,
    foundOnSources: 0,
    masked: 0,
    right: 0,
    stars: 0,
    eaten: 0,
  };
  const { science } = SKY_RECIPES[difficulty];
  const changes = fwhmPx === undefined ? {} : { science: { ...science, fwhmPx } };
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const score: CosmicRayScore = scoreCosmicRays(
      difficulty,
      100 + seed,
      Number(values.size),
      Number(values.rays),
      changes,
    );
    for (const key of NAMES) total[key] += score[key];
  }
  console.log(
    `${name.padEnd(19)} ${String(total.rays).padStart(5)} ${rate(total.found, total.rays)} ${rate(total.foundOnSources, total.raysOnSources)}  ${rate(total.foundFaint, total.faintRays)} ` +
      `  ${rate(total.right, total.masked)} ${String(total.stars).padStart(9)} ${String(total.eaten).padStart(9)}`,
  );
  if (total.found < 0.95 * total.rays || total.right < 0.9 * total.masked) isMissed = true;
}
console.log('asked: recall >= 0.95 of rays above 8 sigma, precision >= 0.90 of masked pixels');
process.exitCode = isMissed ? 1 : 0;
