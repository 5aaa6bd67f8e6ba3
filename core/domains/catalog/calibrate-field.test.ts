import { describe, expect, test } from 'vitest';
import { listKnownSky, SKY_TRUTH } from '../../../tests/support/list-known-sky.ts';
import {
  type Header,
  makeTanWcs,
  parseWcs,
  pixelToSky,
  readExposureFacts,
  simulateField,
} from '../observations/index.ts';
import { preprocessExposure } from '../preprocessing/index.ts';
import { calibrateField, coneOfField, type FieldToCalibrate } from './calibrate-field.ts';

const sky = simulateField({ sizePx: 640, seed: 5, difficulty: 'survey', transients: 0 });
const stars = listKnownSky(sky);
const truth = parseWcs(sky.science.header)!;
const catalogs = [{ name: 'panstarrs', kind: 'panstarrs' as const, stars }];
const exposure = preprocessExposure({
  name: 'science.fits',
  pixels: sky.science.pixels,
  header: sky.science.header,
  facts: readExposureFacts(sky.science.header, sky.science.pixels),
  wcs: truth,
});
const field: FieldToCalibrate = { ...exposure, widthPx: 640, heightPx: 640 };

function withoutWcs(extra: Header): FieldToCalibrate {
  const header = [
    ...sky.science.header.filter(({ keyword }) => !/^(C(TYPE|RPIX|RVAL|UNIT|D\d)|WCSAXES)/.test(keyword)),
    ...extra,
  ];
  return { ...field, header, facts: { ...field.facts, ...readPlace(header) }, wcs: undefined };
}

function readPlace(header: Header) {
  const { raDeg, decDeg } = readExposureFacts(header);
  return { raDeg, decDeg };
}

describe('an exposure beside a reference catalogue', () => {
  test('keeps a header that its stars bear out, and gets a zeropoint', () => {
    const { wcs, zeropoint, metrics, notes } = calibrateField(field, catalogs);
    expect(wcs).toBe(truth);
    expect(Math.hypot(metrics.headerOffsetXPx!, metrics.headerOffsetYPx!)).toBeLessThan(0.05);
    // Kron apertures lose 2 to 5 % of a Moffat's wings: the zeropoint belongs to the fluxes it was made of.
    expect(zeropoint!.zeropointMag).toBeGreaterThan(SKY_TRUTH.zeropointMag - 0.06);
    expect(zeropoint!.zeropointMag).toBeLessThan(SKY_TRUTH.zeropointMag + 0.01);
    expect(zeropoint!.scatterMag).toBeLessThan(0.04);
    expect(notes).toEqual([]);
  });

  test('without a WCS is solved from its pointing and scale', () => {
    const { raDeg, decDeg } = pixelToSky(truth, 500, 100);
    const bare = withoutWcs([
      { keyword: 'RA', value: raDeg },
      { keyword: 'DEC', value: decDeg },
      { keyword: 'PIXSCALE', value: 0.55 },
    ]);
    expect(coneOfField(bare)!.radiusDeg).toBeGreaterThan(0.1);
    const { wcs, notes, zeropoint } = calibrateField(bare, catalogs);
    const there = pixelToSky(wcs!, 0, 639);
    const truly = pixelToSky(truth, 0, 639);
    expect(Math.abs(there.decDeg - truly.decDeg) * 3600).toBeLessThan(0.02);
    expect(notes.join()).toMatch(/Coordinates were solved: RA .* stars of panstarrs/);
    expect(zeropoint!.scatterMag).toBeLessThan(0.04);
  });

  test('gets new coordinates when its header is off, and the note says by how much', () => {
    const off = { ...field, wcs: { ...truth, xRefPx: truth.xRefPx + 3 } };
    const { wcs, notes, metrics } = calibrateField(off, catalogs);
    expect(metrics.headerOffsetXPx).toBeCloseTo(-3, 1);
    expect(notes[0]).toMatch(/off by -3\.0\d, /);
    expect(pixelToSky(wcs!, 300, 300).raDeg).toBeCloseTo(pixelToSky(truth, 300, 300).raDeg, 5);
  });

  test('loses a header that many stars contradict instead of carrying it on', () => {
    const { raDeg, decDeg } = pixelToSky(truth, 320, 320);
    // Right place, wrong by more than any search: pixels of half the size.
    const wrong = makeTanWcs({ raDeg, decDeg, xPx: 320, yPx: 320, pixelScaleArcsec: 0.2 });
    const { wcs, notes, zeropoint } = calibrateField({ ...field, wcs: wrong }, catalogs);
    expect(wcs).toBeUndefined();
    expect(zeropoint).toBeUndefined();
    expect(notes[0]).toMatch(/not believed/);
  });

  test('keeps a header that a handful of stars put in doubt by no more than their noise', () => {
    const few = {
      ...field,
      sources: field.sources.filter((_, k) => k % 12 === 0),
      wcs: { ...truth, xRefPx: truth.xRefPx + 0.26 },
    };
    const noisy = {
      ...few,
      sources: few.sources.map((source, k) => ({
        ...source,
        xPx: source.xPx + 0.6 * Math.sin(7 * k),
        yPx: source.yPx + 0.6 * Math.cos(5 * k),
      })),
    };
    expect(calibrateField(noisy, catalogs).wcs).toBe(noisy.wcs);
  });

  test('of which nothing says where it lies, or with no catalogue, stays as it is', () => {
    expect(calibrateField(withoutWcs([]), catalogs)).toEqual({ wcs: undefined, metrics: {}, notes: [] });
    expect(coneOfField(withoutWcs([]))).toBeUndefined();
    expect(calibrateField(field, [])).toEqual({ wcs: truth, metrics: {}, notes: [] });
  });

  test('in a band that the catalogue lacks is solved without a zeropoint, and says why', () => {
    const infrared = { ...field, facts: { ...field.facts, band: 'K' } };
    const { wcs, zeropoint, notes } = calibrateField(infrared, catalogs);
    expect([wcs, zeropoint]).toEqual([truth, undefined]);
    expect(notes[0]).toMatch(/no magnitudes near to band K/);
  });
});
