import { describe, expect, test } from 'vitest';
import { makeMaskPlane, makePlane, type Plane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { extractSources } from './extract-sources.ts';
import { DEFAULT_EXTRACTION } from './extraction-config.ts';
import { findStruckStars } from './find-struck-stars.ts';
import { measureStarShape } from './measure-star-shape.ts';
import { DEFAULT_STARS, measureSeeing } from './select-stars.ts';

const SIZE = 320;
const STEP = 40;
const RMS = 10;

interface Star {
  readonly x: number;
  readonly y: number;
  readonly peak: number;
}

/** Stars of all brightnesses on a grid, each somewhere in its pixel. */
function drawStars(seed: number): readonly Star[] {
  const random = createRandom(seed);
  const stars: Star[] = [];
  for (let y = STEP / 2; y < SIZE; y += STEP) {
    for (let x = STEP / 2; x < SIZE; x += STEP) {
      const peak = 300 * 100 ** random.uniform();
      stars.push({ x: x + random.uniform() - 0.5, y: y + random.uniform() - 0.5, peak });
    }
  }
  return stars;
}

/** What a star of peak 1 shows at an offset: a Moffat of beta 3, longer along x, over the pixel's square. */
function profile(dx: number, dy: number, fwhm: number, stretch: number): number {
  const alpha = fwhm / (2 * Math.sqrt(2 ** (1 / 3) - 1));
  let sum = 0;
  for (let j = -2; j <= 2; j++) {
    for (let i = -2; i <= 2; i++)
      sum += (1 + (((dx + i / 5) / stretch) ** 2 + (dy + j / 5) ** 2) / alpha ** 2) ** -3;
  }
  return sum / 25;
}

/** Stars with the noise of their photons; their widths change over the image by a tenth. */
function drawSky(stars: readonly Star[], fwhm: number, stretch = 1): Plane {
  const random = createRandom(17);
  const light = new Float64Array(SIZE * SIZE);
  for (const { x, y, peak } of stars) {
    const own = fwhm * (0.95 + (0.1 * x) / SIZE);
    for (let py = Math.max(0, Math.round(y) - 19); py <= Math.min(SIZE - 1, Math.round(y) + 19); py++) {
      for (let px = Math.max(0, Math.round(x) - 19); px <= Math.min(SIZE - 1, Math.round(x) + 19); px++)
        light[py * SIZE + px]! += peak * profile(px - x, py - y, own, stretch);
    }
  }
  const plane = makePlane(SIZE, SIZE);
  light.forEach((value, at) => {
    plane.data[at] = value + Math.sqrt(RMS * RMS + value) * random.normal();
  });
  return plane;
}

function search(science: Plane): ReturnType<typeof findStruckStars> {
  const mask = makeMaskPlane(SIZE, SIZE);
  const hits = new Uint8Array(SIZE * SIZE);
  const sources = extractSources(
    { image: science, rms: RMS },
    { ...DEFAULT_EXTRACTION, deblendLevels: 1, cleanBeta: 0 },
  );
  const shape = measureStarShape(science, RMS, mask, hits, sources, measureSeeing(sources)!, DEFAULT_STARS)!;
  return findStruckStars(science, RMS, mask, hits, sources, shape);
}

const pixelOf = (x: number, y: number): number => Math.round(y) * SIZE + Math.round(x);

describe('cosmic rays on top of stars', () => {
  test.each([
    { fwhm: 1.5, stretch: 1 },
    { fwhm: 2, stretch: 1 },
    { fwhm: 3.2, stretch: 1 },
    { fwhm: 3.2, stretch: 1.8 },
    { fwhm: 6, stretch: 1 },
  ])(
    'no pixel of stars of FWHM $fwhm px, $stretch times as long as wide, is taken for one',
    ({ fwhm, stretch }) => {
      const stars = drawStars(5);
      // Every other one has a companion, from within its core to beside it.
      const pairs = stars.filter((_star, n) => n % 3 === 0);
      const companions = pairs.map(({ x, y, peak }, n) => ({
        x: x + fwhm * stretch * (0.6 + 0.1 * n),
        y: y + 0.4 * fwhm,
        peak: peak * (0.1 + 0.08 * (n % 11)),
      }));
      expect(search(drawSky([...stars, ...companions], fwhm, stretch))).toEqual([]);
    },
  );

  test.each([
    { fwhm: 2.2, sigmas: 40 },
    { fwhm: 3.2, sigmas: 15 },
    { fwhm: 5, sigmas: 15 },
  ])(
    'hits of $sigmas sigma on stars of FWHM $fwhm px are found, and what is beneath them',
    ({ fwhm, sigmas }) => {
      const stars = drawStars(9);
      const science = drawSky(stars, fwhm);
      const clean = science.data.slice();
      const struck = new Set<number>();
      stars.forEach(({ x, y }, n) => {
        if (n % 2 !== 0) return;
        // In the middle, beside it, on the flank; every third one goes on into a second pixel.
        const at = pixelOf(x + (n % 3) * 0.5 * fwhm, y - (n % 5) * 0.25 * fwhm);
        for (const pixel of n % 6 === 0 ? [at, at + SIZE] : [at]) {
          science.data[pixel]! += sigmas * Math.sqrt(RMS * RMS + clean[pixel]!);
          struck.add(pixel);
        }
      });
      const found = search(science);
      const right = found.filter(({ at }) => struck.has(at));
      expect(right.length / struck.size).toBeGreaterThan(0.9);
      // A pixel beside a hit may be taken with it, none elsewhere.
      expect(found.length - right.length).toBeLessThanOrEqual(0.1 * struck.size);
      for (const { at, lightE } of right) {
        const noise = Math.sqrt(RMS * RMS + Math.max(0, clean[at]!));
        // The model knows a pixel as well as its photons do, or to 3 %.
        expect(Math.abs(lightE - clean[at]!)).toBeLessThan(6 * noise + 0.03 * clean[at]!);
      }
    },
  );
});
