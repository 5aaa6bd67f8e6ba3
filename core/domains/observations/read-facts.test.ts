import { describe, expect, test } from 'vitest';
import { makePlane, type Plane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import type { Header } from './model.ts';
import { nameBand } from './normalise-band.ts';
import { readCombination } from './read-combination.ts';
import { readExposureFacts } from './read-facts.ts';
import { parseDate, utcToTai } from './read-midpoint.ts';

type Cards = Readonly<Record<string, string | number | boolean>>;

const headerOf = (cards: Cards, comments: Readonly<Record<string, string>> = {}): Header =>
  Object.entries(cards).map(([keyword, value]) => ({ keyword, value, comment: comments[keyword] }));

/** Sky of a detector with this gain: rms^2 = sky / gain + (readNoise / gain)^2, ADU. */
function exposeSky(sky: number, gain: number, readNoise: number): Plane {
  const random = createRandom(5);
  const plane = makePlane(256, 256);
  const rms = Math.sqrt(sky / gain + (readNoise / gain) ** 2);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = sky + rms * random.normal();
  return plane;
}

describe('facts from the header', () => {
  test('a well-kept header is believed and nothing is noted', () => {
    const facts = readExposureFacts(
      headerOf({
        TELESCOP: 'SAAO 1.0m',
        INSTRUME: 'STE3 CCD',
        OBJECT: 'KB13475',
        GAIN: 1.9,
        RDNOISE: 5,
        SATURATE: 62000,
        EXPTIME: 200,
        FILTER: 'I',
        'DATE-OBS': '2013-08-03T19:03:37',
        RA: '18:15:29',
        DEC: '-25:17:06',
      }),
    );
    expect(facts).toMatchObject({
      gainEPerAdu: 1.9,
      readNoiseE: 5,
      saturationAdu: 62000,
      exposureS: 200,
      band: 'I',
      instrument: 'STE3 CCD',
      telescope: 'SAAO 1.0m',
      object: 'KB13475',
      notes: [],
    });
    expect(facts.raDeg).toBeCloseTo(273.870833, 5);
    expect(facts.decDeg).toBeCloseTo(-25.285, 6);
    // 19:03:37 + 100 s, and 35 leap seconds.
    expect(facts.midpointMjdTai).toBeCloseTo(56507 + (19 * 3600 + 3 * 60 + 37 + 100 + 35) / 86400, 9);
  });

  test('what a person says comes before the header', () => {
    const facts = readExposureFacts(headerOf({ GAIN: 2, EXPTIME: 30, FILTER: 'r' }), undefined, {
      gainEPerAdu: 1.1,
      band: 'g',
    });
    expect(facts).toMatchObject({ gainEPerAdu: 1.1, band: 'g', exposureS: 30 });
  });

  test('EGAIN stands before GAIN, amplifiers are averaged, the noisiest and the first to saturate count', () => {
    expect(readExposureFacts(headerOf({ GAIN: 120, EGAIN: 0.31 })).gainEPerAdu).toBe(0.31);
    const facts = readExposureFacts(
      headerOf({ GAINA: 4, GAINB: 4.2, RDNOISEA: 11, RDNOISEB: 12, SATURATA: 46000, SATURATB: 42000 }),
    );
    expect(facts.gainEPerAdu).toBeCloseTo(4.1, 12);
    expect(facts).toMatchObject({ readNoiseE: 12, saturationAdu: 42000 });
  });

  test('a gain whose comment says ADU per electron is turned over', () => {
    const cards = { GAIN: 0.5 };
    expect(readExposureFacts(headerOf(cards, { GAIN: '[ADU/e-] conversion' })).gainEPerAdu).toBe(2);
    expect(readExposureFacts(headerOf(cards, { GAIN: '[e-/ADU] conversion' })).gainEPerAdu).toBe(0.5);
  });

  test('electrons have gain one, rates the exposure time', () => {
    expect(readExposureFacts(headerOf({ BUNIT: 'electrons', GAIN: 2.5 })).gainEPerAdu).toBe(1);
    expect(readExposureFacts(headerOf({ BUNIT: 'ELECTRONS/S', EXPTIME: 300 })).gainEPerAdu).toBe(300);
    expect(readExposureFacts(headerOf({ BUNIT: 'adu/s', GAIN: 2, EXPTIME: 300 })).gainEPerAdu).toBe(600);
  });

  test.each([
    ['a gain of zero', { GAIN: 0 }, 'GAIN'],
    ['a negative gain', { GAIN: -1 }, 'GAIN'],
    ['a negative read noise', { GAIN: 1, RDNOISE: -5 }, 'RDNOISE'],
    ['an exposure of zero seconds', { GAIN: 1, EXPTIME: 0 }, 'EXPTIME'],
  ])('%s is ignored with a note', (_name, cards, keyword) => {
    const facts = readExposureFacts(headerOf(cards));
    expect(facts.gainEPerAdu).toBeGreaterThan(0);
    expect(facts.readNoiseE).toBeGreaterThan(0);
    expect(facts.notes.some((note) => note.startsWith(`${keyword} = `))).toBe(true);
  });

  test('an instrument that is known fills in what its header leaves out', () => {
    const facts = readExposureFacts(headerOf({ TELESCOP: 'CTIO 4.0-m telescope', INSTRUME: 'DECam' }));
    expect(facts.gainEPerAdu).toBe(4);
    expect(facts.notes.join(' ')).toContain('DECam');
  });
});

describe('facts from the pixels', () => {
  test.each([
    [600, 1.9, 5],
    [5000, 0.6, 8],
    [120, 30, 4],
  ])('the gain of a sky of %d ADU at %d e-/ADU is inferred to a tenth', (sky, gain, readNoise) => {
    const facts = readExposureFacts(headerOf({ RDNOISE: readNoise }), exposeSky(sky, gain, readNoise));
    expect(Math.abs(facts.gainEPerAdu / gain - 1)).toBeLessThan(0.1);
    expect(facts.notes.join(' ')).toContain('inferred');
  });

  test('without a sky the noise is put at a plausible number of electrons, in any unit', () => {
    const plane = exposeSky(0.0001, 1, 0.01);
    const facts = readExposureFacts(headerOf({}), plane);
    expect(facts.gainEPerAdu * 0.0141).toBeGreaterThan(10);
    expect(facts.gainEPerAdu * 0.0141).toBeLessThan(40);
    expect(facts.notes.join(' ')).toContain('already subtracted');
  });

  test.each([0.05, 0.15, 0.5, 1.5, 6])(
    'photons that were counted one by one, %d a pixel, have gain 1 and no read noise',
    (sky) => {
      const random = createRandom(8);
      const plane = makePlane(128, 128);
      for (let i = 0; i < plane.data.length; i++) plane.data[i] = random.poisson(sky);
      for (let star = 0; star < 8; star++) {
        const at = 128 * (10 + 14 * star) + 64;
        for (const [x, light] of [20, 90, 200, 90, 20].entries())
          plane.data[at + x]! += random.poisson(light);
      }
      const facts = readExposureFacts(headerOf({}), plane);
      expect(facts).toMatchObject({ gainEPerAdu: 1, readNoiseE: 0 });
      expect(facts.notes.join(' ')).toContain('counted photons');
      // What a person or a header knows comes first; negative, broken or wider scattered numbers are no counts.
      expect(readExposureFacts(headerOf({ GAIN: 1.5, RDNOISE: 4 }), plane)).toMatchObject({
        gainEPerAdu: 1.5,
        readNoiseE: 4,
      });
      for (const change of [
        (value: number) => value - 1,
        (value: number) => value / 3,
        (value: number) => 3 * value,
      ]) {
        const other = makePlane(128, 128);
        other.data.set(plane.data.map(change));
        expect(readExposureFacts(headerOf({}), other).readNoiseE).toBe(5);
      }
    },
  );

  test('a camera setting under GAIN is told from a gain by the noise', () => {
    const facts = readExposureFacts(headerOf({ GAIN: 139, RDNOISE: 2 }), exposeSky(800, 0.5, 2));
    expect(Math.abs(facts.gainEPerAdu / 0.5 - 1)).toBeLessThan(0.1);
    expect(facts.notes.join(' ')).toContain('camera setting');
  });

  test('pixels that pile up below the top of the range are saturated, the cores of stars are not', () => {
    const random = createRandom(3);
    const crowd = exposeSky(1000, 1, 5);
    for (let i = 0; i < 400; i++) crowd.data[random.integer(65536)] = 2000 + 60_000 * random.uniform() ** 2;
    expect(readExposureFacts(headerOf({ GAIN: 1 }), crowd).saturationAdu).toBeUndefined();
    for (let i = 0; i < 60; i++) crowd.data[random.integer(65536)] = 61_990 + 10 * random.uniform();
    const level = readExposureFacts(headerOf({ GAIN: 1 }), crowd).saturationAdu!;
    expect(level).toBeGreaterThan(58_000);
    expect(level).toBeLessThanOrEqual(61_990);
    expect(readExposureFacts(headerOf({ GAIN: 1, SATURATE: 500 }), crowd).saturationAdu).toBe(level);
    expect(readExposureFacts(headerOf({ GAIN: 1, SATURATE: 65535 }), crowd).saturationAdu).toBe(level);
    expect(readExposureFacts(headerOf({ GAIN: 1, SATURATE: 50_000 }), crowd).saturationAdu).toBe(50_000);
  });

  test.each([
    ['nothing but NaN', Number.NaN],
    ['one value', 7],
  ])('an image of %s breaks nothing', (_name, value) => {
    const plane = makePlane(64, 64);
    plane.data.fill(value);
    expect(readExposureFacts(headerOf({}), plane).gainEPerAdu).toBe(1);
  });
});

describe('times', () => {
  test('UTC becomes TAI with the leap seconds of its day', () => {
    expect((utcToTai(41317) - 41317) * 86400).toBeCloseTo(10, 4);
    expect((utcToTai(57753.99) - 57753.99) * 86400).toBeCloseTo(36, 4);
    expect((utcToTai(57754) - 57754) * 86400).toBeCloseTo(37, 4);
  });

  test('dates of every kind that observatories wrote are understood', () => {
    expect(parseDate('2013-08-03')).toEqual({ mjd: 56507, hasTime: false });
    expect(parseDate('2013-08-03T12:00:00.0')).toEqual({ mjd: 56507.5, hasTime: true });
    expect(parseDate('26/10/92')).toEqual({ mjd: 48921, hasTime: false });
    expect(parseDate('26/07/102')).toEqual({ mjd: 52481, hasTime: false });
    expect(parseDate('2013-13-03')).toBeUndefined();
    expect(parseDate('last night')).toBeUndefined();
  });

  test.each([
    ['a date and UT', { 'DATE-OBS': '2013-08-03', UT: '12:00:00' }, 56507.5],
    ['an old date and TIME-OBS', { 'DATE-OBS': '03/08/2013', 'TIME-OBS': '12:00:00.00' }, 56507.5],
    ['MJD-OBS', { 'MJD-OBS': 56507.5 }, 56507.5],
    ['a date without a time, and MJD-OBS', { 'DATE-OBS': '2013-08-03', 'MJD-OBS': 56507.5 }, 56507.5],
    ['MJD-OBS cut to a day, and UT', { 'DATE-OBS': '2013-08-03', UT: '12:00:00', 'MJD-OBS': 56507 }, 56507.5],
    ['JD', { JD: 2456508 }, 56507.5],
  ])('%s gives the start, half the exposure later is the middle', (_name, cards, start) => {
    const { midpointMjdTai } = readExposureFacts(headerOf({ GAIN: 1, EXPTIME: 100, ...cards }));
    expect((midpointMjdTai! - start) * 86400).toBeCloseTo(50 + 35, 2);
  });

  test('a middle that the header states needs no exposure time, and TIMESYS is heeded', () => {
    const tai = readExposureFacts(headerOf({ GAIN: 1, TIMESYS: 'TAI', 'MJD-MID': 56507.5, EXPTIME: 100 }));
    expect(tai.midpointMjdTai).toBe(56507.5);
    const tt = readExposureFacts(headerOf({ GAIN: 1, TIMESYS: 'TT', 'DATE-AVG': '2013-08-03T12:00:00' }));
    expect((tt.midpointMjdTai! - 56507.5) * 86400).toBeCloseTo(-32.184, 3);
  });

  test('a date that contradicts MJD-OBS is noted, zero MJDs are not', () => {
    const at = { GAIN: 1, RDNOISE: 5, 'DATE-OBS': '2013-08-03T12:00:00' };
    expect(readExposureFacts(headerOf({ ...at, 'MJD-OBS': 56507.6 })).notes.join(' ')).toContain(
      'differ by 144.0',
    );
    expect(readExposureFacts(headerOf({ ...at, 'MJD-OBS': 0 })).notes).toEqual([]);
  });
});

describe('bands', () => {
  test.each([
    ['i DECam SDSS c0003 7835.0 1470.0', 'i'],
    ['r.MP9601', 'r'],
    ['SDSS-g', 'g'],
    ["g'", 'g'],
    ['rp', 'r'],
    ['ZTF_r', 'r'],
    ['PS1_y', 'y'],
    ['R', 'R'],
    ['Bessell V', 'V'],
    ['Johnson-B', 'B'],
    ['Rc', 'R'],
    ['Clear', 'clear'],
    ['H-alpha', 'Halpha'],
    ['F814W', 'F814W'],
    ['58', '58'],
  ])('%s is %s', (name, band) => {
    expect(nameBand(name)).toBe(band);
  });

  test('an empty wheel position is passed over for the one that is not', () => {
    const header = headerOf({ GAIN: 1, FILTER1: 'air', FILTER2: 'w', FILTER3: 'air' });
    expect(readExposureFacts(header).band).toBe('w');
    expect(readExposureFacts(headerOf({ GAIN: 1, FILTER1: 'open' })).band).toBe('clear');
    expect(readExposureFacts(headerOf({ GAIN: 1 })).band).toBeUndefined();
  });
});

describe('combination', () => {
  test.each([
    ['NCOMBINE', headerOf({ NCOMBINE: 5 })],
    ['a resampling keyword', headerOf({ RESAMPT1: 'LANCZOS3' })],
    ['history', [{ keyword: 'HISTORY', value: undefined, comment: 'SWarp 2.38 resampled' }]],
  ])('%s tells that an image was combined', (_name, header) => {
    expect(readCombination(header).isCombined).toBe(true);
  });

  test('one integration is not combined', () => {
    expect(readCombination(headerOf({ NCOMBINE: 1, EXPTIME: 30 }))).toEqual({ isCombined: false });
  });
});
