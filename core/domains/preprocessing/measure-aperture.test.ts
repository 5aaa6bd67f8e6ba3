import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makePlane } from '../../kernels/index.ts';
import { makeMeasurable } from './measurable.ts';
import { circleOverlap, measureAperture, measureEllipse } from './measure-aperture.ts';

function flat(size: number, value: number): ReturnType<typeof makePlane> {
  const plane = makePlane(size, size);
  plane.data.fill(value);
  return plane;
}

describe('apertures', () => {
  test('a circle anywhere inside an image has the area pi r^2 to 1e-10', () => {
    const source = makeMeasurable(flat(64, 1), 1, undefined, 0);
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 43, noNaN: true }),
        fc.double({ min: 20, max: 43, noNaN: true }),
        fc.double({ min: 0.05, max: 18, noNaN: true }),
        (x, y, radius) => {
          const { areaPx, flux, usableFraction } = measureAperture(source, x, y, radius);
          const area = Math.PI * radius * radius;
          expect(Math.abs(areaPx - area)).toBeLessThan(1e-10 * Math.max(1, area));
          expect(flux).toBeCloseTo(areaPx, 9);
          expect(usableFraction).toBeCloseTo(1, 9);
        },
      ),
      { seed: 1 },
    );
  });

  test('a circle smaller than a pixel that crosses its corner is shared by four', () => {
    const quarter = circleOverlap(0, 1, 0, 1, 0.5);
    expect(quarter).toBeCloseTo((Math.PI * 0.25) / 4, 12);
    expect(circleOverlap(-0.5, 0.5, -0.5, 0.5, 2)).toBeCloseTo(1, 12);
    expect(circleOverlap(3, 4, 3, 4, 2)).toBeCloseTo(0, 12);
  });

  test('an ellipse of any size and angle covers its area to 1e-9 where pixels are cut exactly', () => {
    const source = makeMeasurable(flat(64, 1), 1, undefined, 0);
    fc.assert(
      fc.property(
        fc.double({ min: 25, max: 38, noNaN: true }),
        fc.double({ min: 25, max: 38, noNaN: true }),
        fc.double({ min: 0.03, max: 20, noNaN: true }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        (x, y, a, ratio, theta) => {
          const b = a * ratio;
          const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
          const shape = {
            cxx: (cos / a) ** 2 + (sin / b) ** 2,
            cyy: (sin / a) ** 2 + (cos / b) ** 2,
            cxy: 2 * cos * sin * (a ** -2 - b ** -2),
          };
          const { areaPx, flux } = measureEllipse(source, x, y, shape, 1, 0);
          const area = Math.PI * a * b;
          expect(Math.abs(areaPx - area)).toBeLessThan(1e-9 * Math.max(1, area));
          expect(flux).toBeCloseTo(areaPx, 9);
        },
      ),
      { seed: 2 },
    );
  });

  test('an ellipse covers its area to a percent at five samples per pixel side', () => {
    const source = makeMeasurable(flat(96, 1), 1, undefined, 0);
    const cos = Math.cos(0.6);
    const sin = Math.sin(0.6);
    const [a, b] = [6, 2.5];
    const shape = {
      cxx: (cos / a) ** 2 + (sin / b) ** 2,
      cyy: (sin / a) ** 2 + (cos / b) ** 2,
      cxy: 2 * cos * sin * (1 / a ** 2 - 1 / b ** 2),
    };
    const { areaPx } = measureEllipse(source, 47.3, 48.1, shape, 3);
    expect(areaPx / (Math.PI * a * b * 9)).toBeCloseTo(1, 2);
  });

  test('the error is the root of the summed variance', () => {
    const { fluxErr, areaPx } = measureAperture(makeMeasurable(flat(40, 5), 4, undefined, 0), 20, 20, 6);
    expect(fluxErr).toBeCloseTo(Math.sqrt(4 * areaPx), 9);
  });

  test('a pixel that is not a number is made up for by the one opposite', () => {
    const plane = flat(41, 0);
    for (let y = 0; y < 41; y++) {
      for (let x = 0; x < 41; x++) {
        plane.data[y * 41 + x] = 1000 * Math.exp(-((x - 20) ** 2 + (y - 20) ** 2) / 18);
      }
    }
    const whole = measureAperture(makeMeasurable(plane, 1, undefined, 0), 20, 20, 9);
    plane.data[22 * 41 + 23] = Number.NaN;
    const mended = measureAperture(makeMeasurable(plane, 1, undefined, 0), 20, 20, 9);
    expect(mended.flux).toBeCloseTo(whole.flux, 2);
    expect(mended.usableFraction).toBeCloseTo(1 - 1 / (Math.PI * 81), 6);
  });

  test('an aperture that leaves the image says how much of it is left', () => {
    const { usableFraction } = measureAperture(makeMeasurable(flat(40, 1), 1, undefined, 0), -0.5, 20, 5);
    expect(usableFraction).toBeCloseTo(0.5, 9);
  });
});
