import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openFits, writeFits } from '../../core/adapters/imaging/index.ts';
import {
  type CameraRecipe,
  type SkyRecipe,
  simulateField,
} from '../../core/domains/observations/simulate/index.ts';
import type { Plane } from '../../core/kernels/index.ts';

/** The images on which programs are compared. */
export type ImageName = 'classic' | 'bulge' | 'survey' | 'hard' | 'gmos';

const REAL: Readonly<Partial<Record<ImageName, { readonly path: string; readonly hdu?: number }>>> = {
  classic: { path: '../shared/data/single/sep/image.fits' },
  bulge: { path: '../shared/data/pairs/moa2013blg475_saao/AKB13475I0100.fits' },
  gmos: { path: '../shared/data/raw/gmos_cosmicrays.fits', hdu: 1 },
};

const CAMERA: CameraRecipe = {
  gainEPerAdu: 1.6,
  readNoiseE: 6,
  fullWellE: 88_000,
  exposureS: 60,
  skyE: 900,
  skyGradient: 0.04,
  throughput: 1,
  fwhmPx: 3.2,
  beta: 3,
  fwhmVariation: 0.03,
  ellipticity: 0.03,
  ellipticityVariation: 0.03,
};

/** Spelled out, so that another taste in presets does not make other images. */
const SURVEY_RECIPE: SkyRecipe = {
  science: CAMERA,
  template: CAMERA,
  starsPerMegapixel: 1500,
  galaxiesPerMegapixel: 200,
  starCountSlope: 0.28,
  ditherPx: 16,
  rotationDeg: 0.2,
  scaleDifference: 0.0008,
  distortionPx: 0,
  templateWcsErrorPx: 0.4,
  flatError: 0.004,
  movedStars: 0.002,
  cosmicRaysPerMegapixel: 200,
  hotPixelsPerMegapixel: 20,
  badColumns: 0,
  satelliteTrails: 0,
  bleedFraction: 0.4,
  snrRange: [4.5, 60],
};
const HARD_RECIPE: SkyRecipe = {
  ...SURVEY_RECIPE,
  science: {
    ...CAMERA,
    skyE: 1600,
    readNoiseE: 8,
    skyGradient: 0.15,
    fwhmPx: 3.6,
    beta: 2.5,
    ellipticity: 0.06,
  },
  starsPerMegapixel: 6000,
  galaxiesPerMegapixel: 400,
  cosmicRaysPerMegapixel: 400,
  hotPixelsPerMegapixel: 40,
  satelliteTrails: 1,
  bleedFraction: 1,
};

const SIMULATED_PX = 512;
const cache = new Map<ImageName, Plane>();

/** Read or simulate an image; `undefined` where the shared data are not at hand. */
export async function loadImage(name: ImageName): Promise<Plane | undefined> {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const real = REAL[name];
  let plane: Plane;
  if (real !== undefined) {
    if (!existsSync(real.path)) return undefined;
    const file = await openFits(real.path);
    try {
      plane = (await file.readImage(real.hdu)).plane;
    } finally {
      await file.close();
    }
  } else {
    plane = simulateField({
      sizePx: SIMULATED_PX,
      seed: name === 'survey' ? 41 : 42,
      transients: 0,
      difficulty: name === 'survey' ? 'survey' : 'hard',
      recipe: name === 'survey' ? SURVEY_RECIPE : HARD_RECIPE,
    }).science.pixels;
  }
  cache.set(name, plane);
  return plane;
}

/** Write every image that can be had as `NAME.fits`, for other programs to read. */
export async function writeImages(folder: string): Promise<readonly ImageName[]> {
  const written: ImageName[] = [];
  for (const name of ['classic', 'bulge', 'survey', 'hard', 'gmos'] as const) {
    const plane = await loadImage(name);
    if (plane === undefined) continue;
    await writeFits(join(folder, `${name}.fits`), [
      { kind: 'image', shape: [plane.height, plane.width], data: plane.data },
    ]);
    written.push(name);
  }
  return written;
}

/** A number that another image would not have: goldens carry it. */
export function fingerprint(plane: Plane): number {
  let sum = 0;
  for (let i = 0; i < plane.data.length; i++) sum += plane.data[i]! * ((i % 97) + 1);
  return sum;
}
