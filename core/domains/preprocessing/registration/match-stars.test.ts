import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../../utils/index.ts';
import { makeTanWcs } from '../../observations/index.ts';
import type { Source } from '../model.ts';
import { DEFAULT_MATCH, matchStars } from './match-stars.ts';

const star = (xPx: number, yPx: number, fluxE: number): Source => ({
  xPx,
  yPx,
  fluxE,
  fluxErrE: Math.sqrt(fluxE),
  peakE: fluxE / 10,
  snr: Math.sqrt(fluxE),
  aPx: 1.5,
  bPx: 1.4,
  thetaRad: 0,
  fwhmPx: 3.4,
  halfLightRadiusPx: 1.7,
  kronRadius: 2.5,
  areaPx: 30,
  flags: 0,
  maskBits: 0,
});

/** A field's true stars, fluxes as in the sky: many faint, few bright. */
const sky = (random: Random, count: number, side: number): { x: number; y: number; flux: number }[] =>
  Array.from({ length: count }, () => ({
    x: random.uniform() * side,
    y: random.uniform() * side,
    flux: 300 * (1 - random.uniform()) ** (-1 / 0.7),
  }));

interface View {
  /** From sky to this image's pixels. */
  readonly map: (x: number, y: number) => readonly [number, number];
  readonly width: number;
  readonly height: number;
  readonly noisePx?: number;
  readonly magnitudeScatter?: number;
  readonly spurious?: number;
  readonly limit?: number;
}

/** What extraction would list of the sky in one image, with the index of the true star for the judge. */
function look(
  random: Random,
  stars: ReturnType<typeof sky>,
  view: View,
): { sources: Source[]; truth: number[] } {
  const found: { source: Source; index: number }[] = [];
  stars.forEach(({ x, y, flux }, index) => {
    const [u, v] = view.map(x, y);
    if (u < 0 || v < 0 || u > view.width - 1 || v > view.height - 1 || flux < (view.limit ?? 0)) return;
    const seen = flux * 10 ** (-0.4 * (view.magnitudeScatter ?? 0.1) * random.normal());
    const noise = view.noisePx ?? 0.1;
    found.push({ source: star(u + noise * random.normal(), v + noise * random.normal(), seen), index });
  });
  for (let k = 0; k < (view.spurious ?? 0); k++) {
    const flux = 300 * (1 - random.uniform()) ** (-1 / 0.7);
    found.push({
      source: star(random.uniform() * view.width, random.uniform() * view.height, flux),
      index: -1 - k,
    });
  }
  found.sort((a, b) => b.source.fluxE - a.source.fluxE);
  return { sources: found.map(({ source }) => source), truth: found.map(({ index }) => index) };
}

const similarity =
  (scale: number, angleDeg: number, isFlipped: boolean, dx: number, dy: number, xMid = 0, yMid = 0) =>
  (x: number, y: number): readonly [number, number] => {
    const angle = (angleDeg * Math.PI) / 180;
    const [p, q] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    const [a, b] = [x - xMid, (isFlipped ? -1 : 1) * (y - yMid)];
    return [p * a - q * b + dx, q * a + p * b + dy];
  };

/** Share of true pairs among those found. */
function judge(
  match: ReturnType<typeof matchStars>,
  science: { truth: number[] },
  template: { truth: number[] },
): { right: number; share: number; common: number } {
  const right = match.pairs.science.filter(
    (k, i) => science.truth[k] === template.truth[match.pairs.template[i]!],
  ).length;
  const common = science.truth.filter((index) => index >= 0 && template.truth.includes(index)).length;
  return { right, share: right / match.pairs.science.length, common };
}

const SIDE = 1024;
const identity = (x: number, y: number): readonly [number, number] => [x, y];

describe('matchStars', () => {
  test('finds any rotation, scale from half to double, and handedness', () => {
    for (let seed = 1; seed <= 24; seed++) {
      const random = createRandom(seed);
      const stars = sky(random, 400, SIDE);
      const scale = 0.5 * 4 ** random.uniform();
      const map = similarity(
        scale,
        360 * random.uniform(),
        seed % 2 === 0,
        500 * scale,
        500 * scale,
        512,
        512,
      );
      const science = look(random, stars, { map: identity, width: SIDE, height: SIDE, spurious: 40 });
      const template = look(random, stars, { map, width: SIDE * scale, height: SIDE * scale, spurious: 40 });
      const { share, right, common } = judge(
        matchStars(science.sources, template.sources),
        science,
        template,
      );
      expect(share, `seed ${seed}`).toBeGreaterThan(0.97);
      expect(right, `seed ${seed}`).toBeGreaterThan(0.9 * common);
    }
  });

  test('needs only thirty percent of the field in common', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = createRandom(seed);
      const stars = sky(random, 500, 2 * SIDE);
      const map = similarity(1, seed * 17, false, 512, 512, 512 + 0.7 * SIDE, 512);
      const science = look(random, stars, { map: identity, width: SIDE, height: SIDE, spurious: 30 });
      const template = look(random, stars, { map, width: SIDE, height: SIDE, spurious: 30 });
      const { share, right, common } = judge(
        matchStars(science.sources, template.sources),
        science,
        template,
      );
      expect(share, `seed ${seed}`).toBeGreaterThan(0.95);
      expect(right, `seed ${seed}`).toBeGreaterThan(0.9 * common);
    }
  });

  test('needs only eight common stars among as many others', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = createRandom(seed);
      const stars = sky(random, 8, SIDE);
      const map = similarity(1.1, seed * 40, seed % 2 === 1, 560, 560, 512, 512);
      const science = look(random, stars, { map: identity, width: SIDE, height: SIDE, spurious: 8 });
      const template = look(random, stars, { map, width: 1.6 * SIDE, height: 1.6 * SIDE, spurious: 8 });
      const { right, common } = judge(matchStars(science.sources, template.sources), science, template);
      expect(right, `seed ${seed}`).toBe(common);
    }
  });

  test('keeps its head in a crowded field seen to another depth', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const random = createRandom(seed);
      const stars = sky(random, 4000, SIDE);
      const map = similarity(1, 91, false, 520, 500, 512, 512);
      const science = look(random, stars, {
        map: identity,
        width: SIDE,
        height: SIDE,
        limit: 500,
        noisePx: 0.3,
      });
      const template = look(random, stars, {
        map,
        width: SIDE,
        height: SIDE,
        magnitudeScatter: 0.3,
        noisePx: 0.3,
      });
      const { share, right, common } = judge(
        matchStars(science.sources, template.sources),
        science,
        template,
      );
      expect(share, `seed ${seed}`).toBeGreaterThan(0.95);
      expect(right, `seed ${seed}`).toBeGreaterThan(0.9 * common);
    }
  });

  test('finds a small image inside a large one, either way round', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = createRandom(seed);
      const stars = sky(random, 6000, 4 * SIDE);
      const map = similarity(1, 30, false, 0, 0, 1500, 1000);
      const small = look(random, stars, { map, width: SIDE, height: SIDE });
      const large = look(random, stars, { map: identity, width: 4 * SIDE, height: 4 * SIDE });
      for (const [science, template] of [
        [small, large],
        [large, small],
      ] as const) {
        const { share } = judge(matchStars(science.sources, template.sources), science, template);
        expect(share, `seed ${seed}`).toBeGreaterThan(0.97);
      }
    }
  });

  test('follows a lens that distorts by ten pixels at the corners', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = createRandom(seed);
      const stars = sky(random, 600, SIDE);
      const bend = (x: number, y: number): readonly [number, number] => {
        const [a, b] = [x - 512, y - 512];
        const grow = 1 + (0.014 * (a * a + b * b)) / (2 * 512 * 512);
        return similarity(1, 200, false, 512, 512)(a * grow, b * grow);
      };
      const science = look(random, stars, { map: identity, width: SIDE, height: SIDE });
      const template = look(random, stars, { map: bend, width: SIDE, height: SIDE });
      const { share, right, common } = judge(
        matchStars(science.sources, template.sources),
        science,
        template,
      );
      expect(share, `seed ${seed}`).toBeGreaterThan(0.97);
      expect(right, `seed ${seed}`).toBeGreaterThan(0.95 * common);
    }
  });

  test('refuses unrelated fields, sparse and crowded, over fifty seeds', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = createRandom(seed);
      const count = seed % 25 === 0 ? 800 : [12, 20, 30][seed % 3]!;
      const science = look(random, sky(random, count, SIDE), { map: identity, width: SIDE, height: SIDE });
      const template = look(random, sky(random, count, SIDE), { map: identity, width: SIDE, height: SIDE });
      expect(() => matchStars(science.sources, template.sources), `seed ${seed}`).toThrowError(
        expect.objectContaining({ code: 'preprocessing/no-overlap' }),
      );
    }
  });

  test('refuses unrelated clusters, whose stars meet at their cores whatever the rotation', () => {
    for (let seed = 1; seed <= 2; seed++) {
      const random = createRandom(seed);
      const cluster = () =>
        sky(random, 500, 1).map(({ flux }) => ({
          x: 512 + 90 * random.normal(),
          y: 512 + 90 * random.normal(),
          flux,
        }));
      const science = look(random, cluster(), { map: identity, width: SIDE, height: SIDE });
      const template = look(random, cluster(), { map: identity, width: SIDE, height: SIDE });
      expect(() => matchStars(science.sources, template.sources), `seed ${seed}`).toThrowError(
        expect.objectContaining({ code: 'preprocessing/no-overlap' }),
      );
    }
  });

  test('says how many stars are missing when there are too few', () => {
    const sources = [star(1, 2, 100), star(30, 40, 90)];
    expect(() => matchStars(sources, sources)).toThrowError(
      expect.objectContaining({
        code: 'preprocessing/too-few-stars',
        details: { science: 2, template: 2, needed: DEFAULT_MATCH.minStars },
      }),
    );
  });

  test('gives the same answer for the same lists', () => {
    const random = createRandom(5);
    const stars = sky(random, 300, SIDE);
    const science = look(random, stars, { map: identity, width: SIDE, height: SIDE });
    const template = look(random, stars, {
      map: similarity(1, 45, false, 700, 0),
      width: SIDE,
      height: SIDE,
    });
    expect(matchStars(science.sources, template.sources)).toEqual(
      matchStars(science.sources, template.sources),
    );
  });
});

describe('matchStars with a guess', () => {
  const wcsAt = (xPx: number, yPx: number, positionAngleDeg = 0) =>
    makeTanWcs({ raDeg: 100, decDeg: -30, xPx, yPx, pixelScaleArcsec: 0.4, positionAngleDeg });

  test('bears out coordinates that are off by up to three hundred pixels', () => {
    for (const error of [0, 3, 40, 250]) {
      const random = createRandom(error + 1);
      const stars = sky(random, 500, SIDE);
      const science = look(random, stars, { map: identity, width: SIDE, height: SIDE, spurious: 50 });
      const template = look(random, stars, { map: (x, y) => [x + 20, y - 30], width: SIDE, height: SIDE });
      const guess = { kind: 'wcs', science: wcsAt(500, 500), template: wcsAt(520 + error, 470) } as const;
      const match = matchStars(science.sources, template.sources, DEFAULT_MATCH, guess);
      const { share } = judge(match, science, template);
      expect(match.method).toBe('guess');
      expect(share).toBeGreaterThan(0.97);
    }
  });

  test('turns to the figures of stars when the coordinates are wrong', () => {
    const random = createRandom(8);
    const stars = sky(random, 500, SIDE);
    const science = look(random, stars, { map: identity, width: SIDE, height: SIDE });
    const template = look(random, stars, {
      map: similarity(1, 90, false, 512, 512, 512, 512),
      width: SIDE,
      height: SIDE,
    });
    const guess = { kind: 'wcs', science: wcsAt(500, 500), template: wcsAt(500, 500) } as const;
    const match = matchStars(science.sources, template.sources, DEFAULT_MATCH, guess);
    expect(match.method).not.toBe('guess');
    expect(judge(match, science, template).share).toBeGreaterThan(0.97);
  });

  test('refuses unrelated fields whatever their coordinates say, over fifty seeds', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = createRandom(1000 + seed);
      const count = seed % 25 === 0 ? 500 : [15, 30][seed % 2]!;
      const science = look(random, sky(random, count, SIDE), { map: identity, width: SIDE, height: SIDE });
      const template = look(random, sky(random, count, SIDE), { map: identity, width: SIDE, height: SIDE });
      const guess = { kind: 'wcs', science: wcsAt(500, 500), template: wcsAt(500, 500) } as const;
      // No scale fits: this is about the guess.
      const config = { ...DEFAULT_MATCH, scaleRange: [9, 9] as const };
      expect(() => matchStars(science.sources, template.sources, config, guess), `seed ${seed}`).toThrowError(
        expect.objectContaining({ code: 'preprocessing/no-overlap' }),
      );
    }
  });
});
