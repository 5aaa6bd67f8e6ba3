import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openFits } from '../../core/adapters/imaging/index.ts';
import { cleanCosmicRays, DEFAULT_COSMIC_RAYS } from '../../core/domains/preprocessing/clean-cosmic-rays.ts';
import {
  DEFAULT_BACKGROUND,
  DEFAULT_EXTRACTION,
  type ExtractedSource,
  extractSources,
  makeMeasurable,
  measureAperture,
  measureBackground,
} from '../../core/domains/preprocessing/index.ts';
import { makePlane, type Plane } from '../../core/kernels/index.ts';

interface Catalogue {
  readonly sky: number;
  readonly rms: number;
  readonly cleanedCount: number;
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

interface Field {
  readonly size: number;
  readonly sky: number;
  readonly noise: number;
  readonly seed: number;
  readonly stars: readonly (readonly [number, number, number, number])[];
}

interface Hits {
  readonly hits: readonly number[];
  readonly cleaned: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('./extract.json', import.meta.url), 'utf8')) as {
  readonly origin: string;
  readonly background: {
    readonly step: number;
    readonly level: readonly number[];
    readonly rms: readonly number[];
    readonly medianLevel: number;
    readonly medianRms: number;
  };
  readonly field: Field;
  readonly catalogues: Readonly<Record<'sep' | 'moa' | 'simulated', Catalogue>>;
  readonly cosmicRays: {
    readonly gmos: Hits;
    readonly simulated: Hits & { readonly field: Field; readonly tracks: readonly (readonly number[])[] };
  };
};

const sepImage = '../shared/data/single/sep/image.fits';
const moaImage = '../shared/data/pairs/moa2013blg475_saao/AKB13475I0100.fits';
const gmosImage = '../shared/data/raw/gmos_cosmicrays.fits';

async function readPixels(path: string, hdu?: number): Promise<Plane> {
  const file = await openFits(path);
  try {
    return (await file.readImage(hdu)).plane;
  } finally {
    await file.close();
  }
}

/** The field of make-extract.py: the same numbers in the same order. */
function drawField({ size, sky, noise, seed, stars }: Field): Plane {
  const plane = makePlane(size, size);
  let state = seed;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let value = sky;
      for (const [sx, sy, flux, sigma] of stars) {
        const distance = (x - sx) ** 2 + (y - sy) ** 2;
        value += (flux / (2 * Math.PI * sigma ** 2)) * Math.exp(-distance / (2 * sigma ** 2));
      }
      let deviate = -6;
      for (let k = 0; k < 12; k++) {
        state = (1664525 * state + 1013904223) % 4294967296;
        deviate += state / 4294967296;
      }
      plane.data[y * size + x] = Math.round(value + noise * deviate);
    }
  }
  return plane;
}

function subtractSky(plane: Plane, sky: number): Plane {
  const out = makePlane(plane.width, plane.height);
  for (let i = 0; i < out.data.length; i++) out.data[i] = plane.data[i]! - sky;
  return out;
}

/** SEP's habits: neighbours are not masked, pixels on an ellipse's rim count by their centre. */
const asSep = {
  ...DEFAULT_EXTRACTION,
  filterMode: 'convolution',
  maskNeighbours: false,
  subpixels: 1,
  kronMinRadius: 0,
} as const;

function compareCatalogue(plane: Plane, expected: Catalogue): void {
  const above = subtractSky(plane, expected.sky);
  const found = extractSources({ image: above, rms: expected.rms }, { ...asSep, cleanBeta: 0 });
  const { columns } = expected;
  expect(found).toHaveLength(columns.npix!.length);
  const cleaned = extractSources({ image: above, rms: expected.rms }, asSep);
  expect(Math.abs(cleaned.length / expected.cleanedCount - 1)).toBeLessThan(0.04);

  const measurable = makeMeasurable(above, expected.rms ** 2, undefined, 0);
  const left = new Set(found);
  for (let i = 0; i < columns.npix!.length; i++) {
    const want = (name: string): number => columns[name]![i]!;
    const source = nearest(left, want('x'), want('y'));
    left.delete(source);
    const { isophote } = source;
    expect(Math.abs(isophote.x - want('x'))).toBeLessThan(1e-3);
    expect(Math.abs(isophote.y - want('y'))).toBeLessThan(1e-3);
    expect(isophote.peak).toBeCloseTo(want('peak'), 2);
    expect(isophote.isDeblended).toBe(want('deblended') === 1);
    if (want('deblended') === 1) continue;

    // Wings of blends are shared by a draw, SEP's from rand(): only whole objects can be the same.
    expect(source.areaPx).toBe(want('npix'));
    for (const name of ['x2', 'y2', 'xy', 'a', 'b'] as const) {
      expect(Math.abs(isophote[name] - want(name))).toBeLessThan(1e-4);
    }
    // The angle of a round object means nothing.
    const turn = Math.abs(Math.sin(isophote.theta - want('theta'))) * (isophote.a - isophote.b);
    expect(turn).toBeLessThan(1e-4);
    expect(relative(isophote.flux, want('flux'))).toBeLessThan(1e-5);
    expect(relative(isophote.smoothedFlux, want('cflux'))).toBeLessThan(1e-5);
    const aperture = measureAperture(measurable, want('x'), want('y'), 5);
    expect(Math.abs(aperture.flux - want('aperture'))).toBeLessThan(2e-4 * Math.abs(want('aperture')) + 0.01);
    const apertureErr = Math.sqrt(aperture.fluxErr ** 2 + Math.max(0, aperture.flux) / 2);
    expect(relative(apertureErr, want('apertureErr'))).toBeLessThan(1e-5);
    if (want('usable') === 0) continue;
    expect(Math.abs(source.kronRadius - want('kron'))).toBeLessThan(0.01);
    expect(relative(source.fluxE, want('fluxAuto'))).toBeLessThan(5e-4);
    expect(relative(source.halfLightRadiusPx, want('halfLight'))).toBeLessThan(0.04);
    compareWindowed(source, want('xwin'), want('ywin'), want('halfLight'), want('winFlag'));
  }
}

/** We keep the isophote's position where SEP's walks away, does not settle, or its window is wider than we allow. */
function compareWindowed(
  source: ExtractedSource,
  x: number,
  y: number,
  halfLight: number,
  flag: number,
): void {
  const { isophote } = source;
  const walked = Math.hypot(x - isophote.x, y - isophote.y);
  if (flag !== 0 || walked > isophote.a / 2 || (2 * halfLight) / 2.35 > 2 * isophote.a) return;
  if (source.xPx === isophote.x && source.yPx === isophote.y) return;
  // The half-light radius sets the window; what it differs by moves the centroid a little.
  const tolerance = 1.5e-3 + Math.abs(source.halfLightRadiusPx - halfLight);
  expect(Math.hypot(source.xPx - x, source.yPx - y)).toBeLessThan(tolerance);
}

function nearest(sources: Iterable<ExtractedSource>, x: number, y: number): ExtractedSource {
  let best: ExtractedSource | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    const distance = Math.hypot(source.isophote.x - x, source.isophote.y - y);
    if (distance < least) {
      least = distance;
      best = source;
    }
  }
  return best!;
}

function relative(value: number, expected: number): number {
  return Math.abs(value / expected - 1);
}

function compareHits(plane: Plane, expected: Hits): void {
  const { hits, image } = cleanCosmicRays(
    { image: plane, readNoiseE: 6.5, saturationE: 65536 },
    { ...DEFAULT_COSMIC_RAYS, searchEdges: false },
  );
  const found = Array.from(hits.keys()).filter((i) => hits[i] !== 0);
  expect(found).toEqual(expected.hits);
  expected.hits.forEach((at, i) => {
    expect(relative(image.data[at]!, expected.cleaned[i]!)).toBeLessThan(1e-4);
  });
}

describe(`extraction agrees with ${golden.origin}`, () => {
  test.skipIf(!existsSync(sepImage))('the sky of the classic image is that of SEP', async () => {
    const background = measureBackground(await readPixels(sepImage), undefined, DEFAULT_BACKGROUND);
    const { step, level, rms, medianLevel, medianRms } = golden.background;
    const { width, height } = background.level;
    let k = 0;
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step, k++) {
        expect(relative(background.level.data[y * width + x]!, level[k]!)).toBeLessThan(1e-5);
        expect(relative(background.rms.data[y * width + x]!, rms[k]!)).toBeLessThan(1e-4);
      }
    }
    expect(k).toBe(level.length);
    expect(relative(background.medianLevel, medianLevel)).toBeLessThan(1e-6);
    expect(relative(background.medianRms, medianRms)).toBeLessThan(1e-5);
  });

  test.skipIf(!existsSync(sepImage))(
    'every object of the classic image is found and measured alike',
    async () => {
      compareCatalogue(await readPixels(sepImage), golden.catalogues.sep);
    },
  );

  test.skipIf(!existsSync(moaImage))(
    'every object of a crowded bulge field is found and measured alike',
    async () => {
      compareCatalogue(await readPixels(moaImage), golden.catalogues.moa);
    },
  );

  test('every object of a simulated field is found and measured alike', () => {
    compareCatalogue(drawField(golden.field), golden.catalogues.simulated);
  });
});

describe(`cosmic rays agree with ${golden.origin}`, () => {
  test.skipIf(!existsSync(gmosImage))('on a GMOS frame every pixel is judged alike', async () => {
    compareHits(await readPixels(gmosImage, 1), golden.cosmicRays.gmos);
  });

  test('on a simulated frame every pixel is judged alike', () => {
    const { field, tracks } = golden.cosmicRays.simulated;
    const plane = drawField(field);
    for (const [x, y, length, charge] of tracks) {
      for (let k = 0; k < length!; k++) plane.data[y! * field.size + x! + k]! += charge!;
    }
    compareHits(plane, golden.cosmicRays.simulated);
  });
});
