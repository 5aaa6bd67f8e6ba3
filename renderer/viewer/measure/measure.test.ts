import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve } from '../build-levels.ts';
import { makePixelFinder } from '../find-pixel.ts';
import { type SkyGrid, skyAt } from '../interpolate-sky.ts';
import { sourceOfLevels } from '../make-source.ts';
import { measurePlane } from '../measure-plane.ts';
import type { ImageSource } from '../model.ts';
import {
  chooseLevels,
  countValues,
  cutLine,
  findCentre,
  fitMoffat,
  gatherBox,
  laySkyGrid,
  measureAperture,
  measureArea,
  measureGrowth,
  measureProfile,
  overlapPixel,
  type PixelBox,
  profileAt,
  readBox,
  smoothBox,
  traceContours,
} from './index.ts';

function boxOf(width: number, height: number, pixel: (x: number, y: number) => number): PixelBox {
  const data = Float32Array.from({ length: width * height }, (_, i) =>
    pixel(i % width, Math.floor(i / width)),
  );
  return { left: 0, bottom: 0, width, height, data, step: 1 };
}

/** A source with a level of halved size, however small it is. */
function sourceWithLevels(data: Float32Array, width: number, height: number): ImageSource {
  const image = { width, height, data };
  return sourceOfLevels('s', [image, halve(image)], measurePlane(data, width, height));
}

/** The image that the reference programs measured. */
const STAR = { x: 20.3, y: 15.8 };
const IMAGE = boxOf(
  48,
  40,
  (x, y) =>
    100 +
    3 * Math.sin(0.7 * x + 0.3 * y) +
    0.05 * x -
    0.02 * y +
    500 * Math.exp(-((x - STAR.x) ** 2 + (y - STAR.y) ** 2) / (2 * 2.1 ** 2)),
);

function sumEllipse(x: number, y: number, a: number, b: number, angleRad: number) {
  let [sum, area] = [0, 0];
  for (let row = 0; row < IMAGE.height; row++) {
    for (let column = 0; column < IMAGE.width; column++) {
      const part = overlapPixel({ x, y, a, b, angleRad }, column, row);
      sum += part * IMAGE.data[row * IMAGE.width + column]!;
      area += part;
    }
  }
  return { sum, area };
}

describe('an aperture', () => {
  // photutils 1.6.0, method="exact"; our pixels are 32-bit, hence six digits of the sums.
  it.each([
    [20.3, 15.8, 3, 3, 0, 11612.1449998382, 28.274333882308138],
    [20, 16, 0.3, 0.3, 0, 167.7278227001275, 0.2827433388230814],
    [20.49, 15.51, 5.37, 5.37, 0, 22395.19744377189, 90.59379319230351],
    [1.2, 2.3, 4, 4, 0, 3449.233799495079, 34.118102980446665],
    [20.3, 15.8, 6, 2.5, 0.5, 14747.876232788829, 47.1238898038469],
    [20, 16, 3, 0.4, 2, 1838.0869092535072, 3.7699111843077526],
  ])('at (%f, %f) with axes %f and %f holds what photutils says', (x, y, a, b, angle, sum, area) => {
    const found = sumEllipse(x, y, a, b, angle);
    expect(Math.abs(found.sum / sum - 1)).toBeLessThan(1e-7);
    expect(Math.abs(found.area / area - 1)).toBeLessThan(1e-12);
  });

  it('has the area of its ellipse wherever it lies', () => {
    const value = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        value(9, 11),
        value(9, 11),
        value(0.05, 6),
        value(0.05, 6),
        value(-4, 4),
        (x, y, a, b, angleRad) => {
          let area = 0;
          for (let row = 0; row < 21; row++)
            for (let column = 0; column < 21; column++)
              area += overlapPixel({ x, y, a, b, angleRad }, column, row);
          expect(Math.abs(area - Math.PI * a * b)).toBeLessThan(1e-9 * (1 + a * b));
        },
      ),
    );
  });

  it('takes the sky of its ring off, without what lies far from its median', () => {
    // photutils CircularAnnulus(8, 12) by centres, astropy sigma_clip at 3 sigma.
    const radii = { radius: 5, skyInner: 8, skyOuter: 12 };
    const plain = measureAperture(IMAGE, STAR, radii, false);
    expect(plain.skyCount).toBe(251);
    expect(plain.sky).toBeCloseTo(101.05368940339001, 4);
    expect(plain.skySigma).toBeCloseTo(2.2436781795662375, 4);
    const spoiled = { ...IMAGE, data: IMAGE.data.slice() };
    spoiled.data[5 * 48 + 22]! += 3000;
    const clipped = measureAperture(spoiled, STAR, radii, false);
    expect(clipped.skyCount).toBe(250);
    expect(clipped.sky).toBeCloseTo(101.06397161198115, 4);
    expect(clipped.skySigma).toBeCloseTo(2.2420556407560945, 4);
  });

  it('finds the flux of a star, its error and how it grows', () => {
    const radii = { radius: 10, skyInner: 12, skyOuter: 15 };
    const total = 2 * Math.PI * 2.1 ** 2 * 500;
    const electrons = measureAperture(IMAGE, STAR, radii, true);
    const counts = measureAperture(IMAGE, STAR, radii, false);
    // The waves of 3 in the sky are what is left: 314 pixels of them.
    expect(Math.abs(electrons.flux - total)).toBeLessThan(0.02 * total);
    expect(electrons.fluxErr ** 2 - counts.fluxErr ** 2).toBeCloseTo(electrons.flux, 3);
    const growth = measureGrowth(IMAGE, STAR, radii);
    expect(growth.at(-1)!.radius).toBe(12);
    const atSigma = growth.reduce((a, b) => (Math.abs(b.radius - 2) < Math.abs(a.radius - 2) ? b : a));
    expect(atSigma.flux / total).toBeCloseTo(1 - Math.exp(-0.5 * (2 / 2.1) ** 2), 1);
  });

  it('counts the pixels it lacks, and knows no error without a sky', () => {
    const holed = { ...IMAGE, data: IMAGE.data.slice() };
    holed.data[16 * 48 + 20] = Number.NaN;
    const photometry = measureAperture(holed, STAR, { radius: 3, skyInner: 300, skyOuter: 310 }, true);
    expect(photometry.missing).toBe(1);
    expect(photometry.skyCount).toBe(0);
    expect(photometry.fluxErr).toBeNaN();
    expect(
      measureAperture(IMAGE, { x: 0, y: 0 }, { radius: 2, skyInner: 3, skyOuter: 5 }, false).missing,
    ).toBe(13);
  });
});

describe('a radial profile', () => {
  const wave = (x: number, y: number): number => 2 * Math.sin(12.9898 * x + 78.233 * y);
  const moffat = boxOf(
    48,
    40,
    (x, y) => 50 + 800 * (1 + (Math.hypot(x - STAR.x, y - STAR.y) / 3) ** 2) ** -2.8 + wave(x, y),
  );

  it('has the fit that scipy finds for the same pixels', () => {
    const distances: number[] = [];
    const values: number[] = [];
    for (let i = 0; i < moffat.data.length; i++) {
      const distance = Math.hypot((i % 48) - STAR.x, Math.floor(i / 48) - STAR.y);
      if (distance > 12) continue;
      distances.push(distance);
      values.push(moffat.data[i]!);
    }
    const fit = fitMoffat(Float64Array.from(distances), Float64Array.from(values))!;
    // scipy 1.10.1, curve_fit(method="lm").
    expect(fit.amplitude).toBeCloseTo(799.8307671368723, 2);
    expect(fit.background).toBeCloseTo(50.024658366062056, 3);
    expect(fit.alpha).toBeCloseTo(3.0038069249636155, 4);
    expect(fit.beta).toBeCloseTo(2.805238741855555, 4);
    expect(fit.fwhmPx).toBeCloseTo(3.1806027558151384, 5);
    expect(fit.rms).toBeCloseTo(1.4242245491253023, 5);
    expect(profileAt(fit, fit.fwhmPx / 2)).toBeCloseTo(fit.background + fit.amplitude / 2, 6);
  });

  it.each([
    [1.6, 20.3, 15.8],
    [2.4, 21, 16.4],
    [4, 19.51, 15.02],
  ])('of a Gaussian of sigma %f finds its centre and width from a click beside it', (sigma, x, y) => {
    const star = boxOf(
      48,
      40,
      (px, py) => 10 + 300 * Math.exp(-((px - x) ** 2 + (py - y) ** 2) / (2 * sigma ** 2)),
    );
    const { centre, fit } = measureProfile(star, { x: x + 1.2, y: y - 0.9 }, 12);
    // The window's pull ends when a round moves by a ten thousandth of a pixel.
    expect(Math.hypot(centre.x - x, centre.y - y)).toBeLessThan(0.003);
    // A Moffat with the steepest wings it may have is a third of a percent from a Gaussian.
    expect(Math.abs(fit!.fwhmPx / (2.3548 * sigma) - 1)).toBeLessThan(0.005);
  });

  it('has no fit where nothing rises, and leaves the centre where it was asked', () => {
    const flat = boxOf(30, 30, () => 7);
    const profile = measureProfile(flat, { x: 15, y: 15 }, 8);
    expect(profile.fit).toBeUndefined();
    expect(profile.centre).toEqual({ x: 15, y: 15 });
    expect(
      findCentre(
        boxOf(30, 30, () => Number.NaN),
        { x: 4, y: 5 },
        8,
      ),
    ).toEqual({ x: 4, y: 5 });
  });
});

describe('pixels of a part of an image', () => {
  const source = sourceWithLevels(
    Float32Array.from({ length: 20 * 10 }, (_, i) => i),
    20,
    10,
  );

  it('are those asked for that there are', async () => {
    const box = (await readBox(source, { left: -5, bottom: 8, right: 2.2, top: 40 }))!;
    expect([box.left, box.bottom, box.width, box.height]).toEqual([0, 8, 4, 2]);
    expect([...box.data]).toEqual([160, 161, 162, 163, 180, 181, 182, 183]);
    expect(await readBox(source, { left: 30, bottom: 0, right: 40, top: 5 })).toBeUndefined();
    const half = gatherBox(source, { left: 3, bottom: 1, right: 6, top: 5 }, 1)!;
    expect([half.left, half.bottom, half.width, half.height, half.step]).toEqual([2, 0, 3, 3, 2]);
    // The mean of pixels (2, 0), (3, 0), (2, 1) and (3, 1).
    expect(half.data[0]).toBe(12.5);
  });

  it('along a line are those of a plane, whatever its direction', () => {
    const plane = boxOf(30, 30, (x, y) => 2 * x - 3 * y);
    const { distances, values } = cutLine(plane, { x: 3.5, y: 4.25 }, { x: 20, y: 25 });
    values.forEach((value, i) => {
      const t = distances[i]! / Math.hypot(16.5, 20.75);
      expect(value).toBeCloseTo(2 * (3.5 + 16.5 * t) - 3 * (4.25 + 20.75 * t), 4);
    });
    const wide = cutLine(plane, { x: 10, y: 10 }, { x: 20, y: 10 }, 5);
    expect(wide.values[3]).toBeCloseTo(2 * 13 - 30, 6);
    expect(cutLine(plane, { x: -3, y: 2 }, { x: 2, y: 2 }).values[0]).toBeNaN();
    expect(cutLine(plane, { x: 29, y: 29 }, { x: 29, y: 28 }).values[0]).toBe(-29);
  });

  it('of a region have the statistics that photutils finds by centres', () => {
    const inside = (x: number, y: number): boolean => Math.hypot(x - STAR.x, y - STAR.y) <= 5;
    const found = measureArea(IMAGE, inside);
    // photutils 1.6.0, ApertureStats(sum_method="center") of a circle of 5 px.
    expect(found.count).toBe(79);
    expect(found.sum).toBeCloseTo(21003.08168526799, 2);
    expect(found.mean).toBeCloseTo(265.8617934844049, 4);
    expect(found.median).toBeCloseTo(221.1761759898182, 4);
    expect(found.std).toBeCloseTo(128.25568905708576, 4);
    expect(found.min).toBeCloseTo(128.68299309364807, 4);
    expect(found.max).toBeCloseTo(593.21582392814, 4);
    expect(
      measureArea(
        boxOf(3, 3, () => Number.NaN),
        () => true,
      ),
    ).toMatchObject({ count: 0, missing: 9, mean: Number.NaN });
  });

  it('are counted in equal steps, each once', () => {
    const values = Float32Array.from([-1, 0, 0.1, 0.5, 0.99, 1, 2, Number.NaN]);
    const { counts, below, above } = countValues(values, 0, 1, 4);
    expect([...counts]).toEqual([2, 0, 1, 2]);
    expect([below, above]).toEqual([1, 1]);
  });
});

describe('contours', () => {
  const hill = boxOf(41, 31, (x, y) => 100 - Math.hypot(x - 20, y - 15));

  it('of a cone are circles of the right radius', () => {
    const [level] = traceContours(hill, [92]);
    expect(level!.lines).toHaveLength(1);
    for (const { x, y } of level!.lines[0]!) expect(Math.hypot(x - 20, y - 15)).toBeCloseTo(8, 1);
  });

  it('end at the rim and do not run along it', () => {
    const [level] = traceContours(
      boxOf(41, 31, (x) => x),
      [12.5],
    );
    expect(level!.lines).toHaveLength(1);
    for (const { x } of level!.lines[0]!) expect(x).toBeCloseTo(12.5, 6);
    const [corner] = traceContours(hill, [82]);
    for (const line of corner!.lines)
      for (const { x, y } of line.slice(1, -1)) expect(Math.hypot(x - 20, y - 15)).toBeCloseTo(18, 0);
  });

  it('of a reduced level lie where those of the image do', () => {
    const source = sourceWithLevels(hill.data, 41, 31);
    const [level] = traceContours(gatherBox(source, { left: 0, bottom: 0, right: 40, top: 30 }, 1)!, [92]);
    for (const { x, y } of level!.lines[0]!)
      expect(Math.abs(Math.hypot(x - 20, y - 15) - 8)).toBeLessThan(0.3);
  });

  it('have levels that rise from the sky, and smooth the noise away', () => {
    expect(chooseLevels(10, 2, 60)).toEqual([16, 22, 34, 58]);
    expect(chooseLevels(10, Number.NaN, 60)).toEqual([]);
    const noise = boxOf(60, 60, (x, y) => Math.sin(12.9898 * x * x + 78.233 * y * y) * 10);
    const smooth = smoothBox(noise, 2);
    const spread = (box: PixelBox) => measureArea(box, () => true).std;
    expect(spread(smooth)).toBeLessThan(spread(noise) / 4);
    // A constant stays what it is, also beside a hole and at the rim.
    const holed = smoothBox(
      boxOf(20, 20, (x, y) => (x === 5 && y === 5 ? Number.NaN : 3)),
      1.5,
    );
    for (const value of holed.data) expect(value).toBeCloseTo(3, 5);
  });
});

describe('a grid of the sky', () => {
  /** North up, east left, 1 arcmin a pixel about (raDeg, decDeg): plate carree, which the poles do not suit. */
  function gridOf(sky: (x: number, y: number) => { raDeg: number; decDeg: number }): SkyGrid {
    const nodes = Array.from({ length: 33 * 33 }, (_, i) => sky((i % 33) * 16, Math.floor(i / 33) * 16));
    return {
      stepPx: 16,
      columns: 33,
      rows: 33,
      raDeg: nodes.map((n) => n.raDeg),
      decDeg: nodes.map((n) => n.decDeg),
    };
  }
  const skyOf = (grid: SkyGrid) => ({
    isEquatorial: true,
    toCoordinates: (x: number, y: number) => {
      const place = skyAt(grid, x, y);
      return place && { lonDeg: place.raDeg, latDeg: place.decDeg };
    },
    toPixel: makePixelFinder(grid),
  });
  const all = { left: 0, bottom: 0, right: 511, top: 511 };

  it('has round numbers, a handful of them, and lies where they are', () => {
    const grid = gridOf((x, y) => ({ raDeg: (361 - x / 60 / Math.cos(0.2)) % 360, decDeg: 11 + y / 60 }));
    const lines = laySkyGrid(skyOf(grid), all);
    const of = (axis: string) => lines.filter((line) => line.axis === axis);
    expect(of('lon').map(({ label }) => label)).toEqual(
      ['23:30', '23:40', '23:50', '00:00'].filter((l) => of('lon').some((x) => x.label === l)),
    );
    expect(of('lon').length).toBeGreaterThan(2);
    expect(of('lat').map(({ label }) => label)).toContain('+14°');
    for (const { axis, valueDeg, lines: parts } of lines) {
      for (const { x, y } of parts.flat()) {
        expect(x >= -1e-9 && y >= -1e-9 && x <= 511 + 1e-9 && y <= 511 + 1e-9).toBe(true);
        const place = skyAt(grid, x, y)!;
        const at = axis === 'lon' ? place.raDeg : place.decDeg;
        // Where a line is cut it is straight between two of its 48 places.
        expect(Math.abs(((at - valueDeg + 540) % 360) - 180)).toBeLessThan(1e-3);
      }
    }
  });

  it('goes round a pole', () => {
    const grid = gridOf((x, y) => {
      const [u, v] = [(256 - x) / 60, (y - 256) / 60];
      return { raDeg: (Math.atan2(u, v) * 180) / Math.PI + 180, decDeg: 90 - Math.hypot(u, v) };
    });
    const lines = laySkyGrid(skyOf(grid), all);
    const lons = lines.filter(({ axis }) => axis === 'lon').map(({ valueDeg }) => valueDeg);
    expect(Math.max(...lons) - Math.min(...lons)).toBeGreaterThanOrEqual(240);
  });

  it('is nothing where there is no sky', () => {
    expect(
      laySkyGrid({ isEquatorial: true, toCoordinates: () => undefined, toPixel: () => undefined }, all),
    ).toEqual([]);
  });
});
