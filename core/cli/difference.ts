import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HduToWrite, writeFits } from '../adapters/imaging/index.ts';
import { createStagePorts, createThreads } from '../app/compose-stages.ts';
import { parseLineConfig, readConfigFile } from '../app/parse-config.ts';
import { pathsOfCheckout } from '../app/paths.ts';
import { makeFolder } from '../app/write-whole.ts';
import { type Difference, evaluatePsf } from '../domains/differencing/index.ts';
import { type Card, type Header, MaskBit, writeWcsCards } from '../domains/observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../domains/preprocessing/index.ts';
import { runStages } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { untilStopped } from './until-stopped.ts';

interface DifferenceOptions {
  readonly science: string;
  readonly template: string;
  readonly method: string;
  readonly out: string;
  readonly config?: string;
  readonly allowBandMismatch?: boolean;
}

/** What a difference keeps of the science image's header: when, where and with what it was taken. */
const OBSERVED = new Set(
  'OBJECT TELESCOP INSTRUME DETECTOR FILTER BAND DATE-OBS MJD-OBS TIMESYS EXPTIME EXPOSURE AIRMASS'.split(
    ' ',
  ),
);

/** What `--method` may name. */
export const METHODS = ['zogy', 'alard-lupton', 'delta-basis', 'auto'] as const;

/** Run `astrid difference`. @throws differencing/unknown-method and what the line and writing throw */
export async function runDifference(options: DifferenceOptions, out: Console): Promise<void> {
  const method = METHODS.find((name) => name === options.method);
  if (method === undefined) {
    throw new AstridError(
      'differencing/unknown-method',
      `--method ${options.method} is not known; choose ${METHODS.join(' or ')}.`,
      { method: options.method },
    );
  }
  await untilStopped(out, async (signal) => {
    const threads = createThreads(pathsOfCheckout(CHECKOUT));
    try {
      const config = parseLineConfig(options.config === undefined ? {} : readConfigFile(options.config));
      const { preprocess, register, difference } = await runStages(
        {
          sciencePath: options.science,
          templatePath: options.template,
          options: { allowBandMismatch: options.allowBandMismatch === true },
        },
        'difference',
        {
          ports: createStagePorts(threads),
          config: { ...config, differencing: { ...config.differencing, method } },
          signal,
          onProgress: ({ stage, message }) => out.status(`${stage}: ${message}`),
          onNote: (_stage, note) => out.say(note),
        },
      );
      const files = makeFiles(preprocess!.science, register!, difference, options);
      await makeFolder(options.out);
      for (const [name, hdu] of files) {
        const path = join(options.out, `${name}.fits`);
        await writeFits(path, [hdu]);
        out.print(path);
      }
      out.say(`difference graded ${difference.grade}`);
    } finally {
      await threads.close();
    }
  });
}

/** Lay out what is written: every image on the science grid with its WCS, and how it was made in HISTORY. */
function makeFiles(
  science: CalibratedExposure,
  template: RegisteredTemplate,
  difference: Difference,
  options: DifferenceOptions,
): readonly (readonly [name: string, hdu: HduToWrite])[] {
  const { width, height } = difference.difference;
  const history = (text: string): Card => ({ keyword: 'HISTORY', value: undefined, comment: text });
  const { version } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string };
  const provenance: Header = [
    { keyword: 'METHOD', value: difference.method, comment: 'differencing method' },
    { keyword: 'FLUXRAT', value: difference.fluxRatio, comment: 'science e- for one template e-' },
    { keyword: 'REGRMS', value: template.registration.rmsPx, comment: '[px] rms of matched stars' },
    { keyword: 'REGN', value: template.registration.matched, comment: 'stars matched' },
    { keyword: 'SCORRSTD', value: difference.metrics.scorrMadStd, comment: 'MAD sigma of the score image' },
    { keyword: 'GRADE', value: difference.grade, comment: 'green, yellow or red' },
    history(`AstrID ${version}: ${difference.method} difference`),
    history(`science: ${options.science}`),
    history(`template: ${options.template}`),
    ...difference.gradeReasons.map(history),
  ];
  const observed = science.header.filter(({ keyword }) => OBSERVED.has(keyword));
  const sky = science.wcs ? writeWcsCards(science.wcs) : [];
  const image = (data: Float32Array | Uint16Array, own: Header): HduToWrite => ({
    kind: 'image',
    shape: [height, width],
    data,
    header: [...own, ...observed, ...sky, ...provenance],
  });
  const unit = (value: string): Header => [{ keyword: 'BUNIT', value }];
  const bits = Object.entries(MaskBit).map(
    ([name, bit]): Card => ({
      keyword: `MP_${name}`,
      value: Math.log2(bit),
      comment: `bit of ${name}`,
    }),
  );
  const psf = evaluatePsf(difference.psf, (width - 1) / 2, (height - 1) / 2);
  return [
    ['difference', image(difference.difference.data, unit('electron'))],
    ['variance', image(difference.variance.data, unit('electron2'))],
    ['mask', image(difference.mask.data, bits)],
    ['score', image(difference.score.data, [])],
    ['psf', { kind: 'image', shape: [psf.height, psf.width], data: psf.data, header: provenance }],
  ];
}
