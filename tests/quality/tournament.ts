/**
 * Spoil engines and see what the tournament takes: `node tests/quality/tournament.ts [--seeds 3 --first 930 --size 768]`.
 *
 * In each field every engine in turn is given galaxies in place of PSF stars (its grade forced to green, so that only
 * what it finds can tell), or a template that is shifted by 0.7 px in the right half. Prints who won, and completeness
 * and false candidates of the result against the simulator's own truth, beside those of each engine alone.
 */
import { parseArgs } from 'node:util';
import {
  DEFAULT_COMPLETENESS_CONFIG,
  DEFAULT_DETECTION_CONFIG,
  detectOnDifference,
} from '../../core/domains/detection/index.ts';
import { chooseByTournament } from '../../core/domains/detection/tournament/hold-tournament.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  type Difference,
  type DifferencingMethod,
  differenceImages,
} from '../../core/domains/differencing/index.ts';
import { type MaskedImage, UNUSABLE } from '../../core/domains/observations/index.ts';
import type { RegisteredTemplate, Source } from '../../core/domains/preprocessing/index.ts';
import { makePlane, type Plane } from '../../core/kernels/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { type PreparedField, prepareField } from './measure-field.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    first: { type: 'string', default: '930' },
    size: { type: 'string', default: '768' },
  },
});
const METHODS: readonly DifferencingMethod[] = ['zogy', 'delta-basis', 'alard-lupton'];
const runner = createInlineRunner();
const config = {
  differencing: DEFAULT_DIFFERENCING_CONFIG,
  detection: DEFAULT_DETECTION_CONFIG,
  completeness: DEFAULT_COMPLETENESS_CONFIG,
};

type Field = PreparedField;

const subtract = (field: Field, method: DifferencingMethod): Promise<Difference> =>
  differenceImages(
    field.science,
    field.template,
    { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false },
    runner,
  );

/** Found and true beyond S/N 5, and candidates that nothing true explains. */
function compare(field: Field, difference: Difference): { found: number; true: number; false: number } {
  const clear = detectOnDifference({ ...field, difference }).filter(({ vetoes }) => vetoes.length === 0);
  const { width, data } = difference.mask;
  const events = field.truth.filter(
    ({ xPx, yPx, snr }) => snr >= 5 && (data[Math.round(yPx) * width + Math.round(xPx)]! & UNUSABLE) === 0,
  );
  const near = (a: { xPx: number; yPx: number }, b: { xPx: number; yPx: number }, px: number) =>
    Math.hypot(a.xPx - b.xPx, a.yPx - b.yPx) < px;
  return {
    true: events.length,
    found: events.filter((event) =>
      clear.some((one) => one.isNegative === event.isNegative && near(one, event, 2)),
    ).length,
    false: clear.filter((one) => field.truth.every((row) => !near(one, row, 5))).length,
  };
}

/** Only sources that no star can be: larger than most. */
function extendedOf(sources: readonly Source[]): readonly Source[] {
  const radii = sources.map((source) => source.halfLightRadiusPx).sort((a, b) => a - b);
  const limit = 1.25 * radii[radii.length >> 1]!;
  return sources.filter((source) => source.halfLightRadiusPx > limit && source.snr > 15);
}

function shiftRightHalf(template: RegisteredTemplate, dx: number): RegisteredTemplate {
  const move = (plane: Plane): Plane => {
    const { width, height, data } = plane;
    const out = makePlane(width, height);
    out.data.set(data);
    for (let y = 0; y < height; y++) {
      for (let x = Math.floor(width / 2); x < width - 1; x++) {
        out.data[y * width + x] = (1 - dx) * data[y * width + x]! + dx * data[y * width + x + 1]!;
      }
    }
    return out;
  };
  const moved: MaskedImage = { ...template, science: move(template.science) };
  return { ...template, ...moved };
}

const show = (outcome: { found: number; true: number; false: number }): string =>
  `${outcome.found}/${outcome.true} found, ${outcome.false} false`;

for (let k = 0; k < Number(values.seeds); k++) {
  const seed = Number(values.first) + k;
  const field = await prepareField({ sizePx: Number(values.size), seed, transients: 60 });
  const sound = new Map<DifferencingMethod, Difference>();
  for (const method of METHODS) sound.set(method, await subtract(field, method));
  console.log(
    `seed ${seed}: ${METHODS.map((method) => `${method} ${show(compare(field, sound.get(method)!))}`).join('; ')}`,
  );
  const hold = async (spoiled: DifferencingMethod | undefined, bad: Difference | undefined, how: string) => {
    const attempts = METHODS.map((method) => ({
      kind: 'done' as const,
      method,
      difference: method === spoiled ? { ...bad!, grade: 'green' as const } : sound.get(method)!,
    }));
    const chosen = await chooseByTournament(field.science, field.template, attempts, config, runner);
    console.log(
      `  ${how.padEnd(34)} ${bad ? `alone ${show(compare(field, bad))}; ` : ''}auto ${show(compare(field, chosen))}`,
    );
    console.log(`    ${chosen.gradeReasons.at(-1)}`);
  };
  await hold(undefined, undefined, 'all sound');
  for (const method of METHODS) {
    const withGalaxies = {
      ...field,
      science: { ...field.science, sources: extendedOf(field.science.sources) },
    };
    const spoiled = await subtract(withGalaxies, method).catch(() => undefined);
    if (spoiled) await hold(method, spoiled, `${method} with galaxies as stars`);
  }
  const shifted = await subtract({ ...field, template: shiftRightHalf(field.template, 0.7) }, 'zogy');
  await hold('zogy', shifted, 'zogy shifted in the right half');
}
