import { describe, expect, test } from 'vitest';
import { makeMaskPlane, makePlane } from '../../../kernels/index.ts';
import { createRandom } from '../../../utils/index.ts';
import { makeTanWcs, skyToPixel, type Wcs } from '../../observations/index.ts';
import type { CalibratedExposure, Source } from '../model.ts';
import { mapPixel } from './map-pixels.ts';
import { registerTemplate } from './register-template.ts';

const SIDE = 1000;

interface SkyStar {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly flux: number;
}

/** Stars over half a degree around (40, 70). */
function makeSky(seed: number, count: number): SkyStar[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => ({
    raDeg: 40 + (0.5 * (random.uniform() - 0.5)) / Math.cos((70 * Math.PI) / 180),
    decDeg: 70 + 0.5 * (random.uniform() - 0.5),
    flux: 2000 * (1 - random.uniform()) ** (-1 / 0.7),
  }));
}

/** An exposure of the sky by a true WCS, whose header says another, or nothing. */
function expose(
  name: string,
  sky: readonly SkyStar[],
  truth: Wcs,
  said: Wcs | undefined,
  seed: number,
): CalibratedExposure {
  const random = createRandom(seed);
  const sources: Source[] = sky
    .flatMap(({ raDeg, decDeg, flux }) => {
      const at = skyToPixel(truth, raDeg, decDeg);
      if (at === undefined || at.xPx < 0 || at.yPx < 0 || at.xPx > SIDE - 1 || at.yPx > SIDE - 1) return [];
      return [
        {
          xPx: at.xPx + 0.05 * random.normal(),
          yPx: at.yPx + 0.05 * random.normal(),
          fluxE: flux,
          fluxErrE: Math.sqrt(flux),
          peakE: flux / 20,
          snr: Math.sqrt(flux),
          aPx: 1.5,
          bPx: 1.4,
          thetaRad: 0,
          fwhmPx: 3.4,
          halfLightRadiusPx: 1.7,
          kronRadius: 2.5,
          areaPx: 30,
          flags: 0,
          maskBits: 0,
        },
      ];
    })
    .sort((a, b) => b.fluxE - a.fluxE);
  return {
    name,
    header: [],
    facts: { gainEPerAdu: 1, readNoiseE: 5, notes: [] },
    wcs: said,
    science: makePlane(SIDE, SIDE),
    variance: makePlane(SIDE, SIDE),
    mask: makeMaskPlane(SIDE, SIDE),
    backgroundE: 0,
    backgroundRmsE: 10,
    fwhmPx: 3.4,
    sources,
    metrics: {},
    notes: [],
  };
}

const wcsAt = (raDeg: number, decDeg: number, positionAngleDeg = 0, pixelScaleArcsec = 0.8): Wcs =>
  makeTanWcs({ raDeg, decDeg, xPx: 500, yPx: 500, pixelScaleArcsec, positionAngleDeg });

const scienceWcs = wcsAt(40, 70);
const templateWcs = wcsAt(40.05, 70.02, 25, 0.9);

/** Distance of the registered map from the truth over the common field, px. */
function worstError(registration: ReturnType<typeof registerTemplate>, truth: Wcs): number {
  let worst = 0;
  for (let k = 0; k < 25; k++) {
    const [x, y] = [200 + 150 * (k % 5), 200 + 150 * Math.floor(k / 5)];
    const there = mapPixel(registration.map, x, y);
    const expected = mapPixel({ kind: 'wcs', science: scienceWcs, template: truth }, x, y);
    worst = Math.max(worst, Math.hypot(there.xPx - expected.xPx, there.yPx - expected.yPx));
  }
  return worst;
}

describe('registerTemplate', () => {
  const sky = makeSky(1, 1500);

  test('uses the coordinates of both headers, checked by the stars', () => {
    const registration = registerTemplate(
      expose('s', sky, scienceWcs, scienceWcs, 1),
      expose('t', sky, templateWcs, templateWcs, 2),
    );
    expect(registration.method).toBe('wcs+stars');
    expect(registration.map.kind).toBe('wcs');
    expect(registration.matched).toBeGreaterThan(100);
    expect(registration.rmsPx).toBeLessThan(0.12);
    expect(worstError(registration, templateWcs)).toBeLessThan(0.03);
    expect(registration.overlap).toBeGreaterThan(0.6);
    expect(registration.overlap).toBeLessThan(1);
    expect(structuredClone(registration)).toEqual(registration);
  });

  test('corrects a pointing that is wrong by forty pixels', () => {
    const said = wcsAt(40.05 + 0.009 / Math.cos((70 * Math.PI) / 180), 70.02, 25, 0.9);
    const registration = registerTemplate(
      expose('s', sky, scienceWcs, scienceWcs, 1),
      expose('t', sky, templateWcs, said, 2),
    );
    expect(registration.method).toBe('wcs+stars');
    expect(worstError(registration, templateWcs)).toBeLessThan(0.06);
  });

  test('believes the stars where a header is wrong, and says so', () => {
    const registration = registerTemplate(
      expose('s', sky, scienceWcs, scienceWcs, 1),
      expose('t', sky, templateWcs, wcsAt(40.05, 70.02, 155, 0.9), 2),
    );
    expect(registration.method).toBe('stars');
    expect(registration.notes.join()).toContain('do not agree');
    expect(worstError(registration, templateWcs)).toBeLessThan(0.06);
  });

  test('needs no coordinates', () => {
    const registration = registerTemplate(
      expose('s', sky, scienceWcs, undefined, 1),
      expose('t', sky, templateWcs, templateWcs, 2),
    );
    expect(registration.method).toBe('stars');
    expect(worstError(registration, templateWcs)).toBeLessThan(0.06);
  });

  test('uses coordinates that no star can check, and says so', () => {
    const few = makeSky(3, 6);
    const registration = registerTemplate(
      expose('s', few, scienceWcs, scienceWcs, 1),
      expose('t', [], templateWcs, templateWcs, 2),
    );
    expect(registration).toMatchObject({ method: 'wcs', matched: 0, sigmaXPx: 0.3 });
    expect(registration.notes.join()).toContain('too few stars');
  });

  test('shifts coordinates by what a few stars say', () => {
    const few = [
      [40.1, 70.05],
      [39.95, 69.97],
      [40.2, 69.98],
      [40, 70.04],
    ].map(([raDeg, decDeg], k) => ({ raDeg: raDeg!, decDeg: decDeg!, flux: 2e4 + 1e4 * k }));
    const said = wcsAt(40.05 + 0.0003 / Math.cos((70 * Math.PI) / 180), 70.02, 25, 0.9);
    const science = expose('s', few, scienceWcs, scienceWcs, 1);
    const registration = registerTemplate(science, expose('t', few, templateWcs, said, 2));
    expect(registration.method).toBe('wcs+stars');
    expect(registration.matched).toBeGreaterThanOrEqual(3);
    expect(registration.notes.join()).toContain('bear out');
    expect(worstError(registration, templateWcs)).toBeLessThan(0.15);
  });

  test('refuses a template of another field, with the numbers and both names', () => {
    const science = expose('night/a.fits', sky, scienceWcs, scienceWcs, 1);
    const elsewhere = expose('night/b.fits', makeSky(2, 300), templateWcs, wcsAt(50, 60), 2);
    expect(() => registerTemplate(science, elsewhere)).toThrowError(
      expect.objectContaining({
        code: 'preprocessing/no-overlap',
        message: expect.stringMatching(/night\/b\.fits.*night\/a\.fits.*0\.0 %/),
        details: expect.objectContaining({ wcsOverlap: 0 }),
      }),
    );
  });

  test('refuses headers that plenty of stars contradict', () => {
    const science = expose('s', sky, scienceWcs, scienceWcs, 1);
    const other = expose('t', makeSky(9, 1500), scienceWcs, scienceWcs, 2);
    expect(() => registerTemplate(science, other)).toThrowError(
      expect.objectContaining({ code: 'preprocessing/no-overlap' }),
    );
  });

  test('tells too few stars from no overlap where there are no coordinates', () => {
    const few = makeSky(3, 6);
    expect(() =>
      registerTemplate(
        expose('s', few, scienceWcs, undefined, 1),
        expose('t', few, templateWcs, undefined, 2),
      ),
    ).toThrowError(expect.objectContaining({ code: 'preprocessing/too-few-stars' }));
  });
});
