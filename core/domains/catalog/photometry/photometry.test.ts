import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import type { ReferenceStars } from '../model.ts';
import { chooseBand } from './choose-band.ts';
import { fitZeropoint, type PhotometricStar } from './fit-zeropoint.ts';
import { magnitudeOf } from './measure-zeropoint.ts';

const FACTS = {
  name: 'a field',
  catalog: 'panstarrs',
  band: 'r',
  colourName: 'g - r',
  widthPx: 1000,
  heightPx: 1000,
};

interface Truth {
  readonly zeropoint?: number;
  readonly colourTerm?: number;
  readonly slope?: number;
  readonly bowl?: number;
  readonly intrinsic?: number;
  readonly outliers?: number;
}

function drawStars(count: number, seed: number, truth: Truth = {}): PhotometricStar[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const [xPx, yPx] = [999 * random.uniform(), 999 * random.uniform()];
    const [U, V] = [(2 * xPx) / 999 - 1, (2 * yPx) / 999 - 1];
    const colour = 0.7 + 0.35 * random.normal();
    const errorMag = 0.004 + 0.04 * random.uniform() ** 2;
    const off = random.uniform() < (truth.outliers ?? 0) ? 0.2 + 0.8 * random.uniform() : 0;
    return {
      xPx,
      yPx,
      colour,
      errorMag,
      offsetMag:
        (truth.zeropoint ?? 25) +
        (truth.colourTerm ?? 0) * (colour - 0.7) +
        (truth.slope ?? 0) * U +
        (truth.bowl ?? 0) * (U * U + V * V) +
        Math.hypot(errorMag, truth.intrinsic ?? 0) * random.normal() +
        off,
    };
  });
}

describe('a zeropoint', () => {
  test('is right within its error, over many fields with colour, intrinsic scatter and a tenth of outliers', () => {
    const pulls: number[] = [];
    const colourPulls: number[] = [];
    for (let seed = 1; seed <= 300; seed++) {
      const { zeropointMag, zeropointMagErr, colourTerm, colourTermErr, colourMid, spatialOrder } =
        fitZeropoint(
          drawStars(80, seed, { zeropoint: 25.3, colourTerm: 0.06, intrinsic: 0.015, outliers: 0.1 }),
          FACTS,
        );
      if (spatialOrder > 0) continue;
      pulls.push((zeropointMag - 25.3 - 0.06 * (colourMid! - 0.7)) / zeropointMagErr);
      colourPulls.push((colourTerm - 0.06) / colourTermErr);
    }
    const spread = (values: number[]): number =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    // 300 fields tell the spread to 4 %; one-sided outliers within three sigma of the stars add a little.
    expect(spread(pulls)).toBeGreaterThan(0.9);
    expect(spread(pulls)).toBeLessThan(1.1);
    expect(spread(colourPulls)).toBeGreaterThan(0.88);
    expect(spread(colourPulls)).toBeLessThan(1.12);
    expect(pulls.length).toBeGreaterThan(250);
  });

  test('stays put when a fifth of the stars are off to one side', () => {
    const fit = fitZeropoint(drawStars(200, 7, { zeropoint: 24, outliers: 0.2, intrinsic: 0.01 }), FACTS);
    expect(Math.abs(fit.zeropointMag - 24)).toBeLessThan(0.008);
    expect(fit.scatterMag).toBeLessThan(0.03);
    expect(fit.rejected).toBeGreaterThan(25);
  });

  test('has a colour term where colours differ, and orders of place only when the stars prove them', () => {
    const plain = fitZeropoint(drawStars(150, 3), FACTS);
    expect([plain.spatialOrder, plain.spatial]).toEqual([0, []]);
    expect(Math.abs(plain.colourTerm)).toBeLessThan(3 * plain.colourTermErr);
    const grey = drawStars(150, 3).map((star) => ({ ...star, colour: 0.7 }));
    expect(fitZeropoint(grey, FACTS).colourTerm).toBe(0);
    const sloped = fitZeropoint(drawStars(150, 4, { slope: 0.05, colourTerm: 0.08 }), FACTS);
    expect(sloped.spatialOrder).toBe(1);
    expect(sloped.spatial[0]).toBeCloseTo(0.05, 2);
    expect(sloped.colourTerm).toBeCloseTo(0.08, 1);
    const bowl = fitZeropoint(drawStars(300, 5, { bowl: 0.06 }), FACTS);
    expect(bowl.spatialOrder).toBe(2);
  });

  test('measures the scatter that errors do not explain', () => {
    const fit = fitZeropoint(drawStars(400, 6, { intrinsic: 0.03 }), FACTS);
    expect(fit.intrinsicScatterMag).toBeGreaterThan(0.025);
    expect(fit.intrinsicScatterMag).toBeLessThan(0.035);
  });

  test('of too few stars, or stars that do not agree, is a typed refusal', () => {
    expect(() => fitZeropoint(drawStars(4, 1), FACTS)).toThrow(
      expect.objectContaining({ code: 'catalog/too-few-photometric-stars' }),
    );
  });

  test('gives a magnitude at its place for what brightened and what faded, and none for no flux', () => {
    const zeropoint = fitZeropoint(drawStars(150, 4, { slope: 0.05 }), FACTS);
    const mag = magnitudeOf(zeropoint, 6000, 60, 999, 500)!;
    expect(mag).toBeCloseTo(25 + 0.05 - 5, 2);
    expect(magnitudeOf(zeropoint, -6000, 60, 999, 500)).toBe(mag);
    expect(magnitudeOf(zeropoint, 0, 60, 1, 1)).toBeUndefined();
    expect(magnitudeOf(zeropoint, Number.NaN, 60, 1, 1)).toBeUndefined();
  });
});

describe("a catalogue's magnitudes", () => {
  const star = (bands: Readonly<Record<string, number>>): ReferenceStars => ({
    count: 1,
    epochYr: 2016,
    raDeg: Float64Array.of(0),
    decDeg: Float64Array.of(0),
    pmRaMasYr: Float32Array.of(0),
    pmDecMasYr: Float32Array.of(0),
    bands: Object.entries(bands).map(([band, mag]) => ({
      band,
      mag: Float32Array.of(mag),
      magErr: Float32Array.of(0.01),
    })),
    isVariable: Uint8Array.of(0),
    ids: ['1'],
  });

  test("of Gaia give the Sun's in Sloan's and Johnson's bands", () => {
    // Willmer 2018, ApJS 236, 47: absolute magnitudes of the Sun; Gaia's Vega, others AB.
    const sun = star({ G: 4.66, BP: 4.99, RP: 4.17 });
    const expected = { g: 5.11, r: 4.65, i: 4.53, V: 4.83, R: 4.66, I: 4.54 };
    for (const [band, mag] of Object.entries(expected)) {
      const found = chooseBand(sun, 'gaia', band)!;
      expect(Math.abs(found.mag[0]! - mag), band).toBeLessThan(0.06);
      expect(found.colourName).toBe('BP - RP');
    }
  });

  test('are the own band of a catalogue that has it, with a colour of its neighbours', () => {
    const found = chooseBand(star({ g: 15.5, r: 15, i: 14.8 }), 'panstarrs', 'r')!;
    expect([found.band, found.mag[0], found.colourName, found.transformScatter]).toEqual([
      'r',
      15,
      'g - r',
      0,
    ]);
    expect(found.colour![0]).toBeCloseTo(0.5, 5);
    expect(chooseBand(star({ g: 15.5, r: 15 }), 'panstarrs', 'K')).toBeUndefined();
    expect(chooseBand(star({ G: 15, BP: 15.4, RP: 14.5 }), 'gaia', 'clear')!.band).toBe('G');
  });
});
