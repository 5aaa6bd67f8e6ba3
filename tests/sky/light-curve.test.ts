import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readExposure } from '../../core/adapters/imaging/index.ts';
import { DEFAULT_FORCED_FLUX_CONFIG } from '../../core/domains/differencing/index.ts';
import {
  type Exposure,
  parseWcs,
  pixelToSky,
  psfComponentsAt,
  readExposureFacts,
  renderSource,
  type SimulatedImage,
  simulateField,
} from '../../core/domains/observations/index.ts';
import {
  DEFAULT_LINE_CONFIG,
  type MeasuredPoint,
  measureLightCurves,
  type StagePorts,
} from '../../core/pipeline/index.ts';
import { AstridError, createInlineRunner, createRandom } from '../../core/utils/index.ts';
import { rankCorrelation } from '../support/rank-correlation.ts';

type Read = StagePorts['readExposure'];

function makePorts(read: Read): StagePorts {
  return {
    tasks: createInlineRunner(),
    readExposure: read,
    fingerprint: async () => undefined,
    modelVersion: 'none',
    scoreThreshold: 1,
    score: async () => {
      throw new Error('a light curve needs no score');
    },
  };
}

const REQUEST = {
  templatePath: 'template',
  method: 'difference',
  photometry: DEFAULT_FORCED_FLUX_CONFIG,
  isRecentred: false,
  hasInjectedLimits: false,
  allowBandMismatch: false,
} as const;

describe('a light curve of a simulated field', () => {
  const field = simulateField({
    sizePx: 400,
    seed: 31,
    transients: 0,
    difficulty: 'survey',
    recipe: { cosmicRaysPerMegapixel: 0, starsPerMegapixel: 1200 },
  });
  // Between the stars, so that it is nothing in the template.
  const place = findEmptyPlace();
  const fluxes = new Map([
    ['night-1', 6000],
    ['night-2', 15_000],
    ['night-3', 0],
  ]);

  const brightest = field.sources
    .filter((star) => Math.hypot(star.xPx - 200, star.yPx - 200) < 120)
    .sort((a, b) => b.fluxE - a.fluxE)[0]!;

  function findEmptyPlace() {
    const random = createRandom(5);
    for (;;) {
      const at = { xPx: 100 + 200 * random.uniform(), yPx: 100 + 200 * random.uniform() };
      const isEmpty = field.sources.every((star) => Math.hypot(star.xPx - at.xPx, star.yPx - at.yPx) > 14);
      if (isEmpty) return at;
    }
  }

  /** Where the simulator says that the place is in the template's own pixels. */
  function placeInTemplate() {
    const distance = (star: (typeof field.sources)[number]): number =>
      Math.hypot(star.xPx - place.xPx, star.yPx - place.yPx);
    const [near] = field.sources.toSorted((a, b) => distance(a) - distance(b));
    return {
      xTemplatePx: place.xPx + near!.xTemplatePx - near!.xPx,
      yTemplatePx: place.yPx + near!.yTemplatePx - near!.yPx,
    };
  }

  function expose({ pixels, header }: SimulatedImage, name: string): Exposure {
    return { name, pixels, header, facts: readExposureFacts(header, pixels), wcs: parseWcs(header) };
  }

  /** The science image with a star of some flux more, of one night. */
  function observe(name: string, fluxE: number): Exposure {
    const { pixels, header } = field.science;
    const { gainEPerAdu } = expose(field.science, name).facts;
    const star = { ...pixels, data: new Float32Array(pixels.data.length) };
    renderSource(
      star,
      place.xPx,
      place.yPx,
      fluxE,
      psfComponentsAt(field.sciencePsf, place.xPx, place.yPx),
      1e-3,
    );
    const random = createRandom(name.charCodeAt(6));
    const data = pixels.data.map((adu, k) => {
      const light = star.data[k]!;
      return light > 0 ? adu + Math.round((light + Math.sqrt(light) * random.normal()) / gainEPerAdu) : adu;
    });
    const day = `2026-03-2${name.at(-1)}T04:05:06.000`;
    const dated = header.map((card) => (card.keyword === 'DATE-OBS' ? { ...card, value: day } : card));
    return expose({ pixels: { ...pixels, data }, header: dated }, name);
  }

  const read: Read = async (path) => {
    if (path === 'template') return { exposure: expose(field.template, path), sha256: '' };
    const fluxE = fluxes.get(path);
    if (fluxE === undefined) throw new AstridError('observations/not-found', `${path} does not exist.`);
    return { exposure: observe(path, fluxE), sha256: '' };
  };
  test('gives what was put in on the scale of the template, in order of time, and a bad epoch as a point', async () => {
    const failures: string[] = [];
    let templateReads = 0;
    const counted: Read = async (path, signal) => {
      if (path === 'template') templateReads++;
      return read(path, signal);
    };
    const { xTemplatePx, yTemplatePx } = placeInTemplate();
    const [curve] = await measureLightCurves(
      {
        ...REQUEST,
        sciencePaths: ['night-3', 'night-9', 'night-2', 'night-1'],
        positions: [{ kind: 'pixel', name: 'new star', xPx: xTemplatePx, yPx: yTemplatePx }],
      },
      {
        ports: makePorts(counted),
        config: DEFAULT_LINE_CONFIG,
        onFailure: (path) => failures.push(path),
      },
    );
    expect(failures).toEqual(['night-9']);
    expect(templateReads).toBe(1);
    expect(curve!.points.map(({ path }) => path)).toEqual(['night-1', 'night-2', 'night-3', 'night-9']);
    expect(curve!.points.at(-1)).toMatchObject({
      kind: 'failed',
      error: { code: 'observations/not-found' },
    });
    const points = curve!.points.slice(0, 3) as MeasuredPoint[];
    for (const point of points) {
      const expected = fluxes.get(point.path)! / field.fluxRatio;
      expect(Math.abs(point.changeE - expected)).toBeLessThan(3.5 * point.changeErrE + 0.01 * expected);
      // Nothing lies here in the template: its own flux is noise, and the direct flux is the change.
      expect(Math.abs(point.directE - expected)).toBeLessThan(3.5 * point.directErrE + 0.02 * expected);
      expect(point.fluxE).toBeCloseTo(curve!.templateFluxE! + point.changeE, 3);
      expect(Math.abs(point.xPx - place.xPx)).toBeLessThan(0.2);
      expect(Math.abs(point.yPx - place.yPx)).toBeLessThan(0.2);
      expect(point.limit5E).toBeCloseTo(5 * point.changeErrE, 6);
      expect(point.quality.overlap).toBeGreaterThan(0.8);
    }
    expect(Math.abs(curve!.templateFluxE!)).toBeLessThan(5 * curve!.templateFluxErrE!);
  });

  test('moves a place that is a little off to the mean of its detections, and limits it by injections', async () => {
    const { xTemplatePx, yTemplatePx } = placeInTemplate();
    const [curve] = await measureLightCurves(
      {
        ...REQUEST,
        sciencePaths: ['night-1', 'night-2'],
        positions: [{ kind: 'pixel', name: 'near', xPx: xTemplatePx + 0.9, yPx: yTemplatePx - 0.8 }],
        isRecentred: true,
        hasInjectedLimits: true,
      },
      {
        ports: makePorts(read),
        config: {
          ...DEFAULT_LINE_CONFIG,
          completeness: { ...DEFAULT_LINE_CONFIG.completeness, injections: 60 },
        },
      },
    );
    expect(curve!.averagedDetections).toBe(2);
    expect(Math.hypot(curve!.xTemplatePx! - xTemplatePx, curve!.yTemplatePx! - yTemplatePx)).toBeLessThan(
      0.15,
    );
    for (const point of curve!.points as MeasuredPoint[]) {
      const expected = fluxes.get(point.path)! / field.fluxRatio;
      // 1.2 px off, a star of 3.2 px FWHM would have lost 16 %.
      expect(Math.abs(point.changeE - expected)).toBeLessThan(3.5 * point.changeErrE + 0.01 * expected);
      expect(point.limitInjectedE! / point.changeErrE).toBeGreaterThan(4);
      expect(point.limitInjectedE! / point.changeErrE).toBeLessThan(7);
    }
  });

  test('follows a place by its sky coordinates, and says when it lies outside', async () => {
    const source = brightest;
    const truth = pixelToSky(parseWcs(field.template.header)!, source.xTemplatePx, source.yTemplatePx);
    const [curve, outside] = await measureLightCurves(
      {
        ...REQUEST,
        sciencePaths: ['night-1'],
        positions: [
          { kind: 'sky', name: 'a star', ...truth },
          { kind: 'sky', name: 'elsewhere', raDeg: truth.raDeg + 1, decDeg: truth.decDeg },
        ],
      },
      { ports: makePorts(read), config: DEFAULT_LINE_CONFIG },
    );
    const [point] = curve!.points as MeasuredPoint[];
    expect(Math.hypot(point!.xPx - source.xPx, point!.yPx - source.yPx)).toBeLessThan(1);
    expect(outside!.points[0]).toMatchObject({
      kind: 'failed',
      error: { code: 'differencing/position-outside' },
    });
  });

  test('ends with the first failure where no epoch could be measured, and when it is stopped', async () => {
    const positions = [{ kind: 'pixel', name: 'x', xPx: 100, yPx: 100 }] as const;
    const options = { ports: makePorts(read), config: DEFAULT_LINE_CONFIG };
    const request = { ...REQUEST, positions };
    await expect(
      measureLightCurves({ ...request, sciencePaths: ['night-8', 'night-9'] }, options),
    ).rejects.toMatchObject({ code: 'observations/not-found', message: 'night-8 does not exist.' });
    const stopped = AbortSignal.abort();
    await expect(
      measureLightCurves({ ...request, sciencePaths: ['night-1'] }, { ...options, signal: stopped }),
    ).rejects.toMatchObject({ code: 'internal/stopped' });
  });
});

const folder = '../shared/data/pairs/moa2013blg475_saao';

describe.skipIf(!existsSync(folder))('the event MOA-2013-BLG-475 (skipped where ../shared is not)', () => {
  test('rises and falls as aperture photometry of the same frames says', async () => {
    const truth = readFileSync(`${folder}/derived_truth.csv`, 'utf8').trim().split('\n').slice(1);
    const apertures = new Map(truth.map((line) => [line.split(',')[0]!, Number(line.split(',')[5])]));
    // From the baseline to the peak, in good and in the worst seeing; tests/quality/light-curve.ts measures all frames.
    const names = ['0047', '0082', '0100', '0177'].map((n) => `AKB13475I${n}.fits`);
    const [curve] = await measureLightCurves(
      {
        ...REQUEST,
        sciencePaths: names.map((name) => `${folder}/${name}`),
        templatePath: `${folder}/AKB13475I0172.fits`,
        positions: [{ kind: 'pixel', name: 'event', xPx: 272.07, yPx: 224.35 }],
      },
      { ports: makePorts((path) => readExposure(path)), config: DEFAULT_LINE_CONFIG },
    );
    expect(curve!.points.every(({ kind }) => kind === 'measured')).toBe(true);
    const points = curve!.points as MeasuredPoint[];
    const expected = points.map(({ path }) => apertures.get(path.slice(path.lastIndexOf('/') + 1))!);
    const measured = points.map(({ fluxE }) => fluxE);
    expect(rankCorrelation(measured, expected)).toBeGreaterThan(0.95);
    const peak = points.find(({ path }) => path.includes('0100'))!;
    expect(peak.changeSnr).toBeGreaterThan(100);
  }, 300_000);
});
