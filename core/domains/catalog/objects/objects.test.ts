import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import { associateDetections } from './associate-detections.ts';
import { averagePlaces, estimatePositionError, separationArcsec } from './measure-place.ts';
import type { MeasuredPlace } from './model.ts';
import { nameObject, placeOfName } from './name-object.ts';

const at = (raDeg: number, decDeg: number, positionErrArcsec = 0.2): MeasuredPlace => ({
  raDeg,
  decDeg,
  positionErrArcsec,
});
const ARCSEC = 1 / 3600;

describe('a place', () => {
  test('is known to 0.6 FWHM over the S/N, and never better than the floor', () => {
    const config = { maxSigma: 4, maxFwhm: 1, floorFwhm: 0, floorArcsec: 0 };
    // sqrt(2) / 2.3548: what Gaussians of any size have.
    expect(estimatePositionError(10, 2, config)).toBeCloseTo(0.6006 * 0.2, 4);
    expect(estimatePositionError(1e9, 2)).toBeCloseTo(Math.hypot(0.2, 0.1), 9);
  });

  test('is as far from another as the cosine of its declination makes it', () => {
    expect(separationArcsec(at(10, 60), at(10 + ARCSEC, 60))).toBeCloseTo(0.5, 6);
    expect(separationArcsec(at(359.9999, 0), at(0.0001, 0))).toBeCloseTo(0.72, 6);
    expect(separationArcsec(at(0, 89.9999), at(180, 89.9999))).toBeCloseTo(0.72, 6);
  });

  test('is averaged over 0 h and over the pole as anywhere else', () => {
    expect(averagePlaces([at(359.9999, 0), at(0.0003, 0)]).raDeg).toBeCloseTo(0.0001, 9);
    expect(averagePlaces([at(0, 89.9999), at(180, 89.9999)]).decDeg).toBeCloseTo(90, 6);
    const mean = averagePlaces([at(10, 0, 0.1), at(10 + 3 * ARCSEC, 0, 0.2)]);
    // Weights 4 to 1; errors add as inverse squares.
    expect((mean.raDeg - 10) / ARCSEC).toBeCloseTo(0.6, 6);
    expect(mean.positionErrArcsec).toBeCloseTo(1 / Math.sqrt(125), 9);
  });

  test.each([
    [278.509458, -1.0342778, 'AstrID J183402.26-010203.4'],
    [0, 0, 'AstrID J000000.00+000000.0'],
    [359.99999999, 89.99999999, 'AstrID J235959.99+895959.9'],
    [15, -0.5, 'AstrID J010000.00-003000.0'],
  ])('%d %d is named %s', (raDeg, decDeg, name) => {
    expect(nameObject(raDeg, decDeg)).toBe(name);
  });

  test('is found again by its name, as far as its digits go', () => {
    const random = createRandom(11);
    for (let n = 0; n < 500; n++) {
      const place = at(360 * random.uniform(), (Math.asin(2 * random.uniform() - 1) * 180) / Math.PI);
      const found = placeOfName(`${nameObject(place.raDeg, place.decDeg)}${n % 3 === 0 ? 'b' : ''}`)!;
      // Half of 0.01 s and of 0.1 arcsec, together.
      expect(separationArcsec(place, found)).toBeLessThan(Math.hypot(0.075, 0.05) + 1e-3);
    }
    for (const other of ['M 31', 'AstrID J244000.00+003000.0', 'AstrID J004000.00+993000.0', ''])
      expect(placeOfName(other)).toBeUndefined();
  });
});

describe('association', () => {
  test('joins what lies within the errors and leaves the rest alone', () => {
    const objects = [at(10, 0), at(10 + 5 * ARCSEC, 0)];
    const detections = [at(10 + 0.5 * ARCSEC, 0), at(10 + 2.5 * ARCSEC, 0), at(10 + 5.4 * ARCSEC, 0)];
    expect(associateDetections(detections, objects, 1.5)).toEqual([0, undefined, 1]);
  });

  test('gives an object to the likeliest of two detections, and the other to nobody', () => {
    expect(associateDetections([at(10, 0.4 * ARCSEC), at(10, 0.1 * ARCSEC)], [at(10, 0)], 1.5)).toEqual([
      undefined,
      0,
    ]);
  });

  test('never reaches farther than the FWHM, however little is known of a place', () => {
    expect(associateDetections([at(10, 0, 9)], [at(10, 2 * ARCSEC, 9)], 1.5)).toEqual([undefined]);
  });

  test('finds the same pairs in whatever order detections and objects come', () => {
    const place = fc.record({
      raDeg: fc.double({ min: 9.999, max: 10.001, noNaN: true }),
      decDeg: fc.double({ min: -0.001, max: 0.001, noNaN: true }),
      positionErrArcsec: fc.double({ min: 0.1, max: 0.5, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(place, { maxLength: 12 }),
        fc.uniqueArray(place, { maxLength: 12 }),
        (a, b) => {
          const forth = associateDetections(a, b, 1.5);
          const back = associateDetections(a.toReversed(), b.toReversed(), 1.5).toReversed();
          const sigma = (k: number, found: number | undefined): number =>
            found === undefined
              ? -1
              : separationArcsec(a[k]!, b[found]!) /
                Math.hypot(a[k]!.positionErrArcsec, b[found]!.positionErrArcsec);
          for (const [k, found] of forth.entries()) {
            const other = back[k] === undefined ? undefined : b.length - 1 - back[k];
            // Equal but for exact ties, which fast-check likes to make.
            expect(sigma(k, other)).toBeCloseTo(sigma(k, found), 9);
          }
        },
      ),
    );
  });

  test('brings 20 epochs of 200 stars together: one object a star', () => {
    const random = createRandom(5);
    const stars = Array.from({ length: 200 }, () =>
      at(359.95 + 0.1 * random.uniform(), 0.1 * random.uniform()),
    );
    const sights = new Map<number, Set<number>>();
    let objects: { place: MeasuredPlace; seen: MeasuredPlace[] }[] = [];
    let missed = 0;
    for (let epoch = 0; epoch < 20; epoch++) {
      const detections = stars.map((star) => {
        const snr = 5 + 20 * random.uniform();
        const error = estimatePositionError(snr, 1.2);
        return at(
          star.raDeg + random.normal() * error * ARCSEC,
          star.decDeg + random.normal() * error * ARCSEC,
          error,
        );
      });
      const found = associateDetections(
        detections,
        objects.map(({ place }) => place),
        1.2,
      );
      const born: typeof objects = [];
      for (const [star, object] of found.entries()) {
        const detection = detections[star]!;
        if (object === undefined) {
          if (epoch > 0) missed++;
          born.push({ place: detection, seen: [detection] });
        } else {
          const { seen } = objects[object]!;
          seen.push(detection);
          objects[object] = { place: averagePlaces(seen), seen };
          const stars = sights.get(object) ?? new Set();
          sights.set(object, stars.add(star));
        }
      }
      objects = [...objects, ...born];
    }
    // 4 sigma in two dimensions loses 0.03 % of 3800 sights: 1.3 of them, and 1 FWHM as much again at low S/N.
    expect(missed).toBeLessThan(12);
    // Two of 200 random stars on 360 x 360 arcsec lie within an FWHM of each other now and then.
    expect([...sights.values()].filter((stars) => stars.size > 1).length).toBeLessThan(3);
  });
});
