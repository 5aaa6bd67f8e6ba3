import { AstridError, type TaskContext, type TaskRunner } from '../../utils/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../preprocessing/index.ts';
import { DEFAULT_DIFFERENCING_CONFIG, type DifferencingConfig } from './config.ts';
import { calibrateScore } from './judge/calibrate-score.ts';
import { gradeDifference } from './judge/grade-difference.ts';
import { removeBackground } from './judge/remove-background.ts';
import { testStars } from './judge/test-stars.ts';
import { evaluatePolynomial, type ImageMatch } from './match/image-match.ts';
import { matchImages } from './match/match-images.ts';
import type { Difference, DifferenceMetrics, SpatialPsf } from './model.ts';
import { estimatePsfTask } from './psf/estimate-psf.ts';
import { assembleDifference, joinTilePsfs } from './zogy/assemble-difference.ts';
import { measureWhiteness } from './zogy/measure-correlation.ts';
import { planTiles } from './zogy/plan-tiles.ts';
import { subtractInPasses } from './zogy/subtract-in-passes.ts';

/**
 * Subtract a registered template from a science image and say how well it went.
 *
 * Point-spread functions and fluxes of the stars are measured in both images, tiles are subtracted on the
 * runner's threads, and the score is calibrated on the sky and on constant stars.
 *
 * @param science  e-, background-subtracted.
 * @param template on the science image's grid, its own e-.
 * @returns difference in e- on the science flux scale, score in sigma, PSFs, grade and metrics.
 * @throws differencing/shape-mismatch, differencing/too-few-psf-stars, differencing/no-common-stars,
 * differencing/no-overlap, differencing/method-not-available
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27
 */
export async function differenceImages(
  science: CalibratedExposure,
  template: RegisteredTemplate,
  config: DifferencingConfig = DEFAULT_DIFFERENCING_CONFIG,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<Difference> {
  requireMethod(config);
  requireSameGrid(science, template);
  const { width, height } = science.science;
  const [scienceStars, templateStars] = await Promise.all([
    runner.run(
      estimatePsfTask,
      { image: pixelsOf(science), sources: science.sources, name: science.name, config: config.psf },
      context,
    ),
    runner.run(
      estimatePsfTask,
      {
        image: pixelsOf(template),
        sources: template.sources,
        name: `the template of ${science.name}`,
        config: config.psf,
      },
      context,
    ),
  ]);
  const matched = matchImages(scienceStars.stars, templateStars.stars, width, height, config);
  if (!matched) {
    throw new AstridError(
      'differencing/no-common-stars',
      `No star of ${science.name} was found in the template at the same place, so their flux scales cannot be compared. ` +
        'Check that both show the same field and that the registration is right.',
      {
        scienceStars: scienceStars.stars.length,
        templateStars: templateStars.stars.length,
        exposure: science.name,
      },
    );
  }
  const { match, constantStars } = matched;
  const sigmas = astrometricSigmas(match, template, config);
  const psfs = { science: scienceStars.psf, template: templateStars.psf };
  const broadest = Math.max(psfs.science.fwhmPx, psfs.template.fwhmPx);
  const tiles = planTiles(width, height, tileSide(psfs.science, psfs.template, config), borderOf(psfs));
  const {
    tiles: pieces,
    input,
    saturated,
  } = await subtractInPasses(
    tiles,
    {
      science: pixelsOf(science),
      template: pixelsOf(template),
      sciencePsf: psfs.science,
      templatePsf: psfs.template,
      match,
      sigmaXPx: sigmas.x,
      sigmaYPx: sigmas.y,
      saturationGrowthPx: config.saturationGrowthFwhm * broadest,
    },
    { science: scienceStars.stars, template: templateStars.stars },
    template.noiseCorrelationFactor,
    runner,
    context,
  );
  const assembled = assembleDifference(pieces, width, height);
  const backgroundRemovedE = removeBackground(assembled, config.backgroundCellPx);
  const expected = Math.hypot(psfs.science.mismatch, psfs.template.mismatch, match.fluxRatioScatter);
  const calibration = calibrateScore(assembled, constantStars, saturated, expected, broadest);
  const stars = testStars(assembled.score, assembled.mask, constantStars, config.starThreshold, broadest);
  const fluxRatio = evaluatePolynomial(
    input.match.fluxRatio,
    (width - 1) / 2,
    (height - 1) / 2,
    width,
    height,
  );
  const metrics: DifferenceMetrics = {
    fluxRatio,
    fluxRatioErr: match.fluxRatioErr,
    fluxRatioScatter: match.fluxRatioScatter,
    fluxRatioStars: match.starsUsed,
    astrometricSigmaXPx: sigmas.x,
    astrometricSigmaYPx: sigmas.y,
    modelError: calibration.modelError,
    wingError: calibration.wingError,
    rebuildError: calibration.rebuildError,
    backgroundRemovedE,
    scorrMadStd: calibration.madStd,
    scorrMedian: calibration.median,
    scorrRescale: calibration.madStd,
    starsTested: stars.tested,
    kernelStarsBeyond5Sigma: stars.beyond,
    psfStarsScience: psfs.science.starsUsed,
    psfStarsTemplate: psfs.template.starsUsed,
    fwhmSciencePx: psfs.science.fwhmPx,
    fwhmTemplatePx: psfs.template.fwhmPx,
    whiteness: measureWhiteness(pieces),
  };
  const { grade, reasons } = gradeDifference(metrics);
  return {
    method: 'zogy',
    difference: assembled.difference,
    variance: assembled.variance,
    score: assembled.score,
    flux: assembled.flux,
    fluxErr: assembled.fluxErr,
    mask: assembled.mask,
    psf: joinTilePsfs(pieces, width, height, psfs),
    sciencePsf: input.sciencePsf,
    templatePsf: input.templatePsf,
    fluxRatio,
    grade,
    gradeReasons: reasons,
    metrics,
  };
}

function requireMethod(config: DifferencingConfig): void {
  if (config.method === 'zogy') return;
  throw new AstridError(
    'differencing/method-not-available',
    'Alard-Lupton subtraction is not built yet. Use the method "zogy": it needs no kernel stamps and gives a calibrated score image.',
    { method: config.method, available: ['zogy'] },
  );
}

function requireSameGrid(science: CalibratedExposure, template: RegisteredTemplate): void {
  const a = science.science;
  const b = template.science;
  if (a.width === b.width && a.height === b.height) return;
  throw new AstridError(
    'differencing/shape-mismatch',
    `The template is ${b.width} x ${b.height} px, but ${science.name} is ${a.width} x ${a.height} px: ` +
      "register the template onto the science image's grid first.",
    { science: [a.width, a.height], template: [b.width, b.height], exposure: science.name },
  );
}

/** Only the pixels cross to a thread, not headers and source lists. */
function pixelsOf(image: CalibratedExposure | RegisteredTemplate) {
  return { science: image.science, variance: image.variance, mask: image.mask };
}

function tileSide(science: SpatialPsf, template: SpatialPsf, config: DifferencingConfig): number {
  return science.degree > 0 || template.degree > 0 ? config.varyingTileSidePx : config.tileSidePx;
}

/** Twice the radius of the larger profile: what the filters wrap around stays in the border. */
function borderOf(psfs: { readonly science: SpatialPsf; readonly template: SpatialPsf }): number {
  return Math.max(psfs.science.size, psfs.template.size) + 1;
}

/** Weight of the registration's scatter beside that of the stars measured here, in stars. */
const REGISTRATION_STARS = 5;

/** Scatter of the stars' places, from profiles fitted here and, where these are few, from the registration; never below the floor. */
function astrometricSigmas(match: ImageMatch, template: RegisteredTemplate, config: DifferencingConfig) {
  const { registration } = template;
  const combine = (measured: number, registered: number) =>
    Math.max(
      config.minAstrometricSigmaPx,
      Math.sqrt(
        (match.starsUsed * measured ** 2 + REGISTRATION_STARS * registered ** 2) /
          (match.starsUsed + REGISTRATION_STARS),
      ),
    );
  return {
    x: combine(match.sigmaXPx, registration.sigmaXPx),
    y: combine(match.sigmaYPx, registration.sigmaYPx),
  };
}
