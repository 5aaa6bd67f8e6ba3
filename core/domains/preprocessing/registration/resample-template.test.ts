import { describe, expect, test } from 'vitest';
import { makeMaskPlane, makePlane, type Plane } from '../../../kernels/index.ts';
import { createInlineRunner, createRandom } from '../../../utils/index.ts';
import { MaskBit, UNUSABLE } from '../../observations/index.ts';
import type { CalibratedExposure, PixelMap, RegisteredTemplate, Registration, Source } from '../model.ts';
import { type GridSize, planResampling } from './plan-resampling.ts';
import { resampleTemplate } from './resample-template.ts';

const SIGMA_PX = 1.8;

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

const source = ({ x, y, flux }: Spot): Source => ({
  xPx: x,
  yPx: y,
  fluxE: flux,
  fluxErrE: 1,
  peakE: flux / (2 * Math.PI * SIGMA_PX ** 2),
  snr: 100,
  aPx: 2,
  bPx: 1,
  thetaRad: 0.3,
  fwhmPx: 2.3548 * SIGMA_PX,
  halfLightRadiusPx: 2,
  kronRadius: 2.5,
  areaPx: 40,
  flags: 0,
  maskBits: 0,
});

function makeTemplate(
  width: number,
  height: number,
  spots: readonly Spot[] = [],
  sigmaPx = SIGMA_PX,
): CalibratedExposure {
  const science = makePlane(width, height);
  for (const { x, y, flux } of spots) {
    const reach = Math.ceil(7 * sigmaPx);
    for (let j = Math.max(0, Math.floor(y) - reach); j <= Math.min(height - 1, y + reach); j++)
      for (let i = Math.max(0, Math.floor(x) - reach); i <= Math.min(width - 1, x + reach); i++)
        science.data[j * width + i]! +=
          (flux / (2 * Math.PI * sigmaPx ** 2)) *
          Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * sigmaPx ** 2));
  }
  const variance = makePlane(width, height);
  variance.data.fill(100);
  return {
    name: 'template.fits',
    header: [],
    facts: { gainEPerAdu: 1, readNoiseE: 5, notes: [] },
    science,
    variance,
    mask: makeMaskPlane(width, height),
    backgroundE: 0,
    backgroundRmsE: 10,
    fwhmPx: 2.3548 * SIGMA_PX,
    sources: spots.map(source),
    metrics: {},
    notes: [],
  };
}

/** A map that turns and scales about the middles of two images. */
function turn(
  angleDeg: number,
  scale: number,
  from: readonly [number, number],
  to: readonly [number, number],
): PixelMap {
  const [c, s] = [scale * Math.cos((angleDeg * Math.PI) / 180), scale * Math.sin((angleDeg * Math.PI) / 180)];
  const plane = {
    order: 1,
    xMid: from[0],
    yMid: from[1],
    scalePx: 1,
    xCoefficients: [to[0], c, -s],
    yCoefficients: [to[1], s, c],
  };
  return { kind: 'affine', plane };
}

const registrationOf = (map: PixelMap): Registration => ({
  method: 'stars',
  matched: 10,
  rmsPx: 0.05,
  sigmaXPx: 0.03,
  sigmaYPx: 0.03,
  offsetXPx: 0,
  offsetYPx: 0,
  overlap: 1,
  map,
  notes: [],
});

/** Flux and centroid inside a circle. */
function measure(
  { width, data }: Plane,
  x: number,
  y: number,
  radius: number,
): { flux: number; x: number; y: number } {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let j = Math.floor(y - radius); j <= y + radius; j++)
    for (let i = Math.floor(x - radius); i <= x + radius; i++) {
      if ((i - x) ** 2 + (j - y) ** 2 > radius * radius) continue;
      const value = data[j * width + i]!;
      sum += value;
      sumX += value * i;
      sumY += value * j;
    }
  return { flux: sum, x: sumX / sum, y: sumY / sum };
}

const rms = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

function resample(
  grid: GridSize,
  template: CalibratedExposure,
  registration: Registration,
): Promise<RegisteredTemplate> {
  const plan = planResampling(grid, template, registration);
  return resampleTemplate(template, plan, undefined, createInlineRunner());
}

describe('resampleTemplate', () => {
  const spots: Spot[] = Array.from({ length: 25 }, (_, k) => ({
    x: 50 + 50 * (k % 5) + 0.37 * (k % 3),
    y: 50 + 50 * Math.floor(k / 5) + 0.23 * (k % 4),
    flux: 1000 * (k + 1),
  }));

  test.each([
    [30, 1, 1e-4],
    [-75, 0.97, 1e-4],
    [20, 0.9, 1e-4],
    [20, 1.1, 1e-4],
    [12, 1.35, 1e-4],
    [181, 0.7, 1e-4],
    [45, 2.1, 1e-4],
  ])('conserves flux and places when turned by %d degrees at scale %d', async (angle, scale, tolerance) => {
    const template = makeTemplate(301, 301, spots);
    const side = Math.ceil(430 / scale);
    const map = turn(angle, scale, [side / 2, side / 2], [150, 150]);
    const registered = await resample({ width: side, height: side }, template, registrationOf(map));
    expect(registered.sources.length).toBe(spots.length);
    for (const [k, moved] of registered.sources.entries()) {
      const seen = measure(registered.science, moved.xPx, moved.yPx, (8 * SIGMA_PX) / scale + 1);
      expect(Math.abs(seen.flux / spots[k]!.flux - 1)).toBeLessThan(tolerance);
      expect(Math.hypot(seen.x - moved.xPx, seen.y - moved.yPx)).toBeLessThan(0.02);
      expect(moved.fwhmPx).toBeCloseTo((2.3548 * SIGMA_PX) / scale, 3);
    }
    expect(registered.fwhmPx).toBeCloseTo((2.3548 * SIGMA_PX) / scale, 3);
  });

  test.each([0.9, 0.97, 1, 1.03, 1.1, 1.5, 2])(
    'conserves the flux of stars of 3 px FWHM to 1e-4 rms, at every phase, at scale %d',
    async (scale) => {
      const template = makeTemplate(301, 301, spots, 3 / 2.3548);
      const side = Math.ceil(430 / scale);
      const map = turn(33, scale, [side / 2, side / 2], [150, 150]);
      const { science, sources } = await resample(
        { width: side, height: side },
        template,
        registrationOf(map),
      );
      const errors = sources.map(
        ({ xPx, yPx }, k) => measure(science, xPx, yPx, 8 / scale + 4).flux / spots[k]!.flux - 1,
      );
      expect(rms(Float64Array.from(errors))).toBeLessThan(1e-4);
    },
  );

  test('turns the axes of sources with the image', async () => {
    const template = makeTemplate(101, 101, [{ x: 50, y: 50, flux: 1000 }]);
    const map = turn(20, 1, [50, 50], [50, 50]);
    const { sources } = await resample({ width: 101, height: 101 }, template, registrationOf(map));
    // The template seen from the science grid is turned back by what the map turns forward.
    expect(sources[0]!.thetaRad).toBeCloseTo(0.3 - (20 * Math.PI) / 180, 6);
  });

  test.each([
    [0, 0],
    [0, 81],
    [-12, 5],
  ])('copies pixels when the shift is whole: (%d, %d)', async (dx, dy) => {
    const random = createRandom(1);
    const template = makeTemplate(120, 130);
    for (let k = 0; k < template.science.data.length; k++) template.science.data[k] = random.normal();
    const wobble = 0.01;
    const map = turn(0, 1, [60, 60], [60 + dx + wobble, 60 + dy]);
    const registered = await resample({ width: 120, height: 130 }, template, registrationOf(map));
    expect(registered.noiseCorrelationFactor).toBe(1);
    expect(registered.notes[0]).toContain('copied');
    for (let y = 0; y < 130; y += 7)
      for (let x = 0; x < 120; x += 7) {
        const [u, v] = [x + dx, y + dy];
        const isInside = u >= 0 && u < 120 && v >= 0 && v < 130;
        expect(registered.science.data[y * 120 + x]).toBe(isInside ? template.science.data[v * 120 + u] : 0);
        expect((registered.mask.data[y * 120 + x]! & MaskBit.NO_DATA) === 0).toBe(isInside);
      }
  });

  test.each([
    ['a small turn', 1.3, 1],
    ['smaller science pixels', 5, 0.8],
    ['larger science pixels, made of parts', 5, 1.6],
  ])(
    'tells the noise of %s: of one pixel by the variance, on large scales by the factor',
    async (_, angle, scale) => {
      const random = createRandom(7);
      const side = 512;
      const template = makeTemplate(side, side);
      for (let k = 0; k < template.science.data.length; k++) template.science.data[k] = 10 * random.normal();
      const out = Math.floor((0.9 * side) / scale);
      const map = turn(angle, scale, [out / 2, out / 2], [side / 2, side / 2]);
      const { science, variance, noiseCorrelationFactor, backgroundRmsE } = await resample(
        { width: out, height: out },
        template,
        registrationOf(map),
      );
      const inner = Math.floor(0.1 * out);
      const pixels: number[] = [];
      const blocks: number[] = [];
      const block = 24;
      let meanVariance = 0;
      for (let y = inner; y + block < out - inner; y += block)
        for (let x = inner; x + block < out - inner; x += block) {
          let sum = 0;
          for (let j = 0; j < block; j++)
            for (let i = 0; i < block; i++) {
              const at = (y + j) * out + x + i;
              pixels.push(science.data[at]!);
              meanVariance += variance.data[at]!;
              sum += science.data[at]!;
            }
          blocks.push(sum / block);
        }
      meanVariance /= pixels.length;
      const perPixel = rms(Float64Array.from(pixels));
      // 160 000 pixels, or 60 000 of the larger, of which a half are independent: 0.4 %.
      expect(Math.abs(perPixel / Math.sqrt(meanVariance) - 1)).toBeLessThan(0.01);
      expect(Math.abs(perPixel / backgroundRmsE - 1)).toBeLessThan(0.01);
      // A block's sum is 1/sqrt(2 N) uncertain: 5 to 9 % for the blocks there are.
      const white = perPixel / noiseCorrelationFactor;
      expect(rms(Float64Array.from(blocks)) / white).toBeGreaterThan(0.85);
      expect(rms(Float64Array.from(blocks)) / white).toBeLessThan(1.15);
      if (scale === 1) expect(noiseCorrelationFactor).toBeCloseTo(0.89, 2);
    },
  );

  test('bad and saturated pixels leave no trace on the pixels that stay unmasked', async () => {
    const clean = makeTemplate(100, 100, [{ x: 50, y: 52, flux: 5e4 }]);
    const spoiled = makeTemplate(100, 100, [{ x: 50, y: 52, flux: 5e4 }]);
    const mark = (x: number, y: number, bit: number, value: number): void => {
      spoiled.science.data[y * 100 + x] = value;
      spoiled.mask.data[y * 100 + x]! |= bit;
    };
    mark(20, 20, MaskBit.BAD, -1e6);
    mark(70, 30, MaskBit.CR, 3e5);
    for (let j = -1; j <= 1; j++) for (let i = -1; i <= 1; i++) mark(50 + i, 52 + j, MaskBit.SAT, 6e4);
    const registration = registrationOf(turn(0, 1, [50, 50], [50.4, 50.3]));
    const before = await resample({ width: 100, height: 100 }, clean, registration);
    const after = await resample({ width: 100, height: 100 }, spoiled, registration);
    let masked = 0;
    for (let k = 0; k < 1e4; k++) {
      if ((after.mask.data[k]! & UNUSABLE) !== 0) {
        masked++;
        continue;
      }
      // What a Lanczos-3 window gives a pixel it does not mask for is below a twentieth of the fill's own error.
      expect(Math.abs(after.science.data[k]! - before.science.data[k]!)).toBeLessThan(6);
    }
    expect(masked).toBeGreaterThan(50);
    expect(masked).toBeLessThan(1500);
    // The saturated core grew by three pixels, and by what the window reaches.
    expect(after.mask.data[52 * 100 + 54]! & MaskBit.SAT).not.toBe(0);
    expect(after.mask.data[52 * 100 + 59]! & MaskBit.SAT).toBe(0);
  });

  test('what the template does not cover is masked and finite', async () => {
    const template = makeTemplate(100, 100, [{ x: 80, y: 50, flux: 100 }]);
    const map = turn(3, 1, [50, 50], [110, 50.5]);
    const { science, variance, mask } = await resample(
      { width: 100, height: 100 },
      template,
      registrationOf(map),
    );
    for (let k = 0; k < 1e4; k++) {
      expect(Number.isFinite(science.data[k]!)).toBe(true);
      expect(variance.data[k]!).toBeGreaterThan(0);
    }
    expect(mask.data[50 * 100 + 90]! & MaskBit.NO_DATA).not.toBe(0);
    expect(mask.data[50 * 100 + 20]! & MaskBit.NO_DATA).toBe(0);
  });

  test('no common pixel is an error with the numbers', async () => {
    const template = makeTemplate(50, 50);
    await expect(
      resample({ width: 40, height: 30 }, template, registrationOf(turn(10, 1, [0, 0], [500, 0]))),
    ).rejects.toThrowError(
      expect.objectContaining({ code: 'preprocessing/no-overlap', details: { width: 40, height: 30 } }),
    );
  });
});
