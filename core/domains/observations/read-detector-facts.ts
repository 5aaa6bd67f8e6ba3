import type { Plane } from '../../kernels/index.ts';
import type { NoiseEstimate } from './estimate-noise.ts';
import { estimateSaturation } from './estimate-saturation.ts';
import { headerCard, headerNumber, headerString } from './header.ts';
import type { InstrumentProfile } from './instrument-profiles.ts';
import type { Header } from './model.ts';

const EXPOSURE_KEYWORDS = [
  'EXPTIME',
  'EXPOSURE',
  'EXP_TIME',
  'EXPOTIME',
  'TEXPTIME',
  'ITIME',
  'ELAPTIME',
  'PEXP',
  'XPOSURE',
];
const GAIN_KEYWORDS = ['EGAIN', 'GAINEFF', 'CCDGAIN', 'ESO DET OUT1 CONAD', 'GAIN', 'ARAWGAIN', 'CCDSENS'];
const READ_NOISE_KEYWORDS = [
  'RDNOISE',
  'READNOIS',
  'ENOISE',
  'RON',
  'ESO DET OUT1 RON',
  'READNOIZ',
  'RONOISE',
  'READ_NOI',
];
const SATURATION_KEYWORDS = [
  'SATURATE',
  'SATLEVEL',
  'SATURAT',
  'ESATUR',
  'MAXLIN',
  'DATAMAX',
  'CCDSATUR',
  'SATVAL',
];
const AMPLIFIERS = ['A', 'B', 'C', 'D', '1', '2', '3', '4', '01', '02', '03', '04'];

/** Electrons that sky and read noise together scatter a pixel by, where nothing is known of the detector. */
const TYPICAL_RMS_E = 20;
const DEFAULT_READ_NOISE_E = 5;

/** Read the exposure time, s; `undefined` when the header has none above zero. */
export function readExposureTime(header: Header, notes: string[]): number | undefined {
  for (const keyword of EXPOSURE_KEYWORDS) {
    const value = headerNumber(header, keyword);
    if (value === undefined) continue;
    if (value > 0 && value < 1e7) return value;
    notes.push(`${keyword} = ${value} is no exposure time and was ignored.`);
  }
  return undefined;
}

/** Read the read noise, e-; the largest of several amplifiers. `isCounter` tells that pixels look like counted photons. */
export function readReadNoise(
  header: Header,
  profile: InstrumentProfile | undefined,
  isCounter: boolean,
  notes: string[],
): number {
  const found = firstInRange(header, READ_NOISE_KEYWORDS, 0, 200, 'read noise', notes);
  if (found !== undefined) return found;
  const amplifiers = readAmplifiers(header, ['RDNOISE', 'RDNOIS', 'RON'], 0, 200);
  if (amplifiers.length > 0) return Math.max(...amplifiers);
  if (profile?.readNoiseE !== undefined) {
    notes.push(`Read noise ${profile.readNoiseE} e- is that of ${profile.name}: the header has none.`);
    return profile.readNoiseE;
  }
  if (isCounter) {
    notes.push('Read noise was taken as 0: the header has none, and pixels scatter as counted photons do.');
    return 0;
  }
  notes.push(`Read noise was assumed to be ${DEFAULT_READ_NOISE_E} e-: the header has none.`);
  return DEFAULT_READ_NOISE_E;
}

/** Read the gain, e-/ADU, or infer it from how sky level and noise go together; that of a counter is 1. */
export function readGain(
  header: Header,
  profile: InstrumentProfile | undefined,
  isCounter: boolean,
  noise: NoiseEstimate | undefined,
  readNoiseE: number,
  exposureS: number | undefined,
  notes: string[],
): number {
  const unit = (headerString(header, 'BUNIT') ?? '').toLowerCase().replace(/[\s*^]/g, '');
  const isElectrons = /^(e-|e|electrons?)($|\/|s-1|sec|persec)/.test(unit);
  const isRate = /(\/s|s-1|\/sec|persec)/.test(unit);
  const perSecond = isRate ? (exposureS ?? 1) : 1;
  if (isRate)
    notes.push(
      `Pixels are rates (BUNIT ${headerString(header, 'BUNIT')}): the gain was multiplied by the exposure time.`,
    );
  if (isElectrons) return perSecond;
  const transfer = noise === undefined ? undefined : inferGain(noise, readNoiseE);
  const listed = readListedGain(header, notes);
  if (listed !== undefined) {
    // Cameras that store their gain setting (0..600) under GAIN contradict their own noise.
    if (listed > 20 && transfer !== undefined && transfer.isFromSky && listed > 5 * transfer.gain) {
      notes.push(
        `GAIN = ${listed} does not fit the noise (${transfer.gain.toPrecision(3)} e-/ADU would): it was taken for a camera setting.`,
      );
      return transfer.gain;
    }
    return listed * perSecond;
  }
  if (profile?.gainEPerAdu !== undefined) {
    notes.push(`Gain ${profile.gainEPerAdu} e-/ADU is that of ${profile.name}: the header has none.`);
    return profile.gainEPerAdu * perSecond;
  }
  if (isCounter) {
    notes.push('Gain was taken as 1: the header has none, and pixels scatter as counted photons do.');
    return 1;
  }
  if (transfer === undefined) {
    notes.push('Gain was assumed to be 1 e-/ADU: neither the header nor the pixels tell.');
    return 1;
  }
  notes.push(
    transfer.isFromSky
      ? `Gain ${transfer.gain.toPrecision(3)} e-/ADU was inferred from the sky's level and noise: the header has none.`
      : `Gain is unknown and the sky was already subtracted: ${transfer.gain.toPrecision(3)} e-/ADU makes the noise ${TYPICAL_RMS_E} e-; the noise itself is measured.`,
  );
  return transfer.gain;
}

/** Read the level at which pixels saturate, ADU, from header, profile or the pixels' own pile-up. */
export function readSaturation(
  header: Header,
  profile: InstrumentProfile | undefined,
  pixels: Plane | undefined,
  noise: NoiseEstimate | undefined,
  notes: string[],
): number | undefined {
  const sky = noise?.sky;
  const least = noise === undefined ? 0 : noise.sky + 10 * noise.rms;
  const piled = pixels === undefined || sky === undefined ? undefined : estimateSaturation(pixels, sky);
  let listed: number | undefined;
  for (const keyword of SATURATION_KEYWORDS) {
    const value = headerNumber(header, keyword);
    if (value === undefined) continue;
    if (value > least) {
      listed = value;
      break;
    }
    notes.push(`${keyword} = ${value} is not above the sky and was ignored.`);
  }
  listed ??= smallest(readAmplifiers(header, ['SATURAT', 'SATURATE'], least, Number.POSITIVE_INFINITY));
  if (listed !== undefined && (piled === undefined || listed <= piled)) return listed;
  if (piled !== undefined) {
    notes.push(`Saturation at ${Math.round(piled)} ADU was found from the pixels that pile up there.`);
    return piled;
  }
  const known = profile?.saturationAdu;
  return known !== undefined && known > least ? known : undefined;
}

function readListedGain(header: Header, notes: string[]): number | undefined {
  for (const keyword of GAIN_KEYWORDS) {
    const value = headerNumber(header, keyword);
    if (value === undefined) continue;
    if (!(value > 0) || value > 10_000) {
      notes.push(`${keyword} = ${value} is no gain and was ignored.`);
      continue;
    }
    const comment = headerCard(header, keyword)?.comment ?? '';
    return /(adu|dn|counts?)\s*(\/|per)\s*(e\b|e-|elec)/i.test(comment) ? 1 / value : value;
  }
  const amplifiers = readAmplifiers(header, ['GAIN'], 1e-6, 10_000);
  if (amplifiers.length === 0) return undefined;
  return amplifiers.reduce((sum, value) => sum + value, 0) / amplifiers.length;
}

/**
 * Solve rms^2 = sky / gain + (readNoise / gain)^2 for the gain; where the sky was subtracted, only the order of
 * magnitude can be had.
 */
function inferGain(noise: NoiseEstimate, readNoiseE: number): { gain: number; isFromSky: boolean } {
  const { sky, rms } = noise;
  const gain = (sky + Math.sqrt(sky * sky + 4 * rms * rms * readNoiseE * readNoiseE)) / (2 * rms * rms);
  if (sky > 3 * rms && gain > 0.02 && gain < 500) return { gain, isFromSky: true };
  return { gain: TYPICAL_RMS_E / rms, isFromSky: false };
}

function firstInRange(
  header: Header,
  keywords: readonly string[],
  above: number,
  below: number,
  what: string,
  notes: string[],
): number | undefined {
  for (const keyword of keywords) {
    const value = headerNumber(header, keyword);
    if (value === undefined) continue;
    if (value > above && value < below) return value;
    notes.push(`${keyword} = ${value} is no ${what} and was ignored.`);
  }
  return undefined;
}

function readAmplifiers(header: Header, stems: readonly string[], above: number, below: number): number[] {
  const values: number[] = [];
  for (const stem of stems) {
    for (const amplifier of AMPLIFIERS) {
      const value = headerNumber(header, stem + amplifier);
      if (value !== undefined && value > above && value < below) values.push(value);
    }
    if (values.length > 0) break;
  }
  return values;
}

function smallest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}
