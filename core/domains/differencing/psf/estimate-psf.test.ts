import { describe, expect, it } from 'vitest';
import {
  drawScene,
  listSources,
  type SceneStar,
  scatterStars,
  truePsf,
} from '../../../../tests/golden/zogy-scene.ts';
import { createRandom } from '../../../utils/index.ts';
import { MaskBit, readExposureFacts, simulateField } from '../../observations/index.ts';
import { preprocessExposure } from '../../preprocessing/index.ts';
import { DEFAULT_PSF_CONFIG } from '../config.ts';
import type { SpatialPsf } from '../model.ts';
import { measureCentroid } from './centre-psf.ts';
import { estimatePsf, measurePsf } from './estimate-psf.ts';
import { evaluatePsf } from './evaluate-psf.ts';
import { haloLight } from './halo.ts';

const SKY = 30;

function gridOfStars(side: number, step: number, flux: (k: number) => number): SceneStar[] {
  const random = createRandom(9);
  const stars: SceneStar[] = [];
  for (let y = step / 2; y < side; y += step) {
    for (let x = step / 2; x < side; x += step) {
      stars.push({ x: x + random.uniform(), y: y + random.uniform(), flux: flux(stars.length) });
    }
  }
  return stars;
}

/** Largest difference of two profiles in their common stamp, as a fraction of the peak. */
function worstDifference(measured: SpatialPsf, truth: SpatialPsf, x: number, y: number): number {
  const a = evaluatePsf(measured, x, y);
  const b = evaluatePsf(truth, x, y);
  const half = Math.min(a.width, b.width) >> 1;
  let worst = 0;
  for (let v = -half; v <= half; v++) {
    for (let u = -half; u <= half; u++) {
      const p = a.data[((a.width >> 1) + v) * a.width + (a.width >> 1) + u];
      const q = b.data[((b.width >> 1) + v) * b.width + (b.width >> 1) + u];
      worst = Math.max(worst, Math.abs(p - q));
    }
  }
  return worst / b.data[(b.data.length - 1) / 2];
}

describe('estimatePsf', () => {
  it('finds the profile of isolated stars to a percent of its peak', () => {
    const stars = gridOfStars(320, 40, (k) => 8000 * 1.07 ** k);
    const image = drawScene(320, 320, { fwhmPx: 3, beta: 3, sigma: SKY, throughput: 1, stars, seed: 1 });
    const psf = estimatePsf(image, listSources(stars, 3, SKY));
    expect(worstDifference(psf, truePsf(3, 3, 320, 320), 160, 160)).toBeLessThan(0.01);
    expect(Math.abs(psf.fwhmPx / 3 - 1)).toBeLessThan(0.03);
    expect(psf.heldOutChi2).toBeGreaterThan(0.85);
    expect(psf.heldOutChi2).toBeLessThan(1.3);
    expect(psf.mismatch).toBeLessThan(0.01);
  });

  it('holds one electron with its halo and has its centroid within 0.02 px of its middle, anywhere', () => {
    const stars = gridOfStars(320, 40, () => 60_000);
    const image = drawScene(320, 320, { fwhmPx: 2.6, beta: 3, sigma: SKY, throughput: 1, stars, seed: 2 });
    const psf = estimatePsf(image, listSources(stars, 2.6, SKY));
    for (const [x, y] of [
      [0, 0],
      [160, 160],
      [319, 40],
    ]) {
      const stamp = evaluatePsf(psf, x, y);
      const inside = stamp.data.reduce((sum, value) => sum + value, 0);
      expect(inside + haloLight(psf.halo!, 10 * psf.fwhmPx)).toBeCloseTo(1, 4);
      // Beyond the cut lies what a Moffat of beta 3 has beyond 3.75 FWHM.
      expect(1 - inside).toBeGreaterThan(0.002);
      expect(1 - inside).toBeLessThan(0.008);
      const [cx, cy] = measureCentroid(stamp.data, stamp.width, psf.fwhmPx);
      expect(Math.hypot(cx, cy)).toBeLessThan(0.02);
    }
  });

  it('keeps its shape in a field where every star has neighbours', () => {
    const stars = scatterStars(500, 256, 256, 1500, 5);
    const image = drawScene(256, 256, { fwhmPx: 4, beta: 3, sigma: SKY, throughput: 1, stars, seed: 3 });
    const psf = estimatePsf(image, listSources(stars, 4, SKY));
    expect(worstDifference(psf, truePsf(4, 3, 256, 256), 128, 128)).toBeLessThan(0.04);
    expect(Math.abs(psf.fwhmPx / 4 - 1)).toBeLessThan(0.04);
  });

  it('does not take galaxies for stars', () => {
    const stars = gridOfStars(320, 64, () => 50_000);
    const galaxies = gridOfStars(320, 40, (k) => 20_000 + 1500 * k).map((star) => ({
      ...star,
      x: star.x + 13,
      y: star.y + 9,
    }));
    const image = drawScene(320, 320, { fwhmPx: 3, beta: 3, sigma: SKY, throughput: 1, stars, seed: 4 });
    const others = drawScene(320, 320, {
      fwhmPx: 5,
      beta: 3,
      sigma: 0,
      throughput: 1,
      stars: galaxies,
      seed: 5,
      sourceNoise: false,
    });
    for (let k = 0; k < image.science.data.length; k++) {
      image.science.data[k] += others.science.data[k];
      image.variance.data[k] += others.science.data[k];
    }
    const random = createRandom(1);
    const sources = [
      ...listSources(stars, 3, SKY),
      ...listSources(galaxies, 5, SKY).map((galaxy) => {
        const stretch = 0.85 + 0.4 * random.uniform();
        return { ...galaxy, halfLightRadiusPx: galaxy.halfLightRadiusPx * stretch };
      }),
    ];
    const psf = estimatePsf(image, sources);
    expect(Math.abs(psf.fwhmPx / 3 - 1)).toBeLessThan(0.04);
  });

  it('follows a profile that widens across the field', () => {
    const side = 320;
    const stars = gridOfStars(side, 40, () => 60_000);
    const image = drawScene(side, side, {
      fwhmPx: 3,
      beta: 3,
      sigma: SKY,
      throughput: 1,
      stars: [],
      seed: 6,
    });
    for (const star of stars) {
      const fwhmPx = 3 + (0.4 * star.x) / side;
      const one = drawScene(64, 64, {
        fwhmPx,
        beta: 3,
        sigma: 0,
        throughput: 1,
        stars: [
          { x: 32 + star.x - Math.round(star.x), y: 32 + star.y - Math.round(star.y), flux: star.flux },
        ],
        seed: 1,
        sourceNoise: false,
      });
      for (let j = 0; j < 64; j++) {
        for (let i = 0; i < 64; i++) {
          const x = Math.round(star.x) + i - 32;
          const y = Math.round(star.y) + j - 32;
          if (x >= 0 && y >= 0 && x < side && y < side)
            image.science.data[y * side + x] += one.science.data[j * 64 + i];
        }
      }
    }
    const psf = estimatePsf(image, listSources(stars, 3.2, SKY));
    expect(psf.degree).toBeGreaterThan(0);
    expect(worstDifference(psf, truePsf(3 + 0.4 * 0.1, 3, side, side), 0.1 * side, 160)).toBeLessThan(0.02);
    expect(worstDifference(psf, truePsf(3 + 0.4 * 0.9, 3, side, side), 0.9 * side, 160)).toBeLessThan(0.02);
  });

  it('falls back to a Moffat where three stars are all there is', () => {
    const stars = [
      { x: 40.3, y: 50.8, flux: 20_000 },
      { x: 90.1, y: 30.5, flux: 12_000 },
      { x: 70.6, y: 95.2, flux: 9000 },
    ];
    const image = drawScene(128, 128, { fwhmPx: 3.5, beta: 3, sigma: SKY, throughput: 1, stars, seed: 7 });
    const psf = estimatePsf(image, listSources(stars, 3.5, SKY));
    expect(psf.method).toBe('moffat');
    expect(psf.starsUsed).toBe(3);
    expect(Math.abs(psf.fwhmPx / 3.5 - 1)).toBeLessThan(0.05);
  });

  it('leaves saturated stars out', () => {
    const stars = gridOfStars(256, 40, () => 60_000);
    const image = drawScene(256, 256, { fwhmPx: 3, beta: 3, sigma: SKY, throughput: 1, stars, seed: 8 });
    const sources = listSources(stars, 3, SKY).map((source, k) =>
      k < 10 ? { ...source, flags: 4, maskBits: MaskBit.SAT } : source,
    );
    for (const source of sources.slice(0, 10)) {
      const k = Math.round(source.yPx) * 256 + Math.round(source.xPx);
      image.mask.data[k] = MaskBit.SAT;
      image.science.data[k] = 1000;
    }
    const psf = estimatePsf(image, sources);
    expect(psf.starsUsed).toBeLessThanOrEqual(sources.length - 10);
    expect(worstDifference(psf, truePsf(3, 3, 256, 256), 128, 128)).toBeLessThan(0.01);
  });

  it.each([
    { stars: 3, seed: 507 },
    { stars: 10, seed: 503 },
    { stars: 20, seed: 503 },
  ])('does not take galaxies for stars where nearly all $stars of these are saturated', ({ stars, seed }) => {
    const { header, pixels } = simulateField({
      ...{ sizePx: 768, seed, transients: 0, stars },
      // As many bright stars as faint ones.
      recipe: { galaxiesPerMegapixel: 10, starCountSlope: 0.02 },
    }).science;
    const facts = readExposureFacts(header, pixels);
    const image = preprocessExposure({ name: 'few stars', pixels, header, facts });
    const psf = estimatePsf(image, image.sources);
    // 3.2 px with the pixel's own width; a galaxy or two of S/N 10 among them are two per cent.
    expect(Math.abs(psf.fwhmPx / 3.27 - 1)).toBeLessThan(0.03);
  });

  it('says how many stars it found when it found none', () => {
    const image = drawScene(64, 64, { fwhmPx: 3, beta: 3, sigma: SKY, throughput: 1, stars: [], seed: 9 });
    expect(() => estimatePsf(image, [], DEFAULT_PSF_CONFIG, 'night-7.fits')).toThrowError(
      expect.objectContaining({
        code: 'differencing/too-few-psf-stars',
        message: expect.stringContaining('night-7.fits'),
        details: expect.objectContaining({ found: 0, detected: 0 }),
      }),
    );
  });
});

describe('measurePsf', () => {
  it('measures fluxes without bias and with true errors', () => {
    const stars = gridOfStars(400, 40, (k) => 6000 * 1.035 ** k);
    const image = drawScene(400, 400, { fwhmPx: 3, beta: 3, sigma: SKY, throughput: 1, stars, seed: 10 });
    const { stars: measured } = measurePsf(image, listSources(stars, 3, SKY), DEFAULT_PSF_CONFIG, 'x');
    expect(measured.length).toBeGreaterThan(80);
    const errors = measured.map((star) => {
      const truth = stars.reduce((best, other) =>
        Math.hypot(other.x - star.xPx, other.y - star.yPx) < Math.hypot(best.x - star.xPx, best.y - star.yPx)
          ? other
          : best,
      );
      return { relative: star.fluxE / truth.flux - 1, sigma: star.fluxErrE / star.fluxE };
    });
    const weight = errors.reduce((sum, { sigma }) => sum + sigma ** -2, 0);
    const bias = errors.reduce((sum, { relative, sigma }) => sum + relative * sigma ** -2, 0) / weight;
    // What lies beyond the profile's cut counts too; single stars are known to a percent or two.
    expect(Math.abs(bias)).toBeLessThan(0.003);
    const rms = Math.sqrt(
      errors.reduce((sum, { relative, sigma }) => sum + ((relative - bias) / sigma) ** 2, 0) / errors.length,
    );
    expect(rms).toBeGreaterThan(0.8);
    expect(rms).toBeLessThan(1.25);
  });

  it("counts the light beyond the profile's cut: stars with strong wings are not a percent too faint", () => {
    const stars = gridOfStars(600, 100, () => 400_000);
    const wide = { fwhmPx: 3, beta: 2.5, reachFwhm: 10 };
    const image = drawScene(600, 600, { ...wide, sigma: SKY, throughput: 1, stars, seed: 12 });
    const { stars: measured, psf } = measurePsf(image, listSources(stars, 3, SKY), DEFAULT_PSF_CONFIG, 'x');
    const inside = evaluatePsf(psf, 300, 300).data.reduce((sum, value) => sum + value, 0);
    // (1 + (r / alpha)^2)^(1 - beta): of this profile 1 % lies beyond four FWHM.
    expect(1 - inside).toBeGreaterThan(0.006);
    const light = measured.reduce((sum, { fluxE }) => sum + fluxE, 0) / measured.length;
    // 36 stars of S/N 590 each: 0.03 %; the wings beyond ten FWHM, 0.07 %, are nobody's.
    expect(measured).toHaveLength(36);
    expect(Math.abs(light / 400_000 - 1)).toBeLessThan(0.003);
  });
});
