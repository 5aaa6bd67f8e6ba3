import { describe, expect, test } from 'vitest';
import { madStandardDeviation, makeMaskPlane, makePlane, type Plane } from '../../../kernels/index.ts';
import { createInlineRunner, createRandom } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage } from '../../observations/index.ts';
import { DEFAULT_COADD } from './coadd-config.ts';
import { combineExposures } from './combine-exposures.ts';
import type { Coadd, CoaddInput, CoaddMethod } from './model.ts';

const SIDE = 256;
const GRID = { width: SIDE, height: SIDE };
const runner = createInlineRunner();

interface Star {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

interface Frame {
  readonly fwhmPx: number;
  readonly fluxScale: number;
  readonly noiseE: number;
}

const STARS: readonly Star[] = Array.from({ length: 25 }, (_, k) => ({
  x: 28 + 50 * (k % 5) + 0.3 * (k % 3),
  y: 28 + 50 * Math.floor(k / 5) + 0.21 * (k % 4),
  flux: 30_000 * (1 + (k % 4)),
}));

function stampOf(fwhmPx: number): Plane {
  const [size, sigma] = [31, fwhmPx / 2.3548];
  const psf = makePlane(size, size);
  let sum = 0;
  for (let k = 0; k < size * size; k++) {
    psf.data[k] = Math.exp(
      -(((k % size) - 15) ** 2 + (Math.floor(k / size) - 15) ** 2) / (2 * sigma * sigma),
    );
    sum += psf.data[k]!;
  }
  for (let k = 0; k < size * size; k++) psf.data[k]! /= sum;
  return psf;
}

function addStar({ data }: Plane, { x, y, flux }: Star, fwhmPx: number): void {
  const sigma = fwhmPx / 2.3548;
  for (let j = Math.max(0, Math.floor(y - 14)); j < Math.min(SIDE, y + 15); j++)
    for (let i = Math.max(0, Math.floor(x - 14)); i < Math.min(SIDE, x + 15); i++)
      data[j * SIDE + i]! +=
        (flux / (2 * Math.PI * sigma * sigma)) *
        Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * sigma * sigma));
}

/** One exposure of the stars, with its noise; `spoil` adds what only it shows. */
function expose(
  frame: Frame,
  seed: number,
  spoil?: (image: MaskedImage) => void,
  stars: readonly Star[] = STARS,
): CoaddInput {
  const { fwhmPx, fluxScale, noiseE } = frame;
  const random = createRandom(seed);
  const image = {
    science: makePlane(SIDE, SIDE),
    variance: makePlane(SIDE, SIDE),
    mask: makeMaskPlane(SIDE, SIDE),
  };
  for (const star of stars) addStar(image.science, { ...star, flux: star.flux * fluxScale }, fwhmPx);
  for (let k = 0; k < SIDE * SIDE; k++) {
    const light = image.science.data[k]!;
    image.science.data[k] = light + Math.sqrt(noiseE ** 2 + light) * random.normal();
    image.variance.data[k] = noiseE ** 2 + Math.max(0, image.science.data[k]!);
  }
  spoil?.(image);
  return {
    name: `exposure ${seed}`,
    fluxScale,
    skyNoiseE: noiseE,
    noiseCorrelationFactor: 1,
    psf: stampOf(fwhmPx),
    readRows: async (y0, rows) => {
      const cut = (plane: Plane): Plane => ({
        width: SIDE,
        height: rows,
        data: plane.data.slice(y0 * SIDE, (y0 + rows) * SIDE),
      });
      const mask = makeMaskPlane(SIDE, rows);
      mask.data.set(image.mask.data.subarray(y0 * SIDE, (y0 + rows) * SIDE));
      return { science: cut(image.science), variance: cut(image.variance), mask };
    },
  };
}

const NIGHTS: readonly Frame[] = Array.from({ length: 9 }, (_, k) => ({
  fwhmPx: [2.6, 3.1, 4.4][k % 3]!,
  fluxScale: [1, 0.8, 1.3][k % 3]!,
  noiseE: [30, 40, 25][Math.floor(k / 3)]!,
}));

const combine = (
  inputs: readonly CoaddInput[],
  method: CoaddMethod,
  config = DEFAULT_COADD,
): Promise<Coadd> => combineExposures(inputs, GRID, method, runner, config);

/** Pixels far from every star. */
function skyOf({ data }: Plane): Float32Array {
  return data.filter((_, k) =>
    STARS.every(({ x, y }) => Math.hypot((k % SIDE) - x, Math.floor(k / SIDE) - y) > 16),
  );
}

/** Sum in a circle. */
function apertureOf({ data }: Plane, { x, y }: Star): number {
  let sum = 0;
  for (let j = Math.floor(y) - 12; j <= y + 12; j++)
    for (let i = Math.floor(x) - 12; i <= x + 12; i++)
      if ((i - x) ** 2 + (j - y) ** 2 <= 121) sum += data[j * SIDE + i]!;
  return sum;
}

/** Scatter of point-source fluxes at empty places. */
function faintestFlux({ science, psf }: Coadd): number {
  const reach = psf!.width >> 1;
  const square = psf!.data.reduce((sum, value) => sum + value * value, 0);
  const fluxes: number[] = [];
  for (let y = 53; y < SIDE - 20; y += 50)
    for (let x = 20; x < SIDE - 20; x += 3) {
      let sum = 0;
      for (let j = -reach; j <= reach; j++)
        for (let i = -reach; i <= reach; i++)
          sum += psf!.data[(j + reach) * psf!.width + i + reach]! * science.data[(y + j) * SIDE + x + i]!;
      fluxes.push(sum / square);
    }
  return madStandardDeviation(Float32Array.from(fluxes));
}

describe('combineExposures', () => {
  test.each(['clipped', 'weighted', 'proper'] as const)(
    '%s: noise is as said, and falls as the root of the number',
    async (method) => {
      const frame = { fwhmPx: 3, fluxScale: 1, noiseE: 30 };
      for (const count of [3, 12]) {
        const coadd = await combine(
          Array.from({ length: count }, (_, k) => expose(frame, k + 1)),
          method,
        );
        const noise = madStandardDeviation(skyOf(coadd.science));
        expect(coadd.skyNoiseE).toBeCloseTo(30 / Math.sqrt(count), 3);
        // 40 000 pixels of sky: 0.5 %.
        expect(Math.abs(noise / coadd.skyNoiseE - 1)).toBeLessThan(0.02);
        expect(coadd.gain).toBeCloseTo(count, 6);
        expect(coadd.coverage.every((covered) => covered === count || method !== 'weighted')).toBe(true);
      }
    },
  );

  test.each(['clipped', 'weighted', 'proper'] as const)(
    '%s: fluxes of stars are right to 0.3 % under changing seeing and clouds',
    async (method) => {
      const biases: number[] = [];
      for (let seed = 0; seed < 2; seed++) {
        const coadd = await combine(
          NIGHTS.map((frame, k) => expose(frame, 100 * seed + k + 1)),
          method,
        );
        biases.push(...STARS.map((star) => apertureOf(coadd.science, star) / star.flux - 1));
      }
      const mean = biases.reduce((sum, value) => sum + value, 0) / biases.length;
      // One flux is uncertain by 0.3 to 1 %, the mean of fifty by 0.08 %.
      expect(Math.abs(mean)).toBeLessThan(0.003);
    },
  );

  test('what only one exposure shows is clipped, and stays in the weighted mean', async () => {
    const frame = { fwhmPx: 3, fluxScale: 1, noiseE: 30 };
    const asteroid = { x: 53, y: 128, flux: 8000 };
    const inputs = Array.from({ length: 7 }, (_, k) =>
      expose(frame, k + 1, ({ science }) => {
        if (k === 2) addStar(science, asteroid, 3);
        if (k === 4)
          for (let x = 0; x < SIDE; x++) addStar(science, { x, y: 100.4 + 0.02 * x, flux: 900 }, 3);
        if (k === 5) for (let m = 0; m < 40; m++) science.data[(5 + 6 * m) * SIDE + 52]! += 3000;
      }),
    );
    const clean = await combine(
      Array.from({ length: 7 }, (_, k) => expose(frame, k + 1)),
      'clipped',
    );
    const clipped = await combine(inputs, 'clipped');
    const weighted = await combine(inputs, 'weighted');
    const proper = await combine(inputs, 'proper');
    const excess = (coadd: Coadd): number =>
      apertureOf(coadd.science, asteroid) - apertureOf(clean.science, asteroid);
    expect(excess(weighted)).toBeGreaterThan(1000);
    // A pixel of seven exposures has 11 e- of noise, the aperture 220.
    expect(Math.abs(excess(clipped))).toBeLessThan(300);
    // Its noise is that of another filter.
    expect(Math.abs(excess(proper))).toBeLessThan(500);
    const worst = (coadd: Coadd): number =>
      coadd.science.data.reduce((most, value, k) => Math.max(most, value - clean.science.data[k]!), 0);
    expect(worst(weighted)).toBeGreaterThan(350);
    expect(worst(clipped)).toBeLessThan(45);
    expect(clipped.clipped[4]).toBeGreaterThan(700);
    expect(clipped.clipped[0]).toBeLessThan(40);
  });

  test('stars are not clipped though their seeing changes by a half', async () => {
    const coadd = await combine(
      NIGHTS.map((frame, k) => expose(frame, k + 1)),
      'clipped',
    );
    const total = coadd.clipped.reduce((sum, count) => sum + count, 0);
    // Chance alone clips 6e-5, and what leans the same way beside.
    expect(total / (9 * SIDE * SIDE)).toBeLessThan(5e-4);
  });

  test('of two exposures the lower pixel is believed where they disagree', async () => {
    const frame = { fwhmPx: 3, fluxScale: 1, noiseE: 30 };
    const hit = 53 * SIDE + 60;
    const coadd = await combine(
      [
        expose(frame, 1),
        expose(frame, 2, ({ science }) => {
          science.data[hit] = 5000;
        }),
      ],
      'clipped',
    );
    expect(coadd.coverage[hit]).toBe(1);
    expect(Math.abs(coadd.science.data[hit]!)).toBeLessThan(150);
  });

  test('a proper coadd sees fainter than a weighted mean when the seeing changes, and its noise is white', async () => {
    const frames = Array.from({ length: 10 }, (_, k) => ({
      fwhmPx: k < 5 ? 2.2 : 5,
      fluxScale: 1,
      noiseE: 30,
    }));
    const inputs = frames.map((frame, k) => expose(frame, k + 1));
    const [proper, weighted] = [await combine(inputs, 'proper'), await combine(inputs, 'weighted')];
    const gain = faintestFlux(weighted) / faintestFlux(proper);
    const depth = ({ psf, skyNoiseE }: Coadd): number =>
      Math.sqrt(psf!.data.reduce((sum, value) => sum + value * value, 0)) / skyNoiseE;
    // By theory, and as measured with three hundred fluxes, of which a hundred are independent.
    expect(depth(proper) / depth(weighted)).toBeGreaterThan(1.08);
    expect(gain).toBeGreaterThan(1.02);
    expect(Math.abs(gain / (depth(proper) / depth(weighted)) - 1)).toBeLessThan(0.15);
    const { data } = proper.science;
    let [product, square] = [0, 0];
    for (let y = 53; y < SIDE - 20; y += 50)
      for (let j = -6; j <= 6; j++)
        for (let x = 1; x < SIDE; x++) {
          product += data[(y + j) * SIDE + x]! * data[(y + j) * SIDE + x - 1]!;
          square += data[(y + j) * SIDE + x]! ** 2;
        }
    expect(Math.abs(product / square)).toBeLessThan(0.05);
  });

  test('fluxes do not jump where an exposure ends, and the coverage tells', async () => {
    const frame = { fwhmPx: 3, fluxScale: 1, noiseE: 30 };
    const half = ({ mask, science }: MaskedImage): void => {
      for (let k = 0; k < SIDE * SIDE; k++)
        if (k % SIDE < 128) {
          mask.data[k] = MaskBit.NO_DATA;
          science.data[k] = 0;
        }
    };
    const inputs = [1, 2, 3, 4, 5, 6].map((seed) =>
      expose({ ...frame, fluxScale: 0.7 }, seed, seed < 4 ? half : undefined),
    );
    for (const method of ['clipped', 'weighted', 'proper'] as const) {
      const coadd = await combine(inputs, method);
      const mean = (isLeft: boolean): number => {
        const some = STARS.filter(({ x }) => (isLeft ? x < 115 : x > 140));
        return some.reduce((sum, star) => sum + apertureOf(coadd.science, star) / star.flux, 0) / some.length;
      };
      expect(Math.abs(mean(true) - 1), method).toBeLessThan(0.006);
      expect(Math.abs(mean(false) - 1), method).toBeLessThan(0.006);
      expect(coadd.coverage[60 * SIDE + 60]).toBeLessThanOrEqual(3);
      expect(coadd.coverage[60 * SIDE + 200]).toBeGreaterThan(4);
    }
  });

  test('saturated cores stay marked where no exposure is better, and nothing is where there is no exposure', async () => {
    const frame = { fwhmPx: 3, fluxScale: 1, noiseE: 30 };
    const spoil = ({ mask }: MaskedImage): void => {
      mask.data[78 * SIDE + 78] = MaskBit.SAT;
      mask.data[90 * SIDE + 90] = MaskBit.NO_DATA;
      mask.data[100 * SIDE + 100] = MaskBit.SPIKE;
    };
    const coadd = await combine(
      [1, 2, 3].map((seed) => expose(frame, seed, spoil)),
      'clipped',
    );
    expect(coadd.mask.data[78 * SIDE + 78]).toBe(MaskBit.SAT);
    expect(coadd.mask.data[90 * SIDE + 90]).toBe(MaskBit.NO_DATA);
    expect(coadd.science.data[90 * SIDE + 90]).toBe(0);
    expect(coadd.mask.data[100 * SIDE + 100]).toBe(MaskBit.SPIKE);
    expect(coadd.coverage[100 * SIDE + 100]).toBe(3);
  });

  test.each(['weighted', 'clipped', 'proper'] as const)(
    '%s: a star that saturates in the sharp exposures only is saturated, not made of the blurred ones',
    async (method) => {
      const star = { x: 153, y: 153, flux: 1e6 };
      const inputs = NIGHTS.map((frame, k) =>
        expose(frame, k + 1, ({ science, mask }) => {
          addStar(science, { ...star, flux: star.flux * frame.fluxScale }, frame.fwhmPx);
          for (let k = 0; k < SIDE * SIDE; k++) if (science.data[k]! > 80_000) mask.data[k]! |= MaskBit.SAT;
        }),
      );
      const { science, mask, weights } = await combine(inputs, method);
      expect(mask.data[star.y * SIDE + star.x]! & MaskBit.SAT).not.toBe(0);
      // A proper coadd has another profile.
      if (method === 'proper') return;
      // What is not saturated has the profile of the other stars: the mean of all exposures' own.
      const whole = makePlane(SIDE, SIDE);
      for (const [k, { fwhmPx }] of NIGHTS.entries())
        addStar(whole, { ...star, flux: star.flux * weights[k]! }, fwhmPx);
      for (let at = 0; at < SIDE * SIDE; at++)
        if ((mask.data[at]! & MaskBit.SAT) === 0 && whole.data[at]! > 2000)
          // Seven sigma of the light and of the sky, and a thousandth.
          expect(Math.abs(science.data[at]! - whole.data[at]!)).toBeLessThan(
            7 * Math.hypot(Math.sqrt(whole.data[at]! / 9), 12) + 0.001 * whole.data[at]!,
          );
    },
  );

  test('gives the same pixels whatever the bands', async () => {
    const inputs = NIGHTS.slice(0, 4).map((frame, k) => expose(frame, k + 1));
    const whole = await combine(inputs, 'clipped');
    const banded = await combine(inputs, 'clipped', { ...DEFAULT_COADD, bandPixels: 4 * SIDE * 16 });
    expect(banded.science.data).toEqual(whole.science.data);
    expect(banded.variance.data).toEqual(whole.variance.data);
    expect(banded.clipped).toEqual(whole.clipped);
  });

  test.each([100, 64, 47])('a proper coadd does not depend on its tiles: %i px', async (tileSidePx) => {
    const inputs = NIGHTS.slice(0, 4).map((frame, k) => expose(frame, k + 1));
    const whole = await combine(inputs, 'proper');
    const tiled = await combine(inputs, 'proper', { ...DEFAULT_COADD, tileSidePx });
    const apart = whole.science.data.map((value, k) => Math.abs(value - tiled.science.data[k]!));
    const peak = whole.science.data.reduce((most, value) => Math.max(most, value), 0);
    // What rounds is the transform: of the noise everywhere, and of the brightest star beside it.
    expect(apart.sort()[apart.length >> 1]! / whole.skyNoiseE).toBeLessThan(3e-6);
    expect(apart[apart.length - 1]! / Math.max(peak, whole.skyNoiseE)).toBeLessThan(3e-6);
    expect(tiled.variance.data).toEqual(whole.variance.data);
    expect(tiled.psf).toEqual(whole.psf);
  });

  test('one exposure is refused, and a proper coadd without a point-spread function', async () => {
    const frame = { fwhmPx: 3, fluxScale: 1, noiseE: 30 };
    await expect(combine([expose(frame, 1)], 'clipped')).rejects.toMatchObject({
      code: 'preprocessing/too-few-exposures',
    });
    const blind = { ...expose(frame, 2), psf: undefined };
    await expect(combine([expose(frame, 1), blind], 'proper')).rejects.toMatchObject({
      code: 'preprocessing/no-psf',
    });
    expect((await combine([expose(frame, 1), blind], 'weighted')).psf).toBeUndefined();
  });
});
