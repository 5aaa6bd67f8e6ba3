import { describe, expect, it } from 'vitest';
import { drawScene, listSources, type SceneStar, scatterStars } from '../../../tests/golden/zogy-scene.ts';
import { createInlineRunner } from '../../utils/index.ts';
import { MaskBit, type MaskedImage, UNUSABLE } from '../observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../preprocessing/index.ts';
import { DEFAULT_DIFFERENCING_CONFIG } from './config.ts';
import { differenceImages } from './difference-images.ts';
import type { Difference } from './model.ts';
import { restoreFlux } from './restore-flux.ts';

const SIDE = 288;
const SCIENCE = { fwhmPx: 3.2, beta: 3, sigma: 30 };
const TEMPLATE = { fwhmPx: 2.5, beta: 3, sigma: 22 };
/** Template electrons for one science electron. */
const THROUGHPUT = 2;
const TRANSIENT: SceneStar = { x: 200.3, y: 150.7, flux: 9000 };

function spread(count: number, seed: number): SceneStar[] {
  // Stars keep clear of the transient, so that its flux can be compared.
  return scatterStars(count, SIDE, SIDE, 1200, seed).filter(
    (star) => Math.hypot(star.x - TRANSIENT.x, star.y - TRANSIENT.y) > 25,
  );
}

function asExposure(
  image: MaskedImage,
  stars: readonly SceneStar[],
  fwhmPx: number,
  sigma: number,
): CalibratedExposure {
  return {
    ...image,
    name: 'science.fits',
    header: [],
    facts: { gainEPerAdu: 1, readNoiseE: 5, notes: [] },
    backgroundE: 0,
    backgroundRmsE: sigma,
    fwhmPx,
    sources: listSources(stars, fwhmPx, sigma),
    metrics: {},
    notes: [],
  };
}

function asTemplate(
  image: MaskedImage,
  stars: readonly SceneStar[],
  fwhmPx: number,
  sigma: number,
): RegisteredTemplate {
  return {
    ...image,
    registration: {
      method: 'stars',
      matched: 50,
      rmsPx: 0.04,
      sigmaXPx: 0.03,
      sigmaYPx: 0.03,
      offsetXPx: 0,
      offsetYPx: 0,
      overlap: 1,
      map: { kind: 'affine', plane: { x: [0, 1, 0], y: [0, 0, 1] } },
      notes: [],
    } as unknown as RegisteredTemplate['registration'],
    noiseCorrelationFactor: 1,
    backgroundRmsE: sigma,
    fwhmPx,
    sources: listSources(stars, fwhmPx, sigma, THROUGHPUT),
    notes: [],
  };
}

interface Options {
  readonly seed?: number;
  /** Stars beside those that are spread. */
  readonly more?: readonly SceneStar[];
  /** Noise of the template, e-. */
  readonly sigma?: number;
  readonly stars?: number;
  readonly shift?: readonly [number, number];
  readonly change?: (science: MaskedImage, template: MaskedImage) => void;
}

async function subtract({
  seed = 1,
  stars: count = 150,
  shift = [0, 0],
  more = [],
  sigma = TEMPLATE.sigma,
  change,
}: Options = {}) {
  const stars = [...spread(count, seed), ...more];
  const science = drawScene(SIDE, SIDE, {
    ...SCIENCE,
    throughput: 1,
    stars: [...stars, TRANSIENT],
    seed: seed + 100,
  });
  const template = drawScene(SIDE, SIDE, {
    ...TEMPLATE,
    sigma,
    throughput: THROUGHPUT,
    stars,
    shift,
    seed: seed + 200,
  });
  change?.(science, template);
  const difference = await differenceImages(
    asExposure(science, stars, SCIENCE.fwhmPx, SCIENCE.sigma),
    asTemplate(
      template,
      stars.map((star) => ({ ...star, x: star.x + shift[0], y: star.y + shift[1] })),
      TEMPLATE.fwhmPx,
      sigma,
    ),
    DEFAULT_DIFFERENCING_CONFIG,
    createInlineRunner(),
  );
  return { difference, stars };
}

/** Local maxima of |score| beyond five sigma on usable pixels, but not at the transient. */
function falsePeaks({ score, mask }: Difference): number {
  const { width, height, data } = score;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const k = y * width + x;
      const value = Math.abs(data[k]);
      if (value < 5 || (mask.data[k] & UNUSABLE) !== 0) continue;
      if (Math.hypot(x - TRANSIENT.x, y - TRANSIENT.y) < 8) continue;
      const isPeak = [-1, 1, -width, width].every((step) => Math.abs(data[k + step]) <= value);
      if (isPeak) count++;
    }
  }
  return count;
}

function atTransient({ score, flux, fluxErr }: Difference) {
  const k = Math.round(TRANSIENT.y) * score.width + Math.round(TRANSIENT.x);
  return { score: score.data[k], flux: flux.data[k], fluxErr: fluxErr.data[k] };
}

describe('differenceImages', () => {
  it('finds a new source with its flux, and nothing else', async () => {
    const { difference } = await subtract();
    const { score, flux, fluxErr } = atTransient(difference);
    expect(score).toBeGreaterThan(20);
    // The pixel grid costs up to 4 % of a peak's flux; three sigma of noise beside.
    expect(Math.abs(flux - TRANSIENT.flux)).toBeLessThan(0.05 * TRANSIENT.flux + 3 * fluxErr);
    expect(falsePeaks(difference)).toBe(0);
    expect(difference.grade).toBe('green');
    expect(difference.gradeReasons).toEqual([]);
    // They are not kept.
    expect(restoreFlux({ ...difference, flux: undefined }).flux).toEqual(difference.flux);
  });

  it('tells by its numbers that all is well', async () => {
    const { difference } = await subtract({ seed: 2 });
    const { metrics } = difference;
    expect(Math.abs(metrics.fluxRatio * THROUGHPUT - 1)).toBeLessThan(0.01);
    expect(metrics.scorrMadStd).toBeGreaterThan(0.95);
    expect(metrics.scorrMadStd).toBeLessThan(1.05);
    expect(Math.abs(metrics.scorrMedian)).toBeLessThan(0.1);
    expect(metrics.whiteness).toBeLessThan(0.02);
    expect(metrics.starsTested).toBeGreaterThan(20);
    expect(metrics.kernelStarsBeyond5Sigma).toBe(0);
    expect(metrics.modelError).toBeLessThan(0.02);
    const light = difference.psf.coefficients[0].reduce((sum, value) => sum + value, 0);
    // A star of one electron, but for its halo.
    expect(light).toBeGreaterThan(0.99);
    expect(light).toBeLessThan(1);
  });

  it('takes a shift of a third of a pixel in its stride', async () => {
    const { difference } = await subtract({ seed: 3, shift: [0.3, -0.2] });
    expect(falsePeaks(difference)).toBe(0);
    expect(atTransient(difference).score).toBeGreaterThan(20);
  });

  it.each([
    ['deeper', 8],
    ['as deep', 60],
    ['shallower', 240],
  ])('has unit scatter with a template that is %s, and finds what that lets be seen', async (_, sigma) => {
    const { difference } = await subtract({ seed: 6, sigma });
    expect(Math.abs(difference.metrics.scorrMadStd - 1)).toBeLessThan(0.06);
    expect(falsePeaks(difference)).toBe(0);
    const { score, flux, fluxErr } = atTransient(difference);
    expect(Math.abs(flux - TRANSIENT.flux) / fluxErr).toBeLessThan(4);
    // A matched filter on white noise and the source's own counts; the noise of a sharper template weighs less.
    const alone = drawScene(SIDE, SIDE, {
      ...SCIENCE,
      sigma: 0,
      throughput: 1,
      stars: [TRANSIENT],
      seed: 1,
      sourceNoise: false,
    });
    const variance = SCIENCE.sigma ** 2 + (sigma / THROUGHPUT) ** 2;
    const best = Math.sqrt(
      alone.science.data.reduce((sum, light) => sum + light ** 2 / (variance + Math.max(0, light)), 0),
    );
    expect(score).toBeGreaterThan(0.8 * best);
    expect(score).toBeLessThan(1.45 * best);
  });

  it('subtracts a background that one image has and the other has not', async () => {
    const { difference } = await subtract({
      seed: 4,
      change: (science) => {
        for (let k = 0; k < science.science.data.length; k++) {
          science.science.data[k] += 3 + (4 * (k % SIDE)) / SIDE;
        }
      },
    });
    expect(Math.abs(difference.metrics.scorrMedian)).toBeLessThan(0.1);
    expect(difference.metrics.backgroundRemovedE).toBeGreaterThan(3);
    expect(falsePeaks(difference)).toBe(0);
  });

  it('whitens noise that was smeared before it came here', async () => {
    const { difference } = await subtract({
      seed: 5,
      change: (science, template) => {
        smear(science);
        smear(template);
      },
    });
    expect(difference.metrics.whiteness).toBeLessThan(0.03);
    expect(difference.metrics.scorrMadStd).toBeGreaterThan(0.9);
    expect(difference.metrics.scorrMadStd).toBeLessThan(1.1);
    expect(falsePeaks(difference)).toBe(0);
  });

  it('keeps a spoiled pixel from reaching beyond its neighbours', async () => {
    const { difference } = await subtract({
      seed: 6,
      change: (science, template) => {
        for (const [x, y] of [
          [60, 60],
          [300, 90],
          [90, 310],
        ]) {
          science.science.data[y * SIDE + x] = 5e5;
          science.mask.data[y * SIDE + x] = MaskBit.CR;
          template.science.data[(y + 30) * SIDE + x] = -4e5;
          template.mask.data[(y + 30) * SIDE + x] = MaskBit.BAD;
        }
      },
    });
    expect(falsePeaks(difference)).toBe(0);
    expect(difference.mask.data[60 * SIDE + 60] & MaskBit.CR).not.toBe(0);
    expect(difference.mask.data[90 * SIDE + 60] & MaskBit.BAD).not.toBe(0);
  });

  it('rebuilds stars whose cores are full, and masks them', async () => {
    const star = { x: 120.4, y: 250.2, flux: 1.5e6 };
    const full = 60_000;
    const { difference } = await subtract({
      seed: 7,
      change: (science, template) => {
        addStar(science, star, SCIENCE, 1, full);
        addStar(template, star, TEMPLATE, THROUGHPUT, full);
      },
    });
    expect(difference.mask.data[250 * SIDE + 120] & MaskBit.SAT).not.toBe(0);
    expect(falsePeaks(difference)).toBe(0);
    const far = Math.round(star.y) * SIDE + Math.round(star.x) + 40;
    expect(Math.abs(difference.score.data[far])).toBeLessThan(5);
  });

  it('knows nothing where the template shows no sky, and is quiet beside it', async () => {
    const { difference } = await subtract({
      seed: 8,
      change: (_, template) => {
        for (let y = 0; y < SIDE; y++) {
          for (let x = 0; x < 60; x++) {
            template.science.data[y * SIDE + x] = 0;
            template.mask.data[y * SIDE + x] = MaskBit.NO_DATA;
          }
        }
      },
    });
    expect(difference.score.data[200 * SIDE + 30]).toBe(0);
    expect(difference.mask.data[200 * SIDE + 30] & MaskBit.NO_DATA).not.toBe(0);
    expect(difference.mask.data[200 * SIDE + 61] & MaskBit.EDGE).not.toBe(0);
    expect(falsePeaks(difference)).toBe(0);
  });

  it.each(['zogy', 'auto'] as const)(
    'falls back from a red grade of %s, keeps the best there is and says what was tried',
    async (method) => {
      const stars = spread(60, 9);
      const science = asExposure(
        drawScene(SIDE, SIDE, { ...SCIENCE, throughput: 1, stars, seed: 1 }),
        stars,
        3.2,
        30,
      );
      const template = asTemplate(
        drawScene(SIDE, SIDE, { ...TEMPLATE, throughput: THROUGHPUT, stars, seed: 2 }),
        stars,
        2.5,
        22,
      );
      // Nine times the true variance: no engine's score has the scatter it should have.
      for (const image of [science, template]) {
        for (let k = 0; k < image.variance.data.length; k++) image.variance.data[k] *= 9;
      }
      const config = {
        ...DEFAULT_DIFFERENCING_CONFIG,
        method,
        kernel: { ...DEFAULT_DIFFERENCING_CONFIG.kernel, minStamps: 500 },
      };
      const difference = await differenceImages(science, template, config, createInlineRunner());
      expect(difference.method).toBe('zogy');
      expect(difference.grade).toBe('red');
      const tried = difference.gradeReasons.join(' ');
      expect(tried).not.toContain('zogy was');
      expect(tried).toMatch(/delta-basis could not be used: Only \d+ of/);
      expect(tried).toMatch(/alard-lupton could not be used: Only \d+ of/);
    },
  );

  it('refuses what it cannot do in words that help', async () => {
    const stars = spread(60, 9);
    const science = asExposure(
      drawScene(SIDE, SIDE, { ...SCIENCE, throughput: 1, stars, seed: 1 }),
      stars,
      3.2,
      30,
    );
    const template = asTemplate(
      drawScene(SIDE, SIDE, { ...TEMPLATE, throughput: 2, stars, seed: 2 }),
      stars,
      2.5,
      22,
    );
    const small = asTemplate(
      drawScene(128, 128, { ...TEMPLATE, throughput: 2, stars: [], seed: 3 }),
      [],
      2.5,
      22,
    );
    const runner = createInlineRunner();
    const config = DEFAULT_DIFFERENCING_CONFIG;
    await expect(differenceImages(science, small, config, runner)).rejects.toMatchObject({
      code: 'differencing/shape-mismatch',
      message: expect.stringContaining('128 x 128'),
    });
    await expect(
      differenceImages(
        science,
        template,
        { ...config, method: 'alard-lupton', kernel: { ...config.kernel, minStamps: 500 } },
        runner,
      ),
    ).rejects.toMatchObject({
      code: 'differencing/too-few-stamps',
      message: expect.stringContaining('zogy'),
    });
    await expect(
      differenceImages({ ...science, sources: [] }, template, config, runner),
    ).rejects.toMatchObject({
      code: 'differencing/too-few-psf-stars',
      message: expect.stringContaining('science.fits'),
    });
    const elsewhere = { ...template, sources: [], ...flip(template) };
    await expect(
      differenceImages(science, { ...elsewhere, sources: mirrorSources(template) }, config, runner),
    ).rejects.toMatchObject({ code: 'differencing/no-common-stars' });
  });
});

/** Average each pixel with its right neighbour, as a bad resampling would; the variance says what a pixel now has. */
function smear(image: MaskedImage): void {
  const { width, data } = image.science;
  for (let k = 0; k < data.length; k++) {
    if (k % width === width - 1) continue;
    data[k] = 0.7 * data[k] + 0.3 * data[k + 1];
    image.variance.data[k] *= 0.7 ** 2 + 0.3 ** 2;
  }
}

function addStar(
  image: MaskedImage,
  star: SceneStar,
  camera: { readonly fwhmPx: number; readonly beta: number },
  throughput: number,
  full: number,
): void {
  const light = drawScene(SIDE, SIDE, {
    ...camera,
    sigma: 0,
    throughput,
    stars: [star],
    seed: 1,
    sourceNoise: false,
  });
  for (let k = 0; k < light.science.data.length; k++) {
    image.science.data[k] += light.science.data[k];
    image.variance.data[k] += light.science.data[k];
    if (image.science.data[k] > full) {
      image.science.data[k] = full;
      image.mask.data[k] |= MaskBit.SAT;
    }
  }
}

function mirrorSources(template: RegisteredTemplate) {
  return template.sources.map((source) => ({ ...source, xPx: SIDE - 1 - source.xPx }));
}

/** The template's pixels mirrored left to right: another field of the same kind. */
function flip({ science, variance, mask }: RegisteredTemplate) {
  const turn = (data: Float32Array) => {
    const turned = data.slice();
    for (let k = 0; k < data.length; k++) turned[k] = data[k - (k % SIDE) + SIDE - 1 - (k % SIDE)];
    return turned;
  };
  return {
    science: { ...science, data: turn(science.data) },
    variance: { ...variance, data: turn(variance.data) },
    mask,
  };
}
