import type { DetectionInput } from '../../core/domains/detection/index.ts';
import type { Difference, SpatialPsf } from '../../core/domains/differencing/index.ts';
import type {
  MaskedImage,
  SimulateConfig,
  SimulatedField,
  SkyRecipe,
} from '../../core/domains/observations/index.ts';
import {
  MaskBit,
  psfComponentsAt,
  renderSource,
  SKY_RECIPES,
  simulateField,
} from '../../core/domains/observations/index.ts';
import type { Source } from '../../core/domains/preprocessing/index.ts';
import type { Plane } from '../../core/kernels/index.ts';
import { convolve, makeMaskPlane, makePlane } from '../../core/kernels/index.ts';

/** Two exposures by one camera in one night: the same PSF, depth and grid. */
export const TWIN_RECIPE: Partial<SkyRecipe> = {
  science: { ...SKY_RECIPES.easy.science, skyGradient: 0 },
  template: { ...SKY_RECIPES.easy.science, skyGradient: 0 },
  ditherPx: 0,
  rotationDeg: 0,
};

/** A field, and the difference of its twins by plain subtraction with the true PSF: exact, so that what follows can be tested alone. */
export function makeTwinDifference(config: Partial<SimulateConfig>): {
  field: SimulatedField;
  input: DetectionInput & { readonly science: MaskedImage; readonly template: MaskedImage };
} {
  const recipe = { ...TWIN_RECIPE, ...config.recipe };
  const field = simulateField({ difficulty: 'easy', ...config, recipe });
  const camera = recipe.science!;
  const psf = samplePsf(field);
  const stamp = { width: psf.size, height: psf.size, data: psf.coefficients[0]! };
  const squared = { ...stamp, data: stamp.data.map((p) => p * p) };
  const norm = squared.data.reduce((sum, p) => sum + p, 0);
  const toElectrons = (pixels: Plane): MaskedImage => {
    const { width, height } = pixels;
    const science = makePlane(width, height);
    const variance = makePlane(width, height);
    const mask = makeMaskPlane(width, height);
    pixels.data.forEach((adu, i) => {
      const electrons = adu * camera.gainEPerAdu;
      science.data[i] = electrons - camera.skyE;
      variance.data[i] = Math.max(electrons, 1) + camera.readNoiseE ** 2;
      if (electrons >= 0.98 * camera.fullWellE) mask.data[i] = MaskBit.SAT;
    });
    return { science, variance, mask };
  };
  const science = toElectrons(field.science.pixels);
  const template = toElectrons(field.template.pixels);
  const { width, height } = science.science;
  const difference = makePlane(width, height);
  const variance = makePlane(width, height);
  const mask = makeMaskPlane(width, height);
  for (let i = 0; i < difference.data.length; i++) {
    difference.data[i] = science.science.data[i]! - template.science.data[i]!;
    variance.data[i] = science.variance.data[i]! + template.variance.data[i]!;
    mask.data[i] = science.mask.data[i]! | template.mask.data[i]!;
  }
  const filtered = convolve(difference, stamp);
  const filteredVariance = convolve(variance, squared);
  const score = makePlane(width, height);
  const flux = makePlane(width, height);
  const fluxErr = makePlane(width, height);
  for (let i = 0; i < score.data.length; i++) {
    const sigma = Math.sqrt(filteredVariance.data[i]!);
    score.data[i] = filtered.data[i]! / sigma;
    flux.data[i] = filtered.data[i]! / norm;
    fluxErr.data[i] = sigma / norm;
  }
  const listSources = ({ science: plane }: MaskedImage): readonly Source[] =>
    field.sources.map(({ xPx, yPx, fluxE }) => {
      const column = Math.min(width - 1, Math.max(0, Math.round(xPx)));
      const row = Math.min(height - 1, Math.max(0, Math.round(yPx)));
      return makeSource(xPx, yPx, fluxE, plane.data[row * width + column]!);
    });
  return {
    field,
    input: {
      difference: {
        method: 'zogy',
        difference,
        variance,
        score,
        flux,
        fluxErr,
        mask,
        psf,
        sciencePsf: psf,
        templatePsf: psf,
        responses: [],
        fluxRatio: 1,
        grade: 'green',
        gradeReasons: [],
        metrics: METRICS,
      } satisfies Difference,
      science: { ...science, sources: listSources(science) },
      template: { ...template, sources: listSources(template) },
    },
  };
}

const METRICS: Difference['metrics'] = {
  fluxRatio: 1,
  fluxRatioErr: 0,
  fluxRatioScatter: 0,
  fluxRatioStars: 0,
  astrometricSigmaXPx: 0,
  astrometricSigmaYPx: 0,
  modelError: 0,
  backgroundRemovedE: 0,
  scorrMadStd: 1,
  scorrMedian: 0,
  scorrRescale: 1,
  starsTested: 0,
  kernelStarsBeyond5Sigma: 0,
  psfStarsScience: 0,
  psfStarsTemplate: 0,
  fwhmSciencePx: 3,
  fwhmTemplatePx: 3,
  wingError: 0,
  rebuildError: 0,
  whiteness: 0,
};

function samplePsf(field: SimulatedField): SpatialPsf {
  const size = 27;
  const { widthPx, heightPx, fwhmPx } = field.sciencePsf;
  const image = { width: size, height: size, data: new Float32Array(size * size) };
  renderSource(image, 13, 13, 1, psfComponentsAt(field.sciencePsf, widthPx / 2, heightPx / 2), 1e-9);
  const total = image.data.reduce((sum, p) => sum + p, 0);
  return {
    size,
    degree: 0,
    imageWidth: widthPx,
    imageHeight: heightPx,
    coefficients: [image.data.map((p) => p / total)],
    fwhmPx: fwhmPx[0],
    starsUsed: 0,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'moffat',
  };
}

function makeSource(xPx: number, yPx: number, fluxE: number, peakE: number): Source {
  return {
    xPx,
    yPx,
    fluxE,
    fluxErrE: Math.sqrt(fluxE + 1e4),
    peakE,
    snr: fluxE / Math.sqrt(fluxE + 1e4),
    aPx: 1.3,
    bPx: 1.3,
    thetaRad: 0,
    fwhmPx: 3,
    halfLightRadiusPx: 1.7,
    kronRadius: 3.5,
    areaPx: 20,
    flags: 0,
    maskBits: fluxE > 1.1e6 ? MaskBit.SAT : 0,
  };
}
