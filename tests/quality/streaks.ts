/**
 * Measure how well trails of satellites are masked on simulated fields:
 * `node tests/quality/streaks.ts [--size 1024 --seeds 3]`.
 */
import { parseArgs } from 'node:util';
import type { Difficulty } from '../../core/domains/observations/simulate/index.ts';
import { createRandom, type Random } from '../../core/utils/index.ts';
import { type DrawnTrail, scoreStreaks } from './score-streaks.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    seeds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const size = Number(values.size);

/** A chord through the middle half of the field, from border to border and beyond. */
function crossing(random: Random): Pick<DrawnTrail, 'x0' | 'y0' | 'x1' | 'y1'> {
  const angle = Math.PI * random.uniform();
  const x = size * (0.25 + 0.5 * random.uniform());
  const y = size * (0.25 + 0.5 * random.uniform());
  const reach = 1.5 * size;
  return {
    x0: x - reach * Math.cos(angle),
    y0: y - reach * Math.sin(angle),
    x1: x + reach * Math.cos(angle),
    y1: y + reach * Math.sin(angle),
  };
}

/** A piece of some length, within the field. */
function piece(random: Random, length: number): Pick<DrawnTrail, 'x0' | 'y0' | 'x1' | 'y1'> {
  const angle = 2 * Math.PI * random.uniform();
  const margin = length / 2 + 10;
  const x = margin + (size - 2 * margin) * random.uniform();
  const y = margin + (size - 2 * margin) * random.uniform();
  const half = length / 2;
  return {
    x0: x - half * Math.cos(angle),
    y0: y - half * Math.sin(angle),
    x1: x + half * Math.cos(angle),
    y1: y + half * Math.sin(angle),
  };
}

const CASES: readonly {
  readonly name: string;
  readonly draw: (random: Random) => readonly DrawnTrail[];
  /** Asked to be masked; 0 where nothing is. */
  readonly least: number;
}[] = [
  ...[100, 20, 5, 2, 1, 0.5].map((peakSigma) => ({
    name: `crossing, ${peakSigma} sigma`,
    draw: (random: Random) => [{ ...crossing(random), peakSigma }],
    least: 0.9,
  })),
  {
    name: 'crossing, 0.25 sigma',
    draw: (random) => [{ ...crossing(random), peakSigma: 0.25 }],
    least: 0,
  },
  {
    name: 'three at once, 3 sigma',
    draw: (random) => [1, 2, 3].map(() => ({ ...crossing(random), peakSigma: 3 })),
    least: 0.9,
  },
  {
    name: 'out of focus, 3 sigma',
    draw: (random) => [{ ...crossing(random), peakSigma: 3, width: 3 }],
    least: 0.9,
  },
  {
    name: 'ends in the frame, 3 sigma',
    draw: (random) => {
      const { x0, y0, x1, y1 } = crossing(random);
      return [{ x0, y0, x1: (x0 + x1) / 2, y1: (y0 + y1) / 2, peakSigma: 3 }];
    },
    least: 0.9,
  },
  { name: 'short, 150 px, 5 sigma', draw: (random) => [{ ...piece(random, 150), peakSigma: 5 }], least: 0.9 },
  { name: 'short, 80 px, 8 sigma', draw: (random) => [{ ...piece(random, 80), peakSigma: 8 }], least: 0.9 },
  { name: 'short, 80 px, 2 sigma', draw: (random) => [{ ...piece(random, 80), peakSigma: 2 }], least: 0 },
  {
    name: 'dashed 40 px, 5 sigma',
    draw: (random) => [{ ...crossing(random), peakSigma: 5, dashPx: 40 }],
    least: 0.9,
  },
  {
    name: 'dashed 15 px, 5 sigma',
    draw: (random) => [{ ...crossing(random), peakSigma: 5, dashPx: 15 }],
    least: 0.9,
  },
  {
    name: 'tumbling 120 px, 5 sigma',
    draw: (random) => [{ ...crossing(random), peakSigma: 5, tumblePx: 120 }],
    least: 0.9,
  },
  {
    name: 'along the border, 3 sigma',
    draw: () => [{ x0: -50, y0: 3, x1: size + 50, y1: 6, peakSigma: 3 }],
    least: 0.9,
  },
  {
    name: 'across a corner, 5 sigma',
    draw: () => [{ x0: -20, y0: 90, x1: 130, y1: -40, peakSigma: 5 }],
    least: 0.9,
  },
  { name: 'no trail', draw: () => [], least: 0 },
];

console.log('field   trail                       trail masked   clean masked   seconds a frame');
let isMissed = false;
for (const difficulty of ['survey', 'hard'] as const satisfies readonly Difficulty[]) {
  for (const { name, draw, least } of CASES) {
    if (!name.includes(values.only)) continue;
    const sum = { trailPixels: 0, masked: 0, cleanPixels: 0, falselyMasked: 0, seconds: 0 };
    let worst = 1;
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const score = scoreStreaks(difficulty, 300 + seed, size, draw(createRandom(900 + seed)));
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += score[key];
      worst = Math.min(worst, score.masked / Math.max(1, score.trailPixels));
    }
    const masked = sum.trailPixels === 0 ? Number.NaN : sum.masked / sum.trailPixels;
    const clean = sum.falselyMasked / sum.cleanPixels;
    const isBad = masked < least || clean > 0.005;
    if (isBad) isMissed = true;
    console.log(
      `${difficulty.padEnd(7)} ${name.padEnd(26)} ${masked.toFixed(3).padStart(6)} (${worst.toFixed(2)})   ${(100 * clean).toFixed(3).padStart(8)} %   ` +
        `${(sum.seconds / Number(values.seeds)).toFixed(2).padStart(8)}${isBad ? '   MISSED' : ''}`,
    );
  }
}
console.log('masked of trail pixels above one sigma, worst field in brackets; asked: >= 0.9, clean < 0.5 %');
process.exitCode = isMissed ? 1 : 0;
