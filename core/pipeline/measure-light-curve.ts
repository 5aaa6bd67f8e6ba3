import {
  type Difference,
  estimatePsfTask,
  type ForcedFluxConfig,
  type ForcedPhotometry,
  forcePhotometryTask,
  measurePsfFluxTask,
  type PsfFlux,
} from '../domains/differencing/index.ts';
import {
  type ExposureFacts,
  type Header,
  type PixelPosition,
  pixelScaleArcsec,
  readHeliocentricMjd,
  skyToPixel,
} from '../domains/observations/index.ts';
import {
  type CalibratedExposure,
  preprocessExposureTask,
  type RegisteredTemplate,
  unmapPixel,
} from '../domains/preprocessing/index.ts';
import { AstridError, isAstridError, throwIfStopped, toErrorRecord } from '../utils/index.ts';
import type { LineConfig } from './config.ts';
import type { CurvePoint, CurvePosition, LightCurve, MeasuredPoint } from './light-curve.ts';
import { runStages } from './run-stages.ts';
import type { StagePorts } from './stage.ts';

/** What to follow, and over which epochs. */
export interface LightCurveRequest {
  /** One file an epoch. */
  readonly sciencePaths: readonly string[];
  /** The reference of places and fluxes. */
  readonly templatePath: string;
  readonly positions: readonly CurvePosition[];
  /** `difference`: the template's flux plus the change; `direct`: the science image as it is. */
  readonly method: 'difference' | 'direct';
  readonly photometry: ForcedFluxConfig;
  readonly allowBandMismatch: boolean;
}

/** An epoch's images, for what else is to be known at a place. */
export interface EpochImages {
  readonly science: CalibratedExposure;
  readonly template: RegisteredTemplate;
  readonly difference: Difference;
}

export interface LightCurveOptions {
  readonly ports: StagePorts;
  readonly config: LineConfig;
  readonly signal?: AbortSignal | undefined;
  /** Told before each epoch, and as it goes. */
  readonly onProgress?: ((epoch: number, message: string) => void) | undefined;
  /** Told when an epoch failed; the others go on. */
  readonly onFailure?: ((path: string, error: Error) => void) | undefined;
  /** Give the change that injections into an epoch say is found half the time at a pixel of it, science e-. */
  readonly limitAt?: ((epoch: EpochImages, xPx: number, yPx: number) => number | undefined) | undefined;
}

/** A fit worse than this, per degree of freedom, is not of a point source alone. */
const POOR_CHI2 = 3;
/** Part of the PSF's weight that may be masked before a point is called so. */
const MUCH_MASKED = 0.1;

/**
 * Follow the light of some places over any number of epochs.
 *
 * Each epoch is registered against the template and the template subtracted from it, in memory; places are carried
 * into the epoch through that registration, fluxes back through the flux ratio of the pair. An epoch that fails is a
 * point that says why.
 *
 * @returns one curve for each position, in order.
 * @throws what the first epoch failed with where all of them failed; internal/stopped
 */
export async function measureLightCurves(
  request: LightCurveRequest,
  options: LightCurveOptions,
): Promise<readonly LightCurve[]> {
  const { positions } = request;
  const ports = rememberTemplate(options.ports, request.templatePath);
  const curves: CurvePoint[][] = positions.map(() => []);
  let template: MeasuredTemplate | undefined;
  let firstError: Error | undefined;
  for (const [epoch, path] of request.sciencePaths.entries()) {
    throwIfStopped(options.signal);
    options.onProgress?.(epoch, 'starting');
    try {
      const outputs = await runStages(
        {
          sciencePath: path,
          templatePath: request.templatePath,
          options: { allowBandMismatch: request.allowBandMismatch },
        },
        'difference',
        {
          ports,
          config: options.config,
          signal: options.signal,
          onProgress: ({ stage, message }) => options.onProgress?.(epoch, `${stage}: ${message}`),
        },
      );
      const images = {
        science: outputs.preprocess!.science,
        template: outputs.register!,
        difference: outputs.difference,
      };
      const original = outputs.preprocess!.template;
      template ??= await measureTemplate(original, request, options, ports);
      const points = await measureEpoch(path, images, original, template, request, options);
      points.forEach((point, k) => {
        curves[k]!.push(point);
      });
    } catch (error) {
      if (!isAstridError(error) || error.code === 'internal/stopped') throw error;
      firstError ??= error;
      options.onFailure?.(path, error);
      for (const points of curves) points.push({ kind: 'failed', path, error: toErrorRecord(error) });
    }
  }
  if (template === undefined && firstError !== undefined) throw firstError;
  return positions.map((position, k) => ({
    position,
    ...describeTemplate(template, k),
    points: curves[k]!.toSorted((a, b) => timeOf(a) - timeOf(b)),
  }));
}

interface MeasuredTemplate {
  readonly places: readonly (PixelPosition | undefined)[];
  readonly fluxes: readonly PsfFlux[];
}

const NOWHERE = { xPx: Number.NaN, yPx: Number.NaN };

/** Measure the template's own flux at every position on its own pixels, where nothing was interpolated. */
async function measureTemplate(
  template: CalibratedExposure,
  { positions, photometry }: LightCurveRequest,
  { config, signal }: LightCurveOptions,
  { tasks }: StagePorts,
): Promise<MeasuredTemplate> {
  const places = positions.map((position) => placeOnTemplate(position, template));
  const image = { science: template.science, variance: template.variance, mask: template.mask };
  const { psf } = await tasks.run(
    estimatePsfTask,
    { image, sources: template.sources, name: template.name, config: config.differencing.psf },
    { signal },
  );
  const fluxes = await tasks.run(
    measurePsfFluxTask,
    { image, psf, positions: places.map((place) => place ?? NOWHERE), config: photometry },
    { signal },
  );
  return { places, fluxes };
}

function placeOnTemplate(
  position: CurvePosition,
  template: Pick<CalibratedExposure, 'wcs'>,
): PixelPosition | undefined {
  if (position.kind === 'pixel') return { xPx: position.xPx, yPx: position.yPx };
  return template.wcs ? skyToPixel(template.wcs, position.raDeg, position.decDeg) : undefined;
}

/** Carry a position into an epoch: through the registration where the template knows it, else by the epoch's own sky. */
function placeOnScience(
  position: CurvePosition,
  onTemplate: PixelPosition | undefined,
  { science, template }: EpochImages,
): PixelPosition | undefined {
  if (!onTemplate) {
    const isSky = position.kind === 'sky' && science.wcs !== undefined;
    return isSky ? skyToPixel(science.wcs, position.raDeg, position.decDeg) : undefined;
  }
  const { width, height } = science.science;
  const middle = { xPx: (width - 1) / 2, yPx: (height - 1) / 2 };
  return unmapPixel(template.registration.map, onTemplate.xPx, onTemplate.yPx, middle);
}

async function measureEpoch(
  path: string,
  images: EpochImages,
  original: CalibratedExposure,
  template: MeasuredTemplate,
  request: LightCurveRequest,
  { ports, signal, limitAt }: LightCurveOptions,
): Promise<readonly CurvePoint[]> {
  const { science, difference } = images;
  const places = request.positions.map((position, k) => placeOnScience(position, template.places[k], images));
  const measured = await ports.tasks.run(
    forcePhotometryTask,
    {
      difference,
      science: { science: science.science, variance: science.variance, mask: science.mask },
      positions: places.map((place) => place ?? NOWHERE),
      config: request.photometry,
    },
    { signal },
  );
  const facts = { path, ...timesOf(science), band: science.facts.band };
  return measured.map((forced, k): CurvePoint => {
    const problem = findProblem(places[k], forced, request.positions[k]!, images);
    if (problem) return { kind: 'failed', ...facts, error: toErrorRecord(problem) };
    const limitE = limitAt?.(images, forced.xPx, forced.yPx);
    return {
      ...facts,
      ...describePoint(forced, template.fluxes[k]!, images, science.name === original.name, request.method),
      ...(limitE === undefined ? {} : { limitInjectedE: limitE / forced.fluxRatio }),
      quality: describeQuality(forced, template.fluxes[k]!, images, original),
    };
  });
}

function describePoint(
  forced: ForcedPhotometry,
  template: PsfFlux,
  { difference }: EpochImages,
  isTemplate: boolean,
  method: LightCurveRequest['method'],
): Omit<MeasuredPoint, 'path' | 'quality'> {
  const { fluxRatio } = forced;
  const templateE = Number.isNaN(template.fluxE) ? 0 : template.fluxE;
  // The template minus itself is nothing, and says nothing of the noise.
  const changeE = isTemplate ? 0 : forced.difference.fluxE / fluxRatio;
  const changeErrE = isTemplate
    ? template.fluxErrE
    : Math.hypot(forced.difference.fluxErrE, forced.modelErrE) / fluxRatio;
  const directE = forced.science.fluxE / fluxRatio;
  const directErrE = forced.science.fluxErrE / fluxRatio;
  const scaleError = difference.metrics.fluxRatioErr / difference.fluxRatio;
  const [partE, errorE] = method === 'direct' ? [directE, directErrE] : [changeE, changeErrE];
  return {
    kind: 'measured',
    xPx: forced.xPx,
    yPx: forced.yPx,
    fluxE: method === 'direct' ? directE : templateE + changeE,
    // The error of the template's own flux is the same for all points: it is told beside them.
    fluxErrE: Math.hypot(errorE, scaleError * partE),
    changeE,
    changeErrE,
    changeSnr: changeE / changeErrE,
    directE,
    directErrE,
    limit3E: 3 * changeErrE,
    limit5E: 5 * changeErrE,
  };
}

function describeQuality(
  { difference: fit, fluxRatio, noiseFactor }: ForcedPhotometry,
  own: PsfFlux,
  { science, template, difference }: EpochImages,
  original: CalibratedExposure,
): MeasuredPoint['quality'] {
  const flags: string[] = [];
  if (science.name === original.name) flags.push('is-template');
  if (Number.isNaN(own.fluxE)) flags.push('change-only');
  if (fit.maskedFraction > MUCH_MASKED) flags.push('masked');
  if (fit.chi2 > POOR_CHI2) flags.push('poor-fit');
  if (difference.grade !== 'green') flags.push(difference.grade);
  return {
    grade: difference.grade,
    gradeReasons: difference.gradeReasons,
    chi2: fit.chi2,
    maskedFraction: fit.maskedFraction,
    negativeFraction: fit.negativeFraction,
    fwhmPx: science.fwhmPx,
    seeingArcsec: science.wcs ? science.fwhmPx * pixelScaleArcsec(science.wcs) : undefined,
    overlap: template.registration.overlap,
    registrationRmsPx: template.registration.rmsPx,
    fluxRatio,
    fluxRatioErr: difference.metrics.fluxRatioErr,
    noiseFactor,
    flags,
  };
}

/** Say why there is no flux at a place, if there is none. */
function findProblem(
  place: PixelPosition | undefined,
  { difference }: ForcedPhotometry,
  position: CurvePosition,
  { science }: EpochImages,
): AstridError | undefined {
  const { width, height } = science.science;
  const details = { exposure: science.name, position: position.name };
  if (place === undefined && position.kind === 'sky' && science.wcs === undefined) {
    return new AstridError(
      'differencing/no-coordinates',
      `Neither ${science.name} nor the template has sky coordinates, so ${position.name} cannot be found in it. ` +
        'Give the position in template pixels.',
      details,
    );
  }
  const isInside =
    place !== undefined &&
    place.xPx > -0.5 &&
    place.yPx > -0.5 &&
    place.xPx < width - 0.5 &&
    place.yPx < height - 0.5;
  if (!isInside) {
    const where = place ? ` at (${place.xPx.toFixed(1)}, ${place.yPx.toFixed(1)})` : '';
    return new AstridError(
      'differencing/position-outside',
      `${position.name} lies outside ${science.name}${where}, which has ${width} x ${height} px.`,
      { ...details, xPx: place?.xPx, yPx: place?.yPx },
    );
  }
  if (Number.isNaN(difference.fluxE)) {
    return new AstridError(
      'differencing/position-masked',
      `Every pixel at ${position.name} is masked in ${science.name} or in the template under it.`,
      details,
    );
  }
  return undefined;
}

function describeTemplate(
  template: MeasuredTemplate | undefined,
  k: number,
): Omit<LightCurve, 'position' | 'points'> {
  const place = template?.places[k];
  const flux = template?.fluxes[k];
  if (!place || !flux || Number.isNaN(flux.fluxE)) return {};
  return {
    xTemplatePx: place.xPx,
    yTemplatePx: place.yPx,
    templateFluxE: flux.fluxE,
    templateFluxErrE: flux.fluxErrE,
  };
}

function timesOf({ facts, header }: { readonly facts: ExposureFacts; readonly header: Header }) {
  if (facts.midpointMjdTai !== undefined) return { midpointMjdTai: facts.midpointMjdTai };
  return { midpointMjdHeliocentric: readHeliocentricMjd(header) };
}

function timeOf(point: CurvePoint): number {
  return point.midpointMjdTai ?? point.midpointMjdHeliocentric ?? Number.POSITIVE_INFINITY;
}

/** Read and calibrate the template once for all epochs. */
function rememberTemplate(ports: StagePorts, templatePath: string): StagePorts {
  type Read = Awaited<ReturnType<StagePorts['readExposure']>>;
  let read: Read | undefined;
  let calibrated: unknown;
  return {
    ...ports,
    readExposure: async (path, signal) => {
      if (path !== templatePath) return ports.readExposure(path, signal);
      read ??= await ports.readExposure(path, signal);
      return read;
    },
    tasks: {
      concurrency: ports.tasks.concurrency,
      run: async (task, input, context) => {
        const isTemplate =
          task.name === preprocessExposureTask.name &&
          read !== undefined &&
          (input as { readonly exposure: unknown }).exposure === read.exposure;
        if (!isTemplate) return ports.tasks.run(task, input, context);
        calibrated ??= await ports.tasks.run(task, input, context);
        return calibrated as Awaited<ReturnType<typeof task.run>>;
      },
    },
  };
}
