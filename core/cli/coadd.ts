import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type HduToWrite, writeFits } from '../adapters/imaging/index.ts';
import { createThreads } from '../app/compose-stages.ts';
import { type CoaddRequest, type MadeCoadd, makeCoadd } from '../app/make-coadd.ts';
import { parseLineConfig, readConfigFile } from '../app/parse-config.ts';
import { pathsOfCheckout } from '../app/paths.ts';
import { makeFolder } from '../app/write-whole.ts';
import { type Card, type Header, MaskBit, writeWcsCards } from '../domains/observations/index.ts';
import { type CoaddMethod, DEFAULT_COADD } from '../domains/preprocessing/index.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { parseNumber } from './parse-number.ts';
import { untilStopped } from './until-stopped.ts';

interface CoaddOptions {
  readonly out: string;
  readonly method: string;
  readonly reference?: string;
  readonly clipSigma: string;
  readonly config?: string;
}

const METHODS: readonly CoaddMethod[] = ['clipped', 'weighted', 'proper'];

/** What a coadd keeps of the reference's header. */
const OBSERVED = new Set('OBJECT TELESCOP INSTRUME DETECTOR FILTER BAND EXPTIME EXPOSURE AIRMASS'.split(' '));

/** Run `astrid coadd`. @throws preprocessing/unknown-method and what reading, registering and writing throw */
export async function runCoadd(files: readonly string[], options: CoaddOptions, out: Console): Promise<void> {
  const method = METHODS.find((name) => name === options.method);
  if (method === undefined)
    throw new AstridError(
      'preprocessing/unknown-method',
      `--method ${options.method} is not known; choose ${METHODS.join(', ')}.`,
      { method: options.method },
    );
  const clipSigma = parseNumber(options.clipSigma);
  if (!(clipSigma > 0))
    throw new AstridError(
      'preprocessing/bad-threshold',
      `--clip-sigma ${options.clipSigma}: choose a number above 0.`,
      { clipSigma: options.clipSigma },
    );
  await untilStopped(out, async (signal) => {
    await makeFolder(dirname(options.out));
    const request: CoaddRequest = {
      paths: files,
      reference: options.reference,
      method,
      line: parseLineConfig(options.config === undefined ? {} : readConfigFile(options.config)),
      coadd: { ...DEFAULT_COADD, clipSigma },
      outPath: options.out,
      signal,
      onProgress: (message) => out.status(message),
      onNote: (note) => out.say(note),
    };
    // One exposure after the other: a second thread would only hold memory.
    const made = await makeCoadd(request, () => createThreads(pathsOfCheckout(CHECKOUT), 1));
    await writeFits(options.out, makeHdus(made));
    out.print(options.out);
    out.say(summarise(made));
  });
}

function summarise({ coadd, exposures }: MadeCoadd): string {
  const rows = exposures.map(
    ({ path, fluxScale, skyNoiseE, fwhmPx, rmsPx }, k) =>
      `  ${path}: flux scale ${fluxScale.toFixed(4)}, sky noise ${skyNoiseE.toFixed(1)} e-, FWHM ${fwhmPx.toFixed(2)} px, ` +
      `registered to ${rmsPx.toFixed(3)} px, weight ${(100 * coadd.weights[k]!).toFixed(1)} %, ${coadd.clipped[k]} pixels clipped`,
  );
  const head = `${coadd.method} coadd of ${exposures.length} exposures: sky noise ${coadd.skyNoiseE.toFixed(2)} e- of the reference`;
  return [head, ...rows].join('\n');
}

/**
 * Lay out the file: an image that reads like one long exposure by the reference's camera, then what is known of it.
 *
 * One unit is one electron of the reference exposure; GAIN says how many were counted for it. The reference's sky is put
 * back as a constant, so that level, gain and noise go together as in any exposure.
 */
function makeHdus({ coadd, reference, exposures }: MadeCoadd): readonly HduToWrite[] {
  const { width, height } = coadd.science;
  const sky = Math.max(0, reference.backgroundE);
  // What makes the noise that is there, of the sky level that is there.
  const readNoiseE = Math.sqrt(Math.max(1, (coadd.gain * coadd.skyNoiseE) ** 2 - coadd.gain * sky));
  const levels = exposures.map(({ saturationE }) => saturationE);
  const saturation = levels.every((level) => level !== undefined) ? sky + Math.max(...levels) : undefined;
  const pixels = new Float32Array(width * height);
  for (let k = 0; k < pixels.length; k++) {
    const bits = coadd.mask.data[k]!;
    const value = coadd.science.data[k]! + sky;
    if ((bits & MaskBit.NO_DATA) !== 0) pixels[k] = Number.NaN;
    else
      pixels[k] =
        (bits & MaskBit.SAT) !== 0 && saturation !== undefined ? Math.max(value, saturation) : value;
  }
  const header = makeHeader({ coadd, reference, exposures }, sky, Math.min(readNoiseE, 199), saturation);
  const wcs = reference.wcs ? writeWcsCards(reference.wcs) : [];
  const image = (
    extname: string | undefined,
    data: Float32Array | Uint16Array,
    own: Header,
    shape: readonly number[] = [height, width],
  ): HduToWrite => ({ kind: 'image', extname, shape, data, header: own });
  const bits = Object.entries(MaskBit).map(
    ([name, bit]): Card => ({ keyword: `MP_${name}`, value: Math.log2(bit), comment: `bit of ${name}` }),
  );
  return [
    image(undefined, pixels, [...header, ...wcs]),
    image('VARIANCE', coadd.variance.data, [{ keyword: 'BUNIT', value: 'adu2' }, ...wcs]),
    image('MASK', coadd.mask.data, [...bits, ...wcs]),
    image('COVERAGE', coadd.coverage, [...wcs]),
    ...(coadd.psf ? [image('PSF', coadd.psf.data, [], [coadd.psf.height, coadd.psf.width])] : []),
  ];
}

function makeHeader(
  { coadd, reference, exposures }: MadeCoadd,
  sky: number,
  readNoiseE: number,
  saturation: number | undefined,
): Header {
  const { version } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string };
  const history = (text: string): Card => ({ keyword: 'HISTORY', value: undefined, comment: text });
  const times = exposures.flatMap(({ exposureS }) => (exposureS === undefined ? [] : [exposureS]));
  const total = times.reduce((sum, value) => sum + value, 0);
  const middles = exposures.flatMap(({ midpointMjdTai }, k) =>
    midpointMjdTai === undefined ? [] : [coadd.weights[k]! * midpointMjdTai],
  );
  const isDated = middles.length === exposures.length;
  const number = (keyword: string, value: number | undefined, comment: string): Header =>
    value === undefined ? [] : [{ keyword, value, comment }];
  return [
    ...reference.header.filter(({ keyword }) => OBSERVED.has(keyword)),
    { keyword: 'BUNIT', value: 'adu', comment: 'one electron of the reference exposure' },
    { keyword: 'NCOMBINE', value: exposures.length, comment: 'exposures combined' },
    { keyword: 'COMBMETH', value: coadd.method, comment: 'how they were combined' },
    { keyword: 'GAIN', value: coadd.gain, comment: '[e-/adu] electrons counted for one unit' },
    { keyword: 'RDNOISE', value: readNoiseE, comment: '[e-] all noise that is not of the sky level' },
    ...number('SATURATE', saturation, '[adu]'),
    { keyword: 'SKYLEVEL', value: sky, comment: '[adu] constant that was put back' },
    { keyword: 'SKYNOISE', value: coadd.skyNoiseE, comment: '[adu] noise of empty sky on large scales' },
    { keyword: 'NOISECOR', value: coadd.noiseCorrelationFactor, comment: 'noise of one pixel over SKYNOISE' },
    ...(isDated ? [{ keyword: 'TIMESYS', value: 'TAI' }] : []),
    ...number(
      'MJD-AVG',
      isDated ? middles.reduce((a, b) => a + b, 0) : undefined,
      'weighted mean of the middles',
    ),
    ...number('TOTEXP', times.length === exposures.length ? total : undefined, '[s] sum of exposure times'),
    history(`AstrID ${version}: ${coadd.method} coadd of ${exposures.length} exposures`),
    ...exposures.flatMap(({ path, fluxScale, skyNoiseE, fwhmPx, rmsPx }, k) => [
      history(`${k + 1}: ${path}`),
      history(
        `   flux scale ${fluxScale.toFixed(5)}, sky noise ${skyNoiseE.toFixed(2)} e-, FWHM ${fwhmPx.toFixed(2)} px`,
      ),
      history(
        `   registered to ${rmsPx.toFixed(3)} px, weight ${coadd.weights[k]!.toFixed(4)}, ${coadd.clipped[k]} px clipped`,
      ),
    ]),
  ];
}
