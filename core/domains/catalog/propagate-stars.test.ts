import { describe, expect, test } from 'vitest';
import type { ReferenceStars } from './model.ts';
import { julianYear, propagateStars } from './propagate-stars.ts';

function starAt(raDeg: number, decDeg: number, pmRaMasYr: number, pmDecMasYr: number): ReferenceStars {
  return {
    count: 1,
    epochYr: 2016,
    raDeg: Float64Array.of(raDeg),
    decDeg: Float64Array.of(decDeg),
    pmRaMasYr: Float32Array.of(pmRaMasYr),
    pmDecMasYr: Float32Array.of(pmDecMasYr),
    bands: [],
    isVariable: Uint8Array.of(0),
    ids: ['1'],
  };
}

const separationMas = (a: ReferenceStars, b: ReferenceStars): number => {
  const vector = ({ raDeg, decDeg }: ReferenceStars): number[] => {
    const [ra, dec] = [(raDeg[0]! * Math.PI) / 180, (decDeg[0]! * Math.PI) / 180];
    return [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
  };
  const [u, v] = [vector(a), vector(b)];
  const chord = Math.hypot(...u.map((value, k) => value - v[k]!));
  return (2 * Math.asin(chord / 2) * 180 * 3.6e6) / Math.PI;
};

describe('proper motion', () => {
  test("carries Barnard's star to where astropy's SkyCoord.apply_space_motion has it", () => {
    // astropy 5.2.1, ICRS, 1.828 pc, no radial velocity: 269.448502525, 4.739420075 at J2016.0, pm -801.551, 10362.394 mas/yr, 25 years.
    const moved = propagateStars(starAt(269.448502525, 4.739420075, -801.551, 10_362.394), 2041);
    // It prints eight digits, 0.02 mas.
    expect(Math.abs(moved.raDeg[0]! - 269.44291652) * 3.6e6).toBeLessThan(0.05);
    expect(Math.abs(moved.decDeg[0]! - 4.81138107) * 3.6e6).toBeLessThan(0.05);
  });

  test('crosses the pole instead of running around it', () => {
    const start = starAt(30, 89.9999, 0, 1000);
    const moved = propagateStars(start, 2016 + 1000);
    expect(moved.raDeg[0]).toBeCloseTo(210, 6);
    // Motion along a straight line in space, as astropy 5.2.1 has it.
    expect(separationMas(start, moved)).toBeCloseTo(999_992.1653, 2);
  });

  test('near the pole covers the same arc whatever its direction', () => {
    const start = starAt(0, 89.9999, 1000, 0);
    expect(separationMas(start, propagateStars(start, 2026))).toBeCloseTo(10_000, 1);
  });

  test('that is unknown leaves a star where it is, and right ascension stays within 0 to 360', () => {
    expect(propagateStars(starAt(10, 20, Number.NaN, Number.NaN), 2030).raDeg[0]).toBe(10);
    expect(propagateStars(starAt(0.0000001, 0, -1000, 0), 2026).raDeg[0]).toBeGreaterThan(359.99);
  });

  test('is counted in Julian years', () => {
    expect(julianYear(51_544.5)).toBe(2000);
    expect(julianYear(57_388.5)).toBe(2016);
  });
});
