import {
  estimatePsfTask,
  type ForcedFluxConfig,
  forcePhotometryTask,
  measurePsfFluxTask,
  type PsfFlux,
} from '../domains/differencing/index.ts';
import {
  type ExposureFacts,
  type Header,
  type PixelPosition,
  readHeliocentricMjd,
  skyToPixel,
} from '../domains/observations/index.ts';
import { type CalibratedExposure, unmapPixel } from '../domains/preprocessing/index.ts';
import { isAstridError, throwIfStopped, toErrorRecord } from '../utils/index.ts';
import type { LineConfig } from './config.ts';
import { describePoint, describeQuality, type EpochImages, findProblem } from './describe-point.ts';
import type { CurvePoint, CurvePosition, LightCurve } from './light-curve.ts';
import { rememberTemplate } from './remember-template.ts';
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
