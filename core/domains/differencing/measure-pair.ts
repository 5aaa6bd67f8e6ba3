import { AstridError, type TaskContext, type TaskRunner } from '../../utils/index.ts';
import { type Held, pixelsOf } from '../observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../preprocessing/index.ts';
import type { DifferencingConfig } from './config.ts';
import type { MeasuredPair } from './engine.ts';
import type { ImageMatch } from './match/image-match.ts';
import { matchImages } from './match/match-images.ts';
import { estimatePsfTask } from './psf/estimate-psf.ts';
import { findCoresTask } from './saturated/find-cores.ts';

/**
 * Measure point-spread functions and stars of both images, and how the stars they share compare.
 *
 * @throws differencing/shape-mismatch, differencing/too-few-psf-stars, differencing/no-common-stars
 */
export async function measurePair(
  science: Held<CalibratedExposure>,
  template: Held<RegisteredTemplate>,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<MeasuredPair> {
  requireSameGrid(science, template);
  const { width, height } = science.science;
  const measuring = Promise.all([
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
  // Masks in files are read to find saturated cores: what PSFs take of memory is given back before.
  if ('path' in science.mask || 'path' in template.mask) await measuring;
  const comparing = measuring.then(([scienceStars, templateStars]) => {
    const matched = matchImages(scienceStars.stars, templateStars.stars, width, height, config);
    return { scienceStars, templateStars, matched };
  });
  // Found by the thread that is done with its image first, or while both images' stars are compared.
  const [{ scienceStars, templateStars, matched }, saturated] = await Promise.all([
    comparing,
    runner.run(findCoresTask, { science: pixelsOf(science), template: pixelsOf(template) }, context),
  ]);
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
  return {
    name: science.name,
    science,
    template,
    sciencePsf: scienceStars.psf,
    templatePsf: templateStars.psf,
    stars: { science: scienceStars.stars, template: templateStars.stars, saturated },
    constantStars,
    match,
    sigmaXPx: sigmas.x,
    sigmaYPx: sigmas.y,
    noiseCorrelationFactor: template.noiseCorrelationFactor,
  };
}

function requireSameGrid(science: Held<CalibratedExposure>, template: Held<RegisteredTemplate>): void {
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

/** Weight of the registration's scatter beside that of the stars measured here, in stars. */
const REGISTRATION_STARS = 5;

/** Scatter of the stars' places, from profiles fitted here and, where these are few, from the registration; never below the floor. */
function astrometricSigmas(
  match: ImageMatch,
  template: Held<RegisteredTemplate>,
  config: DifferencingConfig,
) {
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
