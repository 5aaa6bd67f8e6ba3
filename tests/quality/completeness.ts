/**
 * Hold what an image says of its own depth against the truth: `node tests/quality/completeness.ts [--seeds 4 --first 950
 * --size 1024 --difficulty survey --method zogy --injections 200 --transients 200]`.
 *
 * Simulated fields hold changes that the simulator made with its own profiles, photons and detector, before anything was
 * calibrated; the line's injections know only what the line measured. Where half are found should be the same, in S/N
 * and in magnitudes, within the errors. Prints each field, all together, the cost, and what vetoes took.
 */
import { parseArgs } from 'node:util';
import { fitEfficiency, type Trial } from '../../core/domains/detection/completeness/fit-efficiency.ts';
import {
  DEFAULT_COMPLETENESS_CONFIG,
  DEFAULT_DETECTION_CONFIG,
  detectOnDifference,
  recoverInjections,
  summariseCompleteness,
} from '../../core/domains/detection/index.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  type DifferencingMethod,
  differenceImages,
} from '../../core/domains/differencing/index.ts';
import { type SimulateConfig, UNUSABLE } from '../../core/domains/observations/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { prepareField } from './measure-field.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '4' },
    first: { type: 'string', default: '950' },
    size: { type: 'string', default: '1024' },
    difficulty: { type: 'string', default: 'survey' },
    method: { type: 'string', default: 'zogy' },
    injections: { type: 'string', default: '200' },
    transients: { type: 'string', default: '200' },
  },
});
const sizePx = Number(values.size);
const method = values.method as DifferencingMethod;
const config = { ...DEFAULT_COMPLETENESS_CONFIG, injections: Number(values.injections) };
const SNR = { width: 0.6, widthFactor: 1.6, edges: [2, 4, 5, 6, 8, 15], isRising: true };
const MAG = { width: 0.15, widthFactor: 1.6, edges: [-10, 10], isRising: false };
const MATCH_PX = 1.6;

/** One star, as the truth or as an injection. */
interface Star {
  readonly snr: number;
  readonly mag: number;
  readonly isFound: boolean;
}

const limits = (stars: readonly Star[]) => {
  const trials = (of: 'snr' | 'mag') => stars.map((star): Trial => ({ at: star[of], isFound: star.isFound }));
  return { snr: fitEfficiency(trials('snr'), SNR), mag: fitEfficiency(trials('mag'), MAG) };
};
const show = (estimate: { value: number; error: number } | undefined): string =>
  estimate ? `${estimate.value.toFixed(2)} +- ${estimate.error.toFixed(2)}` : 'not reached';

function line(name: string, truth: readonly Star[], injected: readonly Star[]): string {
  const a = limits(truth);
  const b = limits(injected);
  const parts = (['snr', 'mag'] as const).flatMap((of) =>
    (['at50', 'at90'] as const).map((at) => {
      const [x, y] = [a[of][at], b[of][at]];
      const pull = x && y ? (y.value - x.value) / Math.hypot(x.error, y.error) : Number.NaN;
      return `${of}${at.slice(2)} ${show(x)} | ${show(y)} (${pull.toFixed(1)})`;
    }),
  );
  return `${name.padEnd(9)}${String(truth.length).padStart(4)}${String(injected.length).padStart(5)}  ${parts.join('   ')}`;
}

const truths: Star[] = [];
const injections: Star[] = [];
const seconds: number[] = [];
const vetoes: Record<string, number> = {};
console.log('field   true  inj.  (true | injected, in brackets their distance in sigma)');
for (let k = 0; k < Number(values.seeds); k++) {
  const seed = Number(values.first) + k;
  const field = await prepareField({
    sizePx,
    seed,
    transients: Number(values.transients),
    difficulty: values.difficulty as SimulateConfig['difficulty'],
    recipe: { snrRange: [2, 14] },
  });
  const { science, template, truth } = field;
  const difference = await differenceImages(
    science,
    template,
    { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false },
    createInlineRunner(),
  );
  const input = { science, template, difference };
  const candidates = detectOnDifference(input).filter((detection) => detection.vetoes.length === 0);
  const exposureS = science.facts.exposureS ?? 1;
  const magOf = (fluxE: number): number => -2.5 * Math.log10(fluxE / exposureS);
  const { width, data } = difference.mask;
  const own = truth
    .filter(({ kind, isNegative, xPx, yPx }) => {
      const bits = data[Math.round(yPx) * width + Math.round(xPx)]!;
      return kind === 'hostless' && !isNegative && (bits & UNUSABLE) === 0;
    })
    .map(
      ({ xPx, yPx, snr, fluxE }): Star => ({
        snr,
        mag: magOf(fluxE),
        isFound: candidates.some(
          (one) => !one.isNegative && Math.hypot(one.xPx - xPx, one.yPx - yPx) < MATCH_PX,
        ),
      }),
    );
  const started = process.cpuUsage();
  const recovered = recoverInjections(input, DEFAULT_DETECTION_CONFIG, config);
  const measured = summariseCompleteness(recovered, config, DEFAULT_DETECTION_CONFIG, {
    width: sizePx,
    height: sizePx,
    exposureS,
    minScore: 0,
    realScore: 0,
  });
  const used = process.cpuUsage(started);
  seconds.push((used.user + used.system) / 1e6);
  const inside = measured.injections
    .filter(({ kind }) => kind === 'hostless')
    .map(({ snr, fluxE, outcome }): Star => ({ snr, mag: magOf(fluxE), isFound: outcome === 'found' }));
  truths.push(...own);
  injections.push(...inside);
  for (const [rule, count] of Object.entries(measured.vetoes)) vetoes[rule] = (vetoes[rule] ?? 0) + count;
  console.log(line(String(seed), own, inside));
}
console.log(line('all', truths, injections));
const typical = seconds.sort((a, b) => a - b)[seconds.length >> 1]!;
console.log(
  `${config.injections} injections at ${sizePx} x ${sizePx} px cost ${typical.toFixed(2)} s of one processor (median); vetoed: ${
    Object.entries(vetoes)
      .map(([rule, count]) => `${count} ${rule}`)
      .join(', ') || 'none'
  }`,
);
