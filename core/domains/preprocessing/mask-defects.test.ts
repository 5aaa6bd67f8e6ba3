import { describe, expect, test } from 'vitest';
import { scoreSpikes } from '../../../tests/quality/score-spikes.ts';
import { type MaskPlane, makeMaskPlane, makePlane, type Plane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { MaskBit } from '../observations/index.ts';
import { cleanCosmicRays } from './clean-cosmic-rays.ts';
import { extractSources } from './extract-sources.ts';
import { DEFAULT_EXTRACTION } from './extraction-config.ts';
import { markBadPixels } from './find-bad-pixels.ts';
import { maskBleeding } from './mask-saturation.ts';
import { maskSpikes } from './mask-spikes.ts';
import { maskStreaks } from './mask-streaks.ts';
import { spareStars } from './spare-stars.ts';

const SIZE = 256;

function noise(rms: number, seed = 3): Plane {
  const random = createRandom(seed);
  const plane = makePlane(SIZE, SIZE);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = rms * random.normal();
  return plane;
}

/** A Moffat star of beta 3, integrated over pixels by 5 x 5 samples. */
function addStar(plane: Plane, x: number, y: number, flux: number, fwhm: number, reach = 12): void {
  const alpha = fwhm / (2 * Math.sqrt(2 ** (1 / 3) - 1));
  const norm = (flux * 2) / (Math.PI * alpha * alpha) / 25;
  for (let py = Math.max(0, Math.round(y) - reach); py <= Math.min(SIZE - 1, Math.round(y) + reach); py++) {
    for (let px = Math.max(0, Math.round(x) - reach); px <= Math.min(SIZE - 1, Math.round(x) + reach); px++) {
      let sum = 0;
      for (let j = -2; j <= 2; j++) {
        for (let i = -2; i <= 2; i++) {
          const r2 = (px + i / 5 - x) ** 2 + (py + j / 5 - y) ** 2;
          sum += (1 + r2 / (alpha * alpha)) ** -3;
        }
      }
      plane.data[py * SIZE + px]! += norm * sum;
    }
  }
}

function count(mask: MaskPlane, bit: number): number {
  return mask.data.reduce((sum, bits) => sum + ((bits & bit) === 0 ? 0 : 1), 0);
}

const roughSources = (science: Plane, rms: number) =>
  extractSources({ image: science, rms }, { ...DEFAULT_EXTRACTION, deblendLevels: 1, cleanBeta: 0 });

describe('trails', () => {
  test('a satellite is masked from border to border and stars beside it are not', () => {
    const science = noise(10);
    addStar(science, 60, 200, 40_000, 4);
    addStar(science, 130, 80, 20_000, 4);
    const slope = 0.4;
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const across = (y - 100 - slope * x) / Math.hypot(1, slope);
        science.data[y * SIZE + x]! += 60 * Math.exp(-(across ** 2) / (2 * 1.7 ** 2));
      }
    }
    const mask = makeMaskPlane(SIZE, SIZE);
    const streaks = maskStreaks(science, 10, mask, roughSources(science, 10), 4);
    expect(streaks).toHaveLength(1);
    for (let x = 5; x < SIZE - 5; x += 10) {
      expect(mask.data[Math.round(100 + slope * x) * SIZE + x]! & MaskBit.STREAK).not.toBe(0);
    }
    expect(mask.data[200 * SIZE + 60]).toBe(0);
    expect(mask.data[80 * SIZE + 130]).toBe(0);
    expect(count(mask, MaskBit.STREAK) / mask.data.length).toBeLessThan(0.08);
  });

  test('a galaxy seen edge-on is no trail', () => {
    const science = noise(10);
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const [u, v] = [(x - 128) * 0.8 + (y - 128) * 0.6, (y - 128) * 0.8 - (x - 128) * 0.6];
        science.data[y * SIZE + x]! += 1500 * Math.exp(-Math.abs(u) / 9 - v ** 2 / (2 * 1.8 ** 2));
      }
    }
    const mask = makeMaskPlane(SIZE, SIZE);
    expect(maskStreaks(science, 10, mask, roughSources(science, 10), 4)).toEqual([]);
    expect(count(mask, MaskBit.STREAK)).toBe(0);
  });

  test('stars in a row are no trail', () => {
    const science = noise(10);
    for (let i = 0; i < 14; i++) addStar(science, 40 + 13 * i, 120.4, 8_000, 4);
    expect(maskStreaks(science, 10, makeMaskPlane(SIZE, SIZE), roughSources(science, 10), 4)).toEqual([]);
  });
});

describe('saturation', () => {
  test('charge that bled along a column is followed to its end, the star across it is not', () => {
    const science = noise(10);
    addStar(science, 100, 120, 8_000_000, 4, 40);
    const mask = makeMaskPlane(SIZE, SIZE);
    for (let y = 70; y < 190; y++)
      science.data[y * SIZE + 100]! = Math.max(science.data[y * SIZE + 100]!, 9_000);
    for (let i = 0; i < science.data.length; i++) {
      if (science.data[i]! > 40_000) mask.data[i] = MaskBit.SAT;
    }
    maskBleeding(science, 10, mask);
    for (let y = 75; y < 185; y += 5) expect(mask.data[y * SIZE + 100]! & MaskBit.SAT).not.toBe(0);
    expect(mask.data[120 * SIZE + 112]).toBe(0);
    expect(mask.data[200 * SIZE + 100]).toBe(0);
  });

  test('four spikes of a saturated star are masked, a star without any keeps its surroundings', () => {
    for (const hasSpikes of [true, false]) {
      const science = noise(10);
      addStar(science, 128, 128, 10_000_000, 4, 60);
      if (hasSpikes) {
        for (let r = 5; r < 60; r++) {
          for (const [dx, dy] of [
            [r, 0],
            [-r, 0],
            [0, r],
            [0, -r],
          ] as const) {
            science.data[(128 + dy) * SIZE + 128 + dx]! += 8_000 / r;
          }
        }
      }
      const mask = makeMaskPlane(SIZE, SIZE);
      for (let i = 0; i < science.data.length; i++) if (science.data[i]! > 50_000) mask.data[i] = MaskBit.SAT;
      const pairs = maskSpikes(science, 10, mask);
      expect(pairs).toBe(hasSpikes ? 2 : 0);
      expect((mask.data[128 * SIZE + 150]! & MaskBit.SPIKE) !== 0).toBe(hasSpikes);
      expect(mask.data[150 * SIZE + 150]).toBe(0);
    }
  });
});

describe('diffraction spikes', () => {
  test.each([
    { difficulty: 'survey', arms: 4, seed: 42 },
    { difficulty: 'hard', arms: 6, seed: 41 },
  ] as const)(
    '$arms spikes of simulated stars are masked on a $difficulty field',
    ({ difficulty, arms, seed }) => {
      const spikes = { lightFraction: 0.02, arms, halfLengthPx: 15 };
      // Many bright stars: their spikes cross, start under bled charge and come from beyond the edges.
      const score = scoreSpikes(difficulty, seed, 500, spikes, {
        starCountSlope: 0.1,
        starsPerMegapixel: 200,
      });
      expect(score.bright).toBeGreaterThan(500);
      expect(score.brightMasked / score.bright).toBeGreaterThan(0.8);
      expect(score.falselyMasked / score.clean).toBeLessThan(0.004);
    },
  );

  test('a field without vanes, and one crowded with stars, keep their pixels', () => {
    for (const starsPerMegapixel of [1600, 8000]) {
      const score = scoreSpikes('hard', 41, 400, undefined, { starsPerMegapixel });
      expect(score.falselyMasked).toBe(0);
    }
  });
});

describe('the detector', () => {
  test('bad stretches of columns and rows and cold pixels are marked, stars and gradients are not', () => {
    const science = noise(10);
    for (let i = 0; i < 25; i++)
      addStar(science, 20 + 45 * (i % 5), 25 + 45 * Math.floor(i / 5), 50_000, 2.2);
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) science.data[y * SIZE + x]! += 0.5 * x - 0.3 * y;
    const clean = makeMaskPlane(SIZE, SIZE);
    expect(markBadPixels(science, 10, clean)).toBe(0);
    for (let y = 60; y < 256; y++) science.data[y * SIZE + 180]! -= 60;
    for (let x = 0; x < 130; x++) science.data[230 * SIZE + x]! += 70;
    science.data[100 * SIZE + 50]! -= 400;
    const mask = makeMaskPlane(SIZE, SIZE);
    markBadPixels(science, 10, mask);
    expect(mask.data[150 * SIZE + 180]).toBe(MaskBit.BAD);
    expect(mask.data[100 * SIZE + 180]).toBe(MaskBit.BAD);
    expect(mask.data[20 * SIZE + 180]).toBe(0);
    expect(mask.data[230 * SIZE + 40]).toBe(MaskBit.BAD);
    expect(mask.data[230 * SIZE + 190]).toBe(0);
    expect(mask.data[100 * SIZE + 50]).toBe(MaskBit.BAD);
    expect(count(mask, MaskBit.BAD)).toBeLessThan(450);
  });
});

describe('cosmic rays', () => {
  const SKY = 300;
  const READ_NOISE = 5;

  function expose(fwhm: number): { science: Plane; image: Plane; stars: number[][]; tracks: number[][] } {
    const random = createRandom(8);
    const image = makePlane(SIZE, SIZE);
    image.data.fill(SKY);
    const stars: number[][] = [];
    for (let i = 0; i < 100; i++) {
      const [x, y] = [
        12 + 24 * (i % 10) + 3 * random.uniform(),
        12 + 24 * Math.floor(i / 10) + 3 * random.uniform(),
      ];
      const flux = 10 ** (3.5 + 2 * random.uniform());
      addStar(image, x, y, flux, fwhm, 10);
      stars.push([x, y]);
    }
    for (let i = 0; i < image.data.length; i++) {
      image.data[i] = random.poisson(image.data[i]!) + READ_NOISE * random.normal();
    }
    const tracks: number[][] = [];
    for (let i = 0; i < 60; i++) {
      const [x, y, angle] = [
        22 + 210 * random.uniform(),
        22 + 210 * random.uniform(),
        6.28 * random.uniform(),
      ];
      const charge = 250 + 1500 * random.uniform();
      const track = new Set<number>();
      for (let t = 0; t <= 8 * random.uniform() ** 2; t += 0.7) {
        track.add(Math.round(y + t * Math.sin(angle)) * SIZE + Math.round(x + t * Math.cos(angle)));
      }
      for (const at of track) image.data[at]! += charge;
      tracks.push([...track]);
    }
    const science = makePlane(SIZE, SIZE);
    for (let i = 0; i < science.data.length; i++) science.data[i] = image.data[i]! - SKY;
    return { science, image, stars, tracks };
  }

  test.each([1.2, 1.5, 2, 3, 5])('at a FWHM of %d px hits are found and stars are left whole', (fwhm) => {
    const { science, image, stars, tracks } = expose(fwhm);
    const { hits } = cleanCosmicRays({ image, readNoiseE: READ_NOISE });
    // What the image shows is the PSF with the pixel in it.
    spareStars(science, Math.sqrt(SKY + READ_NOISE ** 2), hits, Math.hypot(fwhm, 2.3548 / Math.sqrt(12)));
    const struck = new Set(tracks.flat());
    const eaten = stars.filter(([x, y]) => {
      const at = Math.round(y!) * SIZE + Math.round(x!);
      return hits[at] !== 0 && !struck.has(at);
    });
    expect(eaten.length).toBeLessThanOrEqual(2);
    // On a star's own light a hit has no contrast.
    const onSky = tracks.filter((track) =>
      track.every((at) =>
        stars.every(([x, y]) => Math.hypot((at % SIZE) - x!, Math.floor(at / SIZE) - y!) > 1.5 * fwhm + 2),
      ),
    );
    const found = onSky.filter((track) => track.some((at) => hits[at] !== 0));
    expect(onSky.length).toBeGreaterThan(20);
    expect(found.length / onSky.length).toBeGreaterThanOrEqual(0.95);
  });

  test('looking again only around new hits changes nothing', () => {
    const { image } = expose(2.5);
    const once = cleanCosmicRays({ image, readNoiseE: READ_NOISE });
    // A second call searches the whole cleaned image: it must find nothing that the later rounds missed.
    const again = cleanCosmicRays({ image: once.image, readNoiseE: READ_NOISE });
    const missed = again.hits.reduce((sum, hit, i) => sum + (hit !== 0 && once.hits[i] === 0 ? 1 : 0), 0);
    expect(once.rounds).toBeGreaterThan(1);
    expect(missed).toBeLessThanOrEqual(2);
  });

  test('hits are replaced by what is around them', () => {
    const { image } = expose(4);
    const { hits, image: cleaned } = cleanCosmicRays({ image, readNoiseE: READ_NOISE });
    let worst = 0;
    for (let i = 0; i < hits.length; i++) if (hits[i] !== 0) worst = Math.max(worst, cleaned.data[i]!);
    expect(hits.includes(1)).toBe(true);
    expect(worst).toBeLessThan(SKY * 6);
  });
});
