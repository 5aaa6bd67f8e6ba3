import { describe, expect, it } from 'vitest';
import { makeTanWcs, pixelToSky, sampleSkyLattice } from '../../../core/domains/observations/index.ts';
import { formatMeasured } from './format-measured.ts';
import {
  describeSeparation,
  formatSky,
  frameOfImage,
  gridSkyOf,
  measureSeparation,
  separate,
} from './image-frame.ts';
import { parsePlace } from './parse-place.ts';

const only = (text: string) => {
  const parsed = parsePlace(text);
  if (parsed.kind === 'unread') throw new Error(parsed.why);
  expect(parsed.places, text).toHaveLength(1);
  return parsed.places[0]!;
};

describe('a typed place', () => {
  it.each([
    ['12:34:56.7 -01:23:45', 188.73625, -1.3958333333],
    ['12h34m56.7s -1d23m45s', 188.73625, -1.3958333333],
    ['12h34m56.7s, -1°23′45″', 188.73625, -1.3958333333],
    ['12 34 56.7 -01 23 45', 188.73625, -1.3958333333],
    ['12:34:56.7, +01:23', 188.73625, 1.3833333333],
    ['188.73625 -1.3958333333', 188.73625, -1.3958333333],
    ['188.73625d -1.3958333333d', 188.73625, -1.3958333333],
    ['188.73625deg, -1.3958333333 deg', 188.73625, -1.3958333333],
    ['ra=188.73625 dec=-1.3958333333', 188.73625, -1.3958333333],
    ['icrs 188.73625,-1.3958333333', 188.73625, -1.3958333333],
    ['00:00:00 -00:30:00', 0, -0.5],
    ['12:34:56.7 −01:23:45', 188.73625, -1.3958333333],
    // astropy 5.2.1: M31's centre.
    ['gal 121.17424181 -21.57288557', 10.68458, 41.26917],
    ['l=121.17424181 b=-21.57288557', 10.68458, 41.26917],
    ['galactic 121:10:27.27 -21:34:22.39', 10.68458, 41.26917],
  ])('%s is (%f, %f)', (text, raDeg, decDeg) => {
    const place = only(text);
    expect(place.kind).toBe('sky');
    if (place.kind !== 'sky') return;
    expect(place.raDeg).toBeCloseTo(raDeg, 4);
    expect(place.decDeg).toBeCloseTo(decDeg, 4);
  });

  it.each([
    ['x 512 y 377.5', 512, 377.5],
    ['x=512, y=377.5', 512, 377.5],
    ['512, 377.5 px', 512, 377.5],
    ['pixel 512 377.5', 512, 377.5],
    ['1512 377.5', 1512, 377.5],
    ['200 377.5', 200, 377.5],
  ])('%s is a pixel', (text, x, y) => {
    expect(only(text)).toMatchObject({ kind: 'pixel', x, y });
  });

  it('with colons beyond 24 hours is asked about, not guessed', () => {
    const parsed = parsePlace('188:44:10 -01:23:45');
    if (parsed.kind === 'unread') throw new Error(parsed.why);
    expect(parsed.places.map((place) => (place.kind === 'sky' ? Math.round(place.raDeg) : 0))).toEqual([
      189, 311,
    ]);
    const mixed = parsePlace('12.5 -01:23:45');
    expect(mixed.kind === 'places' && mixed.places).toHaveLength(2);
  });

  it.each([
    '',
    'M31',
    '12:34:56',
    '188.7 -91',
    '12h -1h',
    '400:00:00 1:00:00',
    '188.7 -1.4 7',
    'gal 12h30m +3',
    '-400 5',
  ])('of “%s” is refused with a reason', (text) => {
    expect(parsePlace(text)).toMatchObject({ kind: 'unread', why: expect.stringMatching(/\w+\.$/) });
  });
});

describe('an image on the sky', () => {
  const wcs = makeTanWcs({
    raDeg: 10.68458,
    decDeg: 41.26917,
    xPx: 511.5,
    yPx: 511.5,
    pixelScaleArcsec: 0.36,
    positionAngleDeg: 20,
  });
  const sky = sampleSkyLattice(wcs, 1024, 1024);
  const frame = frameOfImage({ ...sky, raDeg: [...sky.raDeg], decDeg: [...sky.decDeg] });

  it('has its places written in three ways', () => {
    const place = frame.sky!.toSky(511.5, 511.5)!;
    expect(formatSky(place, 0.36, 'sexagesimal')).toBe('00:42:44.299 +41:16:09.01');
    expect(formatSky(place, 0.36, 'degrees')).toBe('10.68458 +41.26917');
    // astropy passes through FK5 and says 121.17424 -21.57289: 0.02 arcsec.
    expect(formatSky(place, 0.36, 'galactic')).toBe('l 121.17423 b -21.57289');
  });

  it('has distances and position angles', () => {
    const from = { x: 511.5, y: 511.5 };
    const north = measureSeparation(frame, from, frame.sky!.toPixel(10.68458, 41.27917)!);
    expect(north.arcsec).toBeCloseTo(36, 5);
    expect(north.px).toBeCloseTo(100, 4);
    expect(Math.abs(((north.positionAngleDeg! + 180) % 360) - 180)).toBeLessThan(1e-6);
    const east = frame.sky!.toPixel(10.68458 + 0.01 / Math.cos((41.26917 * Math.PI) / 180), 41.26917)!;
    expect(measureSeparation(frame, from, east).positionAngleDeg).toBeCloseTo(90, 2);
    expect(describeSeparation(north)).toMatch(/^36\.00″ {2}100\.00 px {2}PA (0|360)\.0°$/);
    expect(describeSeparation(measureSeparation({}, from, { x: 511.5, y: 521.5 }))).toBe(
      '10.00 px  90.0° from +x',
    );
    // astropy 5.2.1: SkyCoord(10, 20).separation(SkyCoord(11, 21)) and position_angle.
    const far = separate({ raDeg: 10, decDeg: 20 }, { raDeg: 11, decDeg: 21 });
    expect(far.arcsec).toBeCloseTo(4932.552380612183, 6);
    expect(far.positionAngleDeg).toBeCloseTo(42.95311011933658, 8);
  });

  it('knows its pixels again, also those of the original file', () => {
    const { raDeg, decDeg } = pixelToSky(wcs, 100, 900);
    const found = frame.sky!.toPixel(raDeg, decDeg)!;
    expect(Math.hypot(found.x - 100, found.y - 900)).toBeLessThan(0.001);
    expect(frameOfImage(undefined, { scale: [0.5, 0.5], offset: [-10, -20] }).physical).toEqual({
      ltm: [0.5, 0, 0, 0.5],
      ltv: [-10, -20],
    });
    const galactic = gridSkyOf(frame, 'galactic')!;
    const at = galactic.toCoordinates(300, 400)!;
    const back = galactic.toPixel(at.lonDeg, at.latDeg)!;
    expect(Math.hypot(back.x - 300, back.y - 400)).toBeLessThan(1e-5);
    expect(gridSkyOf({}, 'degrees')).toBeUndefined();
  });
});

describe('a value with its error', () => {
  it.each([
    [863.56, 4.876, '863.6 ± 4.9'],
    [-5.8e-11, 279.2, '0 ± 279'],
    [0.01234, 0.00056, '0.01234 ± 0.00056'],
    [12345.6, 98.7, '12346 ± 99'],
    [5, Number.NaN, '5.0000 ± no value'],
  ])('%f ± %f is written %s', (value, error, text) => {
    expect(formatMeasured(value, error)).toBe(text);
  });
});
