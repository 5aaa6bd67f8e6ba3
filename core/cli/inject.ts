import { join } from 'node:path';
import { type HduToWrite, writeFits } from '../adapters/imaging/index.ts';
import { createStagePorts, createThreads } from '../app/compose-stages.ts';
import { parseLineConfig, readConfigFile } from '../app/parse-config.ts';
import { pathsOfCheckout } from '../app/paths.ts';
import { makeFolder, writeWhole } from '../app/write-whole.ts';
import {
  type Completeness,
  type RecoveredInjection,
  recoverInjectionsTask,
  summariseCompleteness,
} from '../domains/detection/index.ts';
import { type Difference, injectStars } from '../domains/differencing/index.ts';
import { type Card, type Exposure, pixelToSky, type Wcs } from '../domains/observations/index.ts';
import type { CalibratedExposure } from '../domains/preprocessing/index.ts';
import { runStages } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { describeInjections } from './format-completeness.ts';
import { parseNumber } from './parse-number.ts';
import { untilStopped } from './until-stopped.ts';

interface InjectOptions {
  readonly science: string;
  readonly template: string;
  readonly count: string;
  readonly seed: string;
  readonly hostedFraction: string;
  readonly sign: string;
  readonly method: string;
  readonly out?: string;
  readonly config?: string;
  readonly allowBandMismatch?: boolean;
  readonly json?: boolean;
}

/** Run `astrid inject`. @throws detection/bad-injection and what the line and writing throw */
export async function runInject(options: InjectOptions, out: Console): Promise<void> {
  const changes = {
    injections: readNumber('count', options.count, 1, 100_000, true),
    seed: readNumber('seed', options.seed, 0, 2 ** 32 - 1, true),
    hostedFraction: readNumber('hosted-fraction', options.hostedFraction, 0, 1, false),
    sign: readWord('sign', options.sign, ['positive', 'negative', 'both'] as const),
  };
  const method = readWord('method', options.method, ['zogy', 'alard-lupton', 'delta-basis', 'auto'] as const);
  await untilStopped(out, async (signal) => {
    const threads = createThreads(pathsOfCheckout(CHECKOUT));
    try {
      const given = parseLineConfig(options.config === undefined ? {} : readConfigFile(options.config));
      const config = {
        ...given,
        differencing: { ...given.differencing, method },
        completeness: { ...given.completeness, ...changes },
      };
      const { ingest, preprocess, register, difference } = await runStages(
        {
          sciencePath: options.science,
          templatePath: options.template,
          options: { allowBandMismatch: options.allowBandMismatch === true },
        },
        'difference',
        {
          ports: createStagePorts(threads),
          config,
          signal,
          onProgress: ({ stage, message }) => out.status(`${stage}: ${message}`),
          onNote: (_stage, note) => out.say(note),
        },
      );
      const { science } = preprocess!;
      out.status(`injecting ${changes.injections} stars`);
      const recoveries = await threads.run(
        recoverInjectionsTask,
        {
          input: { difference, science, template: register! },
          detection: config.detection,
          config: config.completeness,
        },
        { signal },
      );
      const measured = summariseCompleteness(recoveries, config.completeness, config.detection, {
        width: science.science.width,
        height: science.science.height,
        exposureS: science.facts.exposureS,
        minScore: 0,
        realScore: 0,
      });
      if (options.out !== undefined) {
        const hasFlat = config.calibration.flatPath !== '';
        const original = hasFlat ? undefined : ingest!.science;
        for (const path of await writeInjected(options.out, measured, science, original, difference)) {
          out.say(path);
        }
      }
      out.print(options.json ? JSON.stringify({ version: 1, ...measured }) : describeInjections(measured));
    } finally {
      await threads.close();
    }
  });
}

/** Write one image for each pass, and the truth last. */
async function writeInjected(
  folder: string,
  { injections, seed }: Completeness,
  science: CalibratedExposure,
  original: Exposure | undefined,
  difference: Difference,
): Promise<readonly string[]> {
  await makeFolder(folder);
  const paths: string[] = [];
  const passes = Math.max(0, ...injections.map(({ pass }) => pass + 1));
  for (let pass = 0; pass < passes; pass++) {
    const stars = injections.filter((star) => star.pass === pass);
    const injected = injectStars(science, difference.sciencePsf, stars, seed);
    const path = join(folder, `injected-${String(pass + 1).padStart(2, '0')}.fits`);
    await writeFits(path, [imageOf(injected, science, original, stars.length)]);
    paths.push(path);
  }
  const truth = join(folder, 'truth.csv');
  await writeWhole(truth, formatTruth(injections, science.wcs));
  return [...paths, truth];
}

/** Cards that a file's structure and checksums write by themselves. */
const STRUCTURE =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BZERO|BSCALE|BLANK|CHECKSUM|DATASUM|END|Z[A-Z]+\d*)$/;

/** The image as it was read, in ADU, with the stars' light; where it was trimmed or flattened, in electrons with its sky. */
function imageOf(
  injected: CalibratedExposure,
  science: CalibratedExposure,
  original: Exposure | undefined,
  stars: number,
): HduToWrite {
  const { width, height } = science.science;
  const isSame = original && original.pixels.width === width && original.pixels.height === height;
  const gain = science.facts.gainEPerAdu;
  const data = Float32Array.from(injected.science.data, (value, k) =>
    isSame
      ? original.pixels.data[k]! + (value - science.science.data[k]!) / gain
      : value + science.backgroundE,
  );
  const own: readonly Card[] = isSame
    ? []
    : [
        { keyword: 'GAIN', value: 1, comment: '[e-/ADU] the image is in electrons' },
        { keyword: 'BUNIT', value: 'electron' },
      ];
  const names = new Set(own.map(({ keyword }) => keyword));
  const kept = (isSame ? original.header : science.header).filter(
    ({ keyword }) => !STRUCTURE.test(keyword) && !names.has(keyword),
  );
  return {
    kind: 'image',
    shape: [height, width],
    data,
    header: [
      ...kept,
      ...own,
      { keyword: 'HISTORY', value: undefined, comment: `AstrID: ${stars} stars injected, see truth.csv` },
    ],
  };
}

/** Write injections as CSV; positions are zero-based pixels of the science image. */
function formatTruth(injections: readonly RecoveredInjection[], wcs: Wcs | undefined): string {
  const rows = injections.map((star) => {
    const sky = wcs && pixelToSky(wcs, star.xPx, star.yPx);
    return [
      star.pass + 1,
      star.xPx.toFixed(3),
      star.yPx.toFixed(3),
      sky ? sky.raDeg.toFixed(7) : '',
      sky ? sky.decDeg.toFixed(7) : '',
      star.fluxE.toFixed(1),
      star.snr.toFixed(2),
      star.kind,
      star.outcome,
      star.measured ? star.measured.fluxE.toFixed(1) : '',
      star.measured?.veto ?? '',
    ].join();
  });
  return `${['image,x,y,ra,dec,flux,snr,kind,outcome,measured_flux,veto', ...rows].join('\n')}\n`;
}

function readNumber(name: string, text: string, least: number, most: number, isWhole: boolean): number {
  const value = parseNumber(text);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new AstridError(
    'detection/bad-injection',
    `--${name} ${text}: choose a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}.`,
    { [name]: text, least, most },
  );
}

function readWord<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new AstridError(
    'detection/bad-injection',
    `--${name} ${text} is not known; choose ${words.join(' or ')}.`,
    { [name]: text },
  );
}
