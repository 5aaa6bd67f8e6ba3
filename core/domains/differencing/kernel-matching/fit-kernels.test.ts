import { describe, expect, it } from 'vitest';
import {
  drawScene,
  type SceneStar,
  scatterStars,
  trueMatch,
  truePsf,
} from '../../../../tests/golden/zogy-scene.ts';
import { makePlane } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';
import { fitAlardLupton } from '../alard-lupton/fit-alard-lupton.ts';
import { DEFAULT_KERNEL_CONFIG, type KernelConfig } from '../config.ts';
import { fitDeltaBasis } from '../delta-basis/fit-delta-basis.ts';
import type { MeasuredStar } from '../model.ts';
import { convolveTile } from './convolve-tile.ts';
import type { FitKernelInput } from './cut-stamps.ts';
import { evaluateKernel, type MatchingKernel } from './matching-kernel.ts';

const SIDE = 384;
const SHARP = { fwhmPx: 2.4, beta: 3, sigma: 5 };
const BROAD = { fwhmPx: 3.2, beta: 3, sigma: 8 };
/** Template electrons for one science electron. */
const THROUGHPUT = 2;
const STARS = scatterStars(160, SIDE, SIDE, 3000, 4);
const SEEN = STARS.filter((star) => star.flux > 6000);

function asMeasured(stars: readonly SceneStar[]): MeasuredStar[] {
  return stars.map(({ x, y, flux }) => ({
    xPx: x,
    yPx: y,
    fluxE: flux,
    fluxErrE: Math.sqrt(flux),
    positionErrPx: 0.01,
    isClean: true,
  }));
}

function makeInput(
  change: Partial<FitKernelInput> & { readonly kernel?: Partial<KernelConfig> } = {},
): FitKernelInput {
  const { kernel, ...rest } = change;
  return {
    name: 'science.fits',
    science: drawScene(SIDE, SIDE, { ...BROAD, throughput: 1, stars: STARS, seed: 1 }),
    template: drawScene(SIDE, SIDE, { ...SHARP, throughput: THROUGHPUT, stars: STARS, seed: 2 }),
    match: trueMatch(1 / THROUGHPUT),
    stars: asMeasured(SEEN),
    plan: { convolved: 'template', matchSigmaPx: 0.9, broadFwhmPx: 3.2, stampHalfPx: 10 },
    config: { ...DEFAULT_KERNEL_CONFIG, ...kernel },
    ...rest,
  };
}

/** Rms of kernel * sharp profile - broad profile, as a fraction of the broad profile's. */
function mismatch(kernel: MatchingKernel): number {
  const sharp = truePsf(SHARP.fwhmPx, SHARP.beta, SIDE, SIDE);
  const broad = truePsf(BROAD.fwhmPx, BROAD.beta, SIDE, SIDE);
  const side = 64;
  const place = (psf: typeof sharp) => {
    const plane = makePlane(side, side);
    const half = (psf.size - 1) / 2;
    for (let k = 0; k < psf.coefficients[0].length; k++) {
      const y = 32 - half + Math.floor(k / psf.size);
      plane.data[y * side + 32 - half + (k % psf.size)] = psf.coefficients[0][k];
    }
    return plane;
  };
  const moved = makePlane(side, side);
  convolveTile(
    place(sharp),
    { ...kernel, background: [0], backgroundDegree: 0 },
    SIDE / 2 - 32,
    SIDE / 2 - 32,
    moved,
  );
  const goal = place(broad);
  let power = 0;
  let error = 0;
  for (let k = 0; k < goal.data.length; k++) {
    power += goal.data[k] ** 2;
    error += (moved.data[k] - goal.data[k]) ** 2;
  }
  return Math.sqrt(error / power);
}

describe.each([
  ['Gaussians', fitAlardLupton],
  ['free pixels', fitDeltaBasis],
])('a kernel of %s', (_, fitKernel) => {
  it('turns the sharper profile into the broader one', () => {
    const { kernel, metrics } = fitKernel(makeInput());
    // Noise of fifty stars of S/N 50 to 500.
    expect(mismatch(kernel)).toBeLessThan(0.02);
    expect(Math.abs(metrics.sum - 1)).toBeLessThan(0.01);
    expect(metrics.largestGain).toBeLessThan(1.1);
    expect(metrics.conditionNumber).toBeGreaterThan(10);
    expect(metrics.conditionNumber).toBeLessThan(1e10);
    expect(metrics.stampsUsed).toBeGreaterThan(20);
    // Squares of noise alone, by the variances of both images: the convolved one's noise is smoothed.
    expect(metrics.misfit).toBeGreaterThan(0.4);
    expect(metrics.misfit).toBeLessThan(1.2);
  });

  it('throws out stars that vary or moved', () => {
    const odd = SEEN.filter((_, k) => k % 12 === 5);
    const changed = STARS.map((star) => (odd.includes(star) ? { ...star, flux: 1.5 * star.flux } : star));
    const science = drawScene(SIDE, SIDE, { ...BROAD, throughput: 1, stars: changed, seed: 1 });
    const { kernel, metrics } = fitKernel(makeInput({ science }));
    expect(metrics.stampsRejected).toBeGreaterThanOrEqual(odd.length - 2);
    expect(metrics.stampsRejected).toBeLessThanOrEqual(2 * odd.length);
    expect(mismatch(kernel)).toBeLessThan(0.025);
    expect(Math.abs(metrics.sum - 1)).toBeLessThan(0.01);
  });

  it('absorbs a shift and a wrong flux ratio', () => {
    const template = drawScene(SIDE, SIDE, {
      ...SHARP,
      throughput: THROUGHPUT,
      stars: STARS,
      shift: [0.3, -0.2],
      seed: 2,
    });
    const { kernel, metrics } = fitKernel(makeInput({ template, match: trueMatch(1.03 / THROUGHPUT) }));
    const middle = evaluateKernel(kernel, SIDE / 2, SIDE / 2);
    const half = (kernel.size - 1) / 2;
    let x = 0;
    let y = 0;
    for (let k = 0; k < middle.data.length; k++) {
      x += middle.data[k] * ((k % kernel.size) - half);
      y += middle.data[k] * (Math.floor(k / kernel.size) - half);
    }
    expect(Math.abs(metrics.sum - 1 / 1.03)).toBeLessThan(0.01);
    expect(Math.abs(x / metrics.sum + 0.3)).toBeLessThan(0.05);
    expect(Math.abs(y / metrics.sum - 0.2)).toBeLessThan(0.05);
  });

  it('never sees a masked pixel', () => {
    const clean = makeInput();
    const spoil = (value: number): FitKernelInput => {
      const science = drawScene(SIDE, SIDE, { ...BROAD, throughput: 1, stars: STARS, seed: 1 });
      for (const star of SEEN) {
        const k = Math.round(star.y + 9) * SIDE + Math.round(star.x + 6);
        science.science.data[k] = value;
        science.mask.data[k] |= MaskBit.BAD;
      }
      return { ...clean, science };
    };
    const [first, second] = [spoil(0), spoil(1e8)].map((input) => fitKernel(input));
    expect(second.metrics.stampsUsed).toBeGreaterThan(20);
    expect(second.kernel).toEqual(first.kernel);
    expect(mismatch(second.kernel)).toBeLessThan(0.02);
  });

  it('says so where too few stars tell it', () => {
    expect(() => fitKernel(makeInput({ stars: asMeasured(SEEN.slice(0, 2)) }))).toThrowError(
      expect.objectContaining({
        code: 'differencing/too-few-stamps',
        message: expect.stringContaining('zogy'),
      }),
    );
  });
});

describe('a kernel that varies', () => {
  it('is applied in a tile as in the whole image', () => {
    const { kernel } = fitAlardLupton(makeInput({ kernel: { degree: 1, backgroundDegree: 1 } }));
    expect(kernel.terms).toHaveLength(3);
    const { science } = drawScene(SIDE, SIDE, { ...SHARP, throughput: 1, stars: STARS, seed: 3 });
    const whole = makePlane(SIDE, SIDE);
    convolveTile(science, kernel, 0, 0, whole);
    const [left, bottom, side] = [64, 128, 160];
    const cut = makePlane(side, side);
    for (let y = 0; y < side; y++) {
      const from = (bottom + y) * SIDE + left;
      cut.data.set(science.data.subarray(from, from + side), y * side);
    }
    const part = makePlane(side, side);
    convolveTile(cut, kernel, left, bottom, part);
    const brightest = whole.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const half = (kernel.size - 1) / 2;
    let worst = 0;
    for (let y = half; y < side - half; y++) {
      for (let x = half; x < side - half; x++) {
        worst = Math.max(
          worst,
          Math.abs(part.data[y * side + x] - whole.data[(bottom + y) * SIDE + left + x]),
        );
      }
    }
    // Single precision.
    expect(worst / brightest).toBeLessThan(1e-6);
  });

  it('follows a profile that changes over the image', () => {
    // The right half of the science image is a night of worse seeing.
    const near = drawScene(SIDE, SIDE, { ...BROAD, throughput: 1, stars: STARS, seed: 1 });
    const far = drawScene(SIDE, SIDE, { ...BROAD, fwhmPx: 3.5, throughput: 1, stars: STARS, seed: 1 });
    const science = { ...near, science: makePlane(SIDE, SIDE) };
    for (let k = 0; k < SIDE * SIDE; k++) {
      const share = (k % SIDE) / (SIDE - 1);
      science.science.data[k] = (1 - share) * near.science.data[k] + share * far.science.data[k];
    }
    const fits = [0, 1].map((degree) => fitAlardLupton(makeInput({ science, kernel: { degree } })));
    expect(fits[1].metrics.misfit).toBeLessThan(0.9 * fits[0].metrics.misfit);
    const [left, right] = [20, SIDE - 20].map((x) => evaluateKernel(fits[1].kernel, x, SIDE / 2).data);
    expect(Math.max(...right)).toBeLessThan(Math.max(...left));
  });
});
