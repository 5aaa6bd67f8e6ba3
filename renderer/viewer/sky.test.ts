import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDec, formatPlace, formatRa } from './format-sky.ts';
import { compassAt, type SkyGrid, skyAt } from './interpolate-sky.ts';

const DEGREE = Math.PI / 180;
const ARCSEC = 1 / 3600;

/** A gnomonic sky about (raDeg, decDeg), rotated, with a cubic radial distortion like that of a wide-field camera. */
function gnomonic(raDeg: number, decDeg: number, scaleArcsec: number, rotationDeg: number, k3 = 0) {
  return (x: number, y: number): { raDeg: number; decDeg: number } => {
    const [dx, dy] = [x - 1000, y - 1000];
    const bent = 1 + k3 * (dx * dx + dy * dy);
    const [c, s] = [Math.cos(rotationDeg * DEGREE), Math.sin(rotationDeg * DEGREE)];
    const scale = scaleArcsec * ARCSEC * DEGREE * bent;
    const xi = -(c * dx - s * dy) * scale;
    const eta = (s * dx + c * dy) * scale;
    const [sinDec, cosDec] = [Math.sin(decDeg * DEGREE), Math.cos(decDeg * DEGREE)];
    const d = cosDec - eta * sinDec;
    const ra = raDeg + Math.atan2(xi, d) / DEGREE;
    return {
      raDeg: ((ra % 360) + 360) % 360,
      decDeg: Math.atan2(sinDec + eta * cosDec, Math.hypot(xi, d)) / DEGREE,
    };
  };
}

function gridOf(sky: ReturnType<typeof gnomonic>, stepPx: number, columns: number, rows: number): SkyGrid {
  const nodes = Array.from({ length: columns * rows }, (_, i) =>
    sky((i % columns) * stepPx, Math.floor(i / columns) * stepPx),
  );
  return {
    stepPx,
    columns,
    rows,
    raDeg: nodes.map((node) => node.raDeg),
    decDeg: nodes.map((node) => node.decDeg),
  };
}

function separationArcsec(
  a: { raDeg: number; decDeg: number },
  b: { raDeg: number; decDeg: number },
): number {
  const dRa = (a.raDeg - b.raDeg - 360 * Math.round((a.raDeg - b.raDeg) / 360)) * Math.cos(a.decDeg * DEGREE);
  return Math.hypot(dRa, a.decDeg - b.decDeg) * 3600;
}

describe('the sky under the cursor', () => {
  it('is exactly the reference position on the centre of the reference pixel', () => {
    const sky = gnomonic(150, 2.2, 0.26, 30);
    const shifted = (x: number, y: number) => sky(x + 1000, y + 1000);
    const place = skyAt(gridOf(shifted, 64, 9, 9), 0, 0)!;
    expect(separationArcsec(place, { raDeg: 150, decDeg: 2.2 })).toBeLessThan(1e-6);
  });

  it.each([
    ['a narrow field', gnomonic(318.1, -66, 0.263, 0), 1e-5],
    ['a field with distortion of 10 px in the corner', gnomonic(10, 45, 0.5, 20, 5e-9), 0.002],
    ['a wide field', gnomonic(270.1, -25, 20, -75, 1e-9), 0.05],
    ['a field on right ascension 0', gnomonic(0.001, 5, 1, 10), 1e-5],
    ['a field on the pole', gnomonic(40, 89.99, 1, 0), 1e-4],
  ])('is right between nodes in %s', (_, sky, toleranceArcsec) => {
    const grid = gridOf(sky, 64, 33, 33);
    const place = fc.integer({ min: 0, max: 2047 });
    fc.assert(
      fc.property(place, place, (x, y) => {
        expect(separationArcsec(skyAt(grid, x, y)!, sky(x, y))).toBeLessThan(toleranceArcsec);
      }),
    );
  });

  it('is nothing outside the image', () => {
    const grid = gridOf(gnomonic(10, 10, 1, 0), 64, 5, 5);
    expect(skyAt(grid, 256.6, 10)).toBeUndefined();
    expect(skyAt(grid, 10, -0.6)).toBeUndefined();
    expect(skyAt(grid, -0.4, 256.4)).toBeDefined();
  });

  it('works with two nodes a side', () => {
    const sky = gnomonic(10, 10, 0.3, 0);
    expect(separationArcsec(skyAt(gridOf(sky, 64, 2, 2), 30, 50)!, sky(30, 50))).toBeLessThan(0.001);
  });

  it('knows north up, east left, and how a rotated field turns them', () => {
    const compass = compassAt(gridOf(gnomonic(10, 10, 1, 0), 64, 33, 33), 1000, 1000)!;
    expect(compass.north[1]).toBeCloseTo(1, 5);
    expect(compass.east[0]).toBeCloseTo(-1, 5);
    const turned = compassAt(gridOf(gnomonic(10, 10, 1, 90), 64, 33, 33), 1000, 1000)!;
    expect(turned.north[0]).toBeCloseTo(1, 5);
    expect(turned.east[1]).toBeCloseTo(1, 5);
  });
});

describe('sexagesimal writing', () => {
  it.each([
    [0, 2, '00:00:00.00'],
    [188.7361667, 2, '12:34:56.68'],
    [359.9999999, 2, '00:00:00.00'],
    [14.99999, 1, '01:00:00.0'],
    [15, 0, '01:00:00'],
    [-15, 0, '23:00:00'],
  ])('writes right ascension %f with %i decimals as %s', (degrees, decimals, expected) => {
    expect(formatRa(degrees, decimals)).toBe(expected);
  });

  it.each([
    [-1.3960000000000001, 1, '-01:23:45.6'],
    [-0.5, 1, '-00:30:00.0'],
    [89.99999999, 2, '+90:00:00.00'],
    [0, 0, '+00:00:00'],
  ])('writes declination %f with %i decimals as %s', (degrees, decimals, expected) => {
    expect(formatDec(degrees, decimals)).toBe(expected);
  });

  it('gives finer pixels more digits', () => {
    expect(formatPlace(188.7361667, -1.396, 1.4)).toBe('12:34:56.68 -01:23:45.6');
    expect(formatPlace(188.7361667, -1.396, 0.26)).toBe('12:34:56.680 -01:23:45.60');
  });

  it('never writes 60 and reads back to within its last digit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.integer({ min: 0, max: 4 }),
        (dec, decimals) => {
          const text = formatDec(dec, decimals);
          const [d, m, s] = text.slice(1).split(':').map(Number) as [number, number, number];
          expect(m < 60 && s < 60).toBe(true);
          const value = (text.startsWith('-') ? -1 : 1) * (d + m / 60 + s / 3600);
          expect(Math.abs(value - dec) * 3600).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-6);
        },
      ),
    );
  });
});
