import { describe, expect, test } from 'vitest';
import { makePlane, type Plane } from '../../kernels/index.ts';
import { createRandom, type Random } from '../../utils/random.ts';
import type { Exposure, Header } from '../observations/index.ts';
import { MaskBit, makeTanWcs, writeWcsCards } from '../observations/index.ts';
import { calibrateExposure, DEFAULT_CALIBRATION } from './calibrate-exposure.ts';

function noise(width: number, height: number, level: number, rms: number): Plane {
  const random = createRandom(2);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = level + rms * random.normal();
  return plane;
}

function expose(pixels: Plane, facts: Partial<Exposure['facts']> = {}, header: Header = []): Exposure {
  return {
    name: 'night.fits',
    pixels,
    header,
    facts: { gainEPerAdu: 2, readNoiseE: 5, notes: [], ...facts },
  };
}

const cards = (values: Readonly<Record<string, string | number>>): Header =>
  Object.entries(values).map(([keyword, value]) => ({ keyword, value }));

const mean = (data: Float32Array): number => data.reduce((sum, value) => sum + value, 0) / data.length;

describe('calibration', () => {
  test('counts become electrons', () => {
    const { image } = calibrateExposure(expose(noise(64, 64, 100, 1)));
    expect(mean(image.data)).toBeCloseTo(200, 0);
  });

  test('overscan is subtracted and trimmed where the frame still has it, and header and WCS follow', () => {
    const pixels = noise(80, 70, 1300, 3);
    for (let y = 0; y < 70; y++) for (let x = 0; x < 14; x++) pixels.data[y * 80 + x] = 300;
    const header = cards({
      BIASSEC: '[3:12,1:70]',
      TRIMSEC: '[17:80,1:70]',
      CRPIX1: 40,
      CRPIX2: '35.0',
      CRPIX1A: 20,
    });
    const wcs = makeTanWcs({ raDeg: 10, decDeg: 20, xPx: 39, yPx: 34, pixelScaleArcsec: 1 });
    const result = calibrateExposure({ ...expose(pixels, {}, header), wcs });
    expect([result.image.width, result.image.height]).toEqual([64, 70]);
    expect(mean(result.image.data) / 2).toBeCloseTo(1000, 0);
    expect(result.wcs!.xRefPx).toBe(wcs.xRefPx - 16);
    const kept = Object.fromEntries(result.header.map(({ keyword, value }) => [keyword, value]));
    // Alternate systems and numbers that were written as text move too; LTV and LTM lead back to the raw frame.
    expect(kept).toEqual({ CRPIX1: 24, CRPIX2: 35, CRPIX1A: 4, LTV1: -16, LTV2: 0, LTM1_1: 1, LTM2_2: 1 });
    expect(writeWcsCards(result.wcs!)).toEqual(
      writeWcsCards(makeTanWcs({ raDeg: 10, decDeg: 20, xPx: 39 - 16, yPx: 34, pixelScaleArcsec: 1 })),
    );
    expect(result.notes[0]).toContain('overscan of 300.0 ADU');
  });

  test('sections that a trimmed frame kept from its raw self are left alone', () => {
    const header = cards({ BIASSEC: '[4:13,1:520]', TRIMSEC: '[17:528,1:520]' });
    const result = calibrateExposure(expose(noise(512, 512, 500, 3), {}, header));
    expect([result.image.width, result.image.height]).toEqual([512, 512]);
    expect(mean(result.image.data)).toBeCloseTo(1000, 0);
    expect(result.header).toBe(header);
  });

  test('bias, scaled dark and flat are applied, and dead pixels of the flat are bad', () => {
    const pixels = makePlane(64, 64);
    const bias = makePlane(64, 64);
    const dark = makePlane(64, 64);
    const flat = makePlane(64, 64);
    for (let i = 0; i < 4096; i++) {
      bias.data[i] = 300 + (i % 5);
      dark.data[i] = 10 + (i % 3);
      flat.data[i] = 20_000 * (1 + 0.1 * Math.sin(i / 200));
      // The sky varies too, lest the frame be called constant.
      pixels.data[i] = 300 + (i % 5) + 3 * (10 + (i % 3)) + ((1000 + (i % 7)) * flat.data[i]!) / 20_000;
    }
    flat.data[100] = 50;
    const result = calibrateExposure(expose(pixels, { exposureS: 300, gainEPerAdu: 1 }), {
      bias,
      dark,
      darkExposureS: 100,
      flat,
    });
    const median = 1 + mean(flat.data) / 20_000 - 1;
    expect(result.image.data[2000]! / (1000 + (2000 % 7)) / median).toBeCloseTo(1, 1);
    expect(result.image.data[2007]! / result.image.data[2000]!).toBeCloseTo(1, 3);
    expect(result.mask.data[100]! & MaskBit.BAD).not.toBe(0);
    expect(result.mask.data[101]! & MaskBit.BAD).toBe(0);
  });

  test('the structure of a raw bias is subtracted once, beside the overscan', () => {
    const header = cards({ BIASSEC: '[1:16,1:64]', TRIMSEC: '[17:80,1:64]' });
    const raw = noise(80, 64, 1000, 1);
    const bias = makePlane(80, 64);
    for (let i = 0; i < bias.data.length; i++) {
      const [x, y] = [i % 80, Math.floor(i / 80)];
      const structure = x < 16 ? 0 : y / 4;
      bias.data[i] = 300 + structure;
      raw.data[i] = (x < 16 ? 310 : 310 + structure + 1000) + 0.01 * (raw.data[i]! - 1000);
    }
    const trimmed = makePlane(64, 64);
    for (let i = 0; i < trimmed.data.length; i++) trimmed.data[i] = Math.floor(i / 64) / 4;
    for (const frame of [bias, trimmed]) {
      const { image } = calibrateExposure(expose(raw, { gainEPerAdu: 1 }, header), { bias: frame });
      expect(Math.max(...image.data.map((value) => Math.abs(value - 1000)))).toBeLessThan(0.2);
    }
  });

  test('saturated pixels are marked and grown, blank ones have no data', () => {
    const pixels = noise(64, 64, 1000, 5);
    pixels.data[32 * 64 + 32] = 60_000;
    pixels.data[10 * 64 + 10] = Number.NaN;
    const { mask, image } = calibrateExposure(
      expose(pixels, { saturationAdu: 50_000 }),
      {},
      DEFAULT_CALIBRATION,
    );
    expect(mask.data[32 * 64 + 34]).toBe(MaskBit.SAT);
    expect(mask.data[32 * 64 + 35]).toBe(0);
    expect(mask.data[10 * 64 + 10]).toBe(MaskBit.NO_DATA);
    expect(image.data.every(Number.isFinite)).toBe(true);
  });

  test('a patch of zeros beyond the edge of a mosaic is no data, single zeros are pixels', () => {
    const pixels = noise(128, 128, 3000, 20);
    for (let y = 0; y < 128; y++) for (let x = 0; x < 30; x++) pixels.data[y * 128 + x] = 0;
    pixels.data[64 * 128 + 90] = 0;
    const { mask, notes } = calibrateExposure(expose(pixels));
    expect(mask.data[64 * 128 + 5]).toBe(MaskBit.NO_DATA);
    expect(mask.data[64 * 128 + 29]).toBe(MaskBit.NO_DATA);
    expect(mask.data[64 * 128 + 30]).toBe(0);
    expect(mask.data[64 * 128 + 90]! & MaskBit.NO_DATA).toBe(0);
    expect(notes.join(' ')).toContain('filling value');
  });

  test('zeros are no data also where the sky was subtracted', () => {
    const pixels = noise(128, 128, 0, 20);
    for (let y = 100; y < 128; y++) for (let x = 0; x < 128; x++) pixels.data[y * 128 + x] = 0;
    const { mask } = calibrateExposure(expose(pixels));
    expect(mask.data[110 * 128 + 64]).toBe(MaskBit.NO_DATA);
    expect(mask.data[90 * 128 + 64]).toBe(0);
  });

  test.each([false, true])(
    'zeros of whole numbers are counts whatever the gain, overwritten: %s',
    (mayOverwrite) => {
      const random = createRandom(3);
      const pixels = makePlane(128, 128);
      for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = random.poisson(0.15);
      const { mask, image } = calibrateExposure(
        expose(pixels, { gainEPerAdu: 1.5 }),
        {},
        DEFAULT_CALIBRATION,
        mayOverwrite,
      );
      expect(Math.max(...image.data)).toBeGreaterThan(1);
      expect(mask.data.filter((bits) => bits !== 0)).toHaveLength(0);
    },
  );

  test.each([
    ['fractions', (value: number) => value, 3],
    ['whole numbers', Math.round, 6],
  ])('patches of %s that were filled in at the level of the sky are no data', (_, write, side) => {
    const pixels = noise(256, 256, 300, 3);
    pixels.data.set(pixels.data.map(write));
    const fill = (x0: number, y0: number, columns: number, rows: number, value: number): void => {
      for (let y = y0; y < y0 + rows; y++) pixels.data.fill(value, y * 256 + x0, y * 256 + x0 + columns);
    };
    fill(0, 220, 256, 36, 300);
    fill(101, 51, side, side, 302);
    // The flat top of a star is for saturation to judge.
    fill(40, 120, 9, 9, 4000);
    const { mask } = calibrateExposure(expose(pixels, { gainEPerAdu: 1.7 }));
    const isMarked = (x: number, y: number): boolean => (mask.data[y * 256 + x]! & MaskBit.NO_DATA) !== 0;
    for (const [x, y] of [
      [0, 220],
      [255, 255],
      [101, 51],
      [100 + side, 50 + side],
    ] as const) {
      expect(isMarked(x, y)).toBe(true);
    }
    expect(isMarked(44, 124)).toBe(false);
    // Beside them only what holds the same value by chance, an eighth of whole numbers.
    const marked = mask.data.filter((bits) => (bits & MaskBit.NO_DATA) !== 0).length;
    expect(marked).toBeGreaterThanOrEqual(36 * 256 + side * side);
    expect(marked).toBeLessThan(36 * 256 + side * side + 0.2 * (256 + 4 * side));
  });

  test.each([
    ['noise of one', (random: Random) => Math.round(random.normal())],
    ['noise of two', (random: Random) => Math.round(2 * random.normal())],
    ['noise of ten', (random: Random) => Math.round(10 * random.normal())],
    ['one photon and a half', (random: Random) => random.poisson(1.5)],
    ['a tenth of a photon, as rates', (random: Random) => random.poisson(0.1) / 30],
  ])('whole numbers that are equal by chance are data: %s', (_, draw) => {
    const random = createRandom(5);
    const pixels = makePlane(512, 512);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = draw(random);
    const { mask } = calibrateExposure(expose(pixels, { gainEPerAdu: 1.7 }));
    expect(mask.data.filter((bits) => bits !== 0)).toHaveLength(0);
  });

  test('rows that saw no light at the border are edge', () => {
    const pixels = noise(128, 128, 300, 7);
    for (let y = 120; y < 128; y++) for (let x = 0; x < 128; x++) pixels.data[y * 128 + x]! -= 85;
    const { mask, notes } = calibrateExposure(expose(pixels));
    expect(mask.data[125 * 128 + 60]).toBe(MaskBit.EDGE);
    expect(mask.data[119 * 128 + 60]).toBe(0);
    expect(mask.data[3]).toBe(0);
    expect(notes.join(' ')).toContain('8 rows and columns');
  });
});

describe('exposures that cannot be calibrated are refused by name', () => {
  const refusal = (code: string) =>
    expect.objectContaining({ code, message: expect.stringContaining('night.fits') });
  const filled = (value: number): Plane => {
    const plane = makePlane(64, 64);
    plane.data.fill(value);
    return plane;
  };

  test('too small', () => {
    expect(() => calibrateExposure(expose(noise(31, 64, 1, 1)))).toThrow(refusal('preprocessing/too-small'));
  });

  test('nothing but NaN', () => {
    expect(() => calibrateExposure(expose(filled(Number.NaN)))).toThrow(refusal('preprocessing/all-nan'));
  });

  test('one value everywhere, with or without NaN', () => {
    expect(() => calibrateExposure(expose(filled(7)))).toThrow(refusal('preprocessing/constant-image'));
    const holed = filled(7);
    holed.data[5] = Number.NaN;
    expect(() => calibrateExposure(expose(holed))).toThrow(refusal('preprocessing/constant-image'));
  });

  test('a flat of another shape', () => {
    expect(() => calibrateExposure(expose(noise(64, 64, 1, 1)), { flat: noise(32, 64, 1, 1) })).toThrow(
      refusal('preprocessing/calibration-shape-mismatch'),
    );
  });
});
