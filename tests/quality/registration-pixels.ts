import { existsSync, readdirSync } from 'node:fs';
import { readExposure } from '../../core/adapters/imaging/index.ts';
import { parseWcs, readExposureFacts, simulateField } from '../../core/domains/observations/index.ts';
import {
  type CalibratedExposure,
  DEFAULT_REGISTRATION,
  mapPixels,
  preprocessExposure,
  registerTemplate,
} from '../../core/domains/preprocessing/index.ts';
import { planResampling } from '../../core/domains/preprocessing/registration/plan-resampling.ts';
import { resampleTemplate } from '../../core/domains/preprocessing/registration/resample-template.ts';
import { createInlineRunner } from '../../core/utils/index.ts';

/**
 * Registration of pixels: simulated fields against the truth, real pairs by their own stars, and how long it takes.
 *
 * `npm run quality:registration-pixels -- [--seeds 6] [--size 1024]`
 */
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const [seeds, size] = [option('seeds', 6), option('size', 1024)];

console.log(`simulated pixels, ${size} px: rms of the map at the true stars, px`);
for (const [name, difficulty, recipe, hasWcs] of [
  ['survey', 'survey', {}, true],
  ['survey, no coordinates', 'survey', {}, false],
  [
    'survey, 4 px distortion, turned',
    'survey',
    { distortionPx: 4, rotationDeg: 40, ditherPx: 100, templateWcsErrorPx: 20 },
    false,
  ],
  [
    'survey, 4 px distortion, headers',
    'survey',
    { distortionPx: 4, rotationDeg: 5, ditherPx: 60, templateWcsErrorPx: 20 },
    true,
  ],
  ['hard', 'hard', {}, true],
  ['hard, no coordinates', 'hard', {}, false],
] as const) {
  const rows = Array.from({ length: seeds }, (_, k) => {
    const field = simulateField({ sizePx: size, seed: 300 + k, difficulty, recipe, transients: 10 });
    const [science, template] = [field.science, field.template].map(({ pixels, header }, at) =>
      preprocessExposure({
        name: at === 0 ? 'science' : 'template',
        pixels,
        header,
        facts: readExposureFacts(header, pixels),
        wcs: hasWcs ? parseWcs(header) : undefined,
      }),
    ) as [CalibratedExposure, CalibratedExposure];
    const { map } = registerTemplate(science, template);
    // Where the template's light falls, not where it is measured.
    const inside = field.sources.filter(
      ({ kind, xTemplatePx: u, yTemplatePx: v }) =>
        kind === 'star' && u > 0 && v > 0 && u < size - 1 && v < size - 1,
    );
    const mapped = mapPixels(
      map,
      Float64Array.from(inside, ({ xPx }) => xPx),
      Float64Array.from(inside, ({ yPx }) => yPx),
    );
    const squares = inside.map(
      (star, n) => (mapped.x[n]! - star.xTemplatePx) ** 2 + (mapped.y[n]! - star.yTemplatePx) ** 2,
    );
    // A few stars in a thousand have moved between the epochs.
    const kept = squares.toSorted((a, b) => a - b).slice(0, Math.floor(0.99 * squares.length));
    return Math.sqrt(kept.reduce((sum, value) => sum + value, 0) / kept.length);
  }).sort((a, b) => a - b);
  console.log(
    `  ${name.padEnd(34)} median ${rows[rows.length >> 1]!.toFixed(3)}  worst ${rows.at(-1)!.toFixed(3)}`,
  );
}

const pairs = '../shared/data/pairs';
if (!existsSync(pairs)) console.log('real pairs: ../shared is not here');
else {
  console.log('real pairs, rms of the matched stars, px');
  const load = async (name: string): Promise<CalibratedExposure> =>
    preprocessExposure((await readExposure(`${pairs}/${name}`)).exposure);
  const show = (name: string, science: CalibratedExposure, template: CalibratedExposure): void => {
    const { method, matched, rmsPx, sigmaXPx, sigmaYPx, overlap } = registerTemplate(science, template);
    console.log(
      `  ${name.padEnd(34)} ${rmsPx.toFixed(3)} over ${String(matched).padStart(4)} stars (best half: ${sigmaXPx.toFixed(3)}, ${sigmaYPx.toFixed(3)}), ${method}, overlap ${(100 * overlap).toFixed(0)} %`,
    );
  };
  const moa = readdirSync(`${pairs}/moa2013blg475_saao`)
    .filter((name) => /^AKB.*\.fits$/.test(name))
    .sort();
  const template = await load('moa2013blg475_saao/AKB13475I0172.fits');
  for (const name of moa.filter((name) => !name.includes('0172')))
    show(`moa ${name.slice(9, 13)} to 0172`, await load(`moa2013blg475_saao/${name}`), template);
  show('goto_zip 3 to 4', await load('goto_zip/3.fits'), await load('goto_zip/4.fits'));
  for (const [a, b] of [['005', '004']] as const)
    show(
      `eso085-030 ${a} to ${b}`,
      await load(`eso085-030_properimage/aligned_eso085-030-${a}.fit`),
      await load(`eso085-030_properimage/aligned_eso085-030-${b}.fit`),
    );
  show(
    'decam 2018 to 2016',
    await load('decam_sfft_2016_2018/4check/Stack-DEC-OBS04.fits'),
    await load('decam_sfft_2016_2018/4check/Stack-DEC-OBS18.fits'),
  );
  for (const letter of ['a', 'b', 'c', 'd', 'e'])
    show(
      `decam mini ${letter}`,
      await load(`decam_sfft_2016_2018/input_data/DEC-OBS04${letter}.mini.fits`),
      await load(`decam_sfft_2016_2018/input_data/DEC-OBS18${letter}.mini.fits`),
    );
}

console.log('time, 2048 px survey pair, one thread, ms, median of five');
const field = simulateField({ sizePx: 2048, seed: 1 });
const [science, template] = [field.science, field.template].map(({ pixels, header }, at) =>
  preprocessExposure({
    name: String(at),
    pixels,
    header,
    facts: readExposureFacts(header, pixels),
    wcs: parseWcs(header),
  }),
) as [CalibratedExposure, CalibratedExposure];
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
const time = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
const timeFive = async (work: () => unknown): Promise<number> => {
  const times: number[] = [];
  for (let k = 0; k < 5; k++) times.push(await time(work));
  return median(times);
};
const forget = (exposure: CalibratedExposure): CalibratedExposure => ({ ...exposure, wcs: undefined });
for (const [name, a, b] of [
  ['with coordinates', science, template],
  ['stars alone', forget(science), forget(template)],
] as const) {
  const registration = registerTemplate(a, b);
  const register = await timeFive(() => registerTemplate(a, b));
  const resample = await timeFive(() =>
    resampleTemplate(
      b,
      planResampling(a.science, b, registration),
      DEFAULT_REGISTRATION,
      createInlineRunner(),
    ),
  );
  console.log(`  ${name.padEnd(34)} register ${register.toFixed(0)}, resample ${resample.toFixed(0)} (CPU)`);
}
