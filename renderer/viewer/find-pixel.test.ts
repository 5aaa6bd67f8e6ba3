import { describe, expect, it } from 'vitest';
import {
  type Header,
  parseWcs,
  pixelScaleArcsec,
  pixelToSky,
  sampleSkyLattice,
  skyToPixel,
  type Wcs,
} from '../../core/domains/observations/index.ts';
import { makePixelFinder } from './find-pixel.ts';
import { type SkyGrid, skyAt } from './interpolate-sky.ts';

const cards = (values: Readonly<Record<string, string | number>>): Header =>
  Object.entries(values).map(([keyword, value]) => ({ keyword, value }));

const TAN = {
  CTYPE1: 'RA---TAN',
  CTYPE2: 'DEC--TAN',
  CUNIT1: 'deg',
  CUNIT2: 'deg',
  CRPIX1: 1024,
  CRPIX2: 1024,
};

/** Cameras of all kinds: how far a pixel reaches, how it bends, where it points. */
const CAMERAS: readonly (readonly [string, Wcs])[] = [
  [
    'a survey camera',
    parseWcs(
      cards({ ...TAN, CRVAL1: 318.1, CRVAL2: -66, CD1_1: -7.3e-5, CD1_2: 1e-6, CD2_1: 1e-6, CD2_2: 7.3e-5 }),
    )!,
  ],
  [
    'a space telescope with SIP distortion of 40 px in the corner',
    parseWcs(
      cards({
        ...TAN,
        CTYPE1: 'RA---TAN-SIP',
        CTYPE2: 'DEC--TAN-SIP',
        CRVAL1: 150,
        CRVAL2: 2.2,
        CD1_1: -1e-5,
        CD1_2: 8e-6,
        CD2_1: 8e-6,
        CD2_2: 1.1e-5,
        A_ORDER: 3,
        A_2_0: 2e-5,
        A_0_2: 8e-6,
        A_1_1: -5e-6,
        A_3_0: 2e-9,
        B_ORDER: 3,
        B_2_0: -6e-6,
        B_0_2: 1e-5,
        B_1_1: 7e-6,
        B_0_3: -1.5e-9,
      }),
    )!,
  ],
  [
    'a lens of 20 arcsec a pixel',
    parseWcs(
      cards({
        ...TAN,
        CTYPE1: 'RA---ARC',
        CTYPE2: 'DEC--ARC',
        CRVAL1: 270,
        CRVAL2: -25,
        CD1_1: -5.5e-3,
        CD1_2: 0,
        CD2_1: 0,
        CD2_2: 5.5e-3,
      }),
    )!,
  ],
  [
    'a camera on the pole',
    parseWcs(
      cards({ ...TAN, CRVAL1: 40, CRVAL2: 89.99, CD1_1: -2.8e-4, CD1_2: 0, CD2_1: 0, CD2_2: 2.8e-4 }),
    )!,
  ],
];

/** How far a sky position lies from a pixel, px. */
function missPx(wcs: Wcs, x: number, y: number, place: { raDeg: number; decDeg: number }): number {
  const pixel = skyToPixel(wcs, place.raDeg, place.decDeg)!;
  return Math.hypot(pixel.xPx - x, pixel.yPx - y);
}

function worstMiss(wcs: Wcs, grid: SkyGrid): { sky: number; pixel: number } {
  const find = makePixelFinder(grid);
  let [sky, pixel] = [0, 0];
  for (let y = 3.3; y < 2048; y += 53.7) {
    for (let x = 1.1; x < 2048; x += 47.9) {
      sky = Math.max(sky, missPx(wcs, x, y, skyAt(grid, x, y)!));
      const truth = pixelToSky(wcs, x, y);
      const found = find(truth.raDeg, truth.decDeg)!;
      pixel = Math.max(pixel, Math.hypot(found.x - x, found.y - y));
    }
  }
  return { sky, pixel };
}

describe('the sky between the nodes that the core sends', () => {
  // 32 px is the core's step; the measure is the program's own WCS, which is tested against wcslib.
  it.each(CAMERAS)('is right to 0.001 px both ways for %s', (_, wcs) => {
    const { sky, pixel } = worstMiss(wcs, sampleSkyLattice(wcs, 2048, 2048));
    expect(sky).toBeLessThan(0.001);
    expect(pixel).toBeLessThan(0.001);
  });

  it.each(CAMERAS)(
    'is right to 0.02 px with nodes as far apart as on a mosaic of 20 000 px, for %s',
    (_, wcs) => {
      expect(worstMiss(wcs, sampleSkyLattice(wcs, 2048, 2048, 208)).sky).toBeLessThan(0.02);
    },
  );

  it('goes on beyond the image: a gnomonic one exactly, and not to the far side of the sky', () => {
    const wcs = CAMERAS[0]![1];
    const find = makePixelFinder(sampleSkyLattice(wcs, 2048, 2048));
    for (const [x, y] of [
      [-300, 1000],
      [2500, 2600],
      [1000, -1500],
    ] as const) {
      const { raDeg, decDeg } = pixelToSky(wcs, x, y);
      const found = find(raDeg, decDeg)!;
      expect(Math.hypot(found.x - x, found.y - y)).toBeLessThan(0.01);
    }
    expect(find(138.1, 66)).toBeUndefined();
    expect(find(Number.NaN, 0)).toBeUndefined();
    expect(find(318.1 + 20, -66)).toBeUndefined();
    // The one after a miss is found again.
    expect(find(318.1, -66)).toBeDefined();
  });

  it('knows the scale it is measured with', () => {
    expect(pixelScaleArcsec(CAMERAS[0]![1])).toBeCloseTo(0.2628, 3);
  });
});
