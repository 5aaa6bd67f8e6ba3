/**
 * Measure how well diffraction spikes are masked on simulated fields:
 * `node tests/quality/spikes.ts [--size 1024 --seeds 3]`.
 */
import { parseArgs } from 'node:util';
import { scoreSpikes } from './score-spikes.ts';

const { values } = parseArgs({
  options: { size: { type: 'string', default: '1024' }, seeds: { type: 'string', default: '3' } },
});
const part = (some: number, all: number): string => (all === 0 ? '-' : (some / all).toFixed(4)).padStart(9);

console.log('field   arms  light   px > 5 sigma    masked   px 2-5 sigma    masked   clean sky masked');
for (const difficulty of ['survey', 'hard'] as const)
  for (const { arms, lightFraction } of [
    { arms: 4, lightFraction: 0.005 },
    { arms: 4, lightFraction: 0.02 },
    { arms: 6, lightFraction: 0.02 },
    { arms: 4, lightFraction: 0 },
  ]) {
    const scores = Array.from({ length: Number(values.seeds) }, (_, seed) =>
      scoreSpikes(difficulty, 40 + seed, Number(values.size), { arms, lightFraction, halfLengthPx: 15 }),
    );
    const sum = (name: keyof (typeof scores)[number]) =>
      scores.reduce((total, score) => total + score[name], 0);
    console.log(
      `${difficulty.padEnd(7)} ${String(arms).padStart(4)} ${lightFraction.toFixed(3).padStart(6)} ${String(sum('bright')).padStart(14)} ` +
        `${part(sum('brightMasked'), sum('bright'))} ${String(sum('faint')).padStart(14)} ${part(sum('faintMasked'), sum('faint'))} ` +
        `${part(sum('falselyMasked'), sum('clean')).padStart(18)}`,
    );
  }
