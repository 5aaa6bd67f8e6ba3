import {
  cutEpoch,
  type EpochCutout,
  type ForcedFluxConfig,
  type ForcedPhotometry,
  forceOnCutout,
  forcePhotometryTask,
} from '../domains/differencing/index.ts';
import type { PixelPosition } from '../domains/observations/index.ts';
import { isAstridError, throwIfStopped, toErrorRecord } from '../utils/index.ts';
import {
  describeEpoch,
  type EpochFacts,
  findDetections,
  type PlacedDetection,
  placeOnScience,
  placeOnTemplate,
  recentrePlaces,
} from './carry-positions.ts';
import type { LineConfig } from './config.ts';
import { describePoint, type EpochImages, findProblem } from './describe-point.ts';
import type { CurvePoint, CurvePosition, FailedPoint, LightCurve } from './light-curve.ts';
import { measureLimits } from './measure-limits.ts';
import { type MeasuredTemplate, measureTemplate, NOWHERE } from './measure-template.ts';
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
  /** Move each position to the S/N-weighted mean of its reliable detections in all epochs before it is measured. */
  readonly isRecentred: boolean;
  /** Inject stars into every epoch, so that each point has the limit that its own image shows. */
  readonly hasInjectedLimits: boolean;
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
}

/** What is kept of an epoch. */
interface MeasuredEpoch {
  readonly facts: EpochFacts;
  readonly places: readonly (PixelPosition | undefined)[];
  readonly forced: readonly ForcedPhotometry[];
  /** S/N at which injections say that half is found, at each place. */
  readonly limits?: readonly (number | undefined)[] | undefined;
  /** For positions that will be moved: the pixels around them, and what was detected there. */
  readonly cutouts?: readonly (EpochCutout | undefined)[] | undefined;
  readonly found?: readonly (PlacedDetection | undefined)[] | undefined;
}

/** A cutout reaches this far beyond what is fitted, FWHM: as far as a position may be moved. */
const CUTOUT_FWHM = 4;

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
  const ports = rememberTemplate(options.ports, request.templatePath);
  const epochs: MeasuredEpoch[] = [];
  const failures: FailedPoint[] = [];
  let template: MeasuredTemplate | undefined;
  let onTemplate: readonly (PixelPosition | undefined)[] = [];
  let firstError: Error | undefined;
  for (const [index, path] of request.sciencePaths.entries()) {
    throwIfStopped(options.signal);
    options.onProgress?.(index, 'starting');
    try {
      const { images, original, detections } = await subtract(path, index, request, options, ports);
      if (!template) {
        onTemplate = request.positions.map((position) => placeOnTemplate(position, original));
        const configs = { psf: options.config.differencing.psf, photometry: request.photometry };
        template = await measureTemplate(original, onTemplate, configs, ports, options.signal);
      }
      const facts = describeEpoch(path, images, original.name);
      epochs.push(await measureEpoch(facts, images, detections, onTemplate, request, options));
    } catch (error) {
      if (!isAstridError(error) || error.code === 'internal/stopped') throw error;
      firstError ??= error;
      options.onFailure?.(path, error);
      failures.push({ kind: 'failed', path, error: toErrorRecord(error) });
    }
  }
  if (!template) throw firstError ?? new Error('a light curve of no epochs was asked for');
  const found = request.positions.map((_, k) => epochs.flatMap((epoch) => epoch.found?.[k] ?? []));
  const places = recentrePlaces(onTemplate, found);
  const reference = request.isRecentred ? await template.measure(places) : template;
  const moved = request.isRecentred ? epochs.map((epoch) => moveEpoch(epoch, places, request)) : epochs;
  return request.positions.map((position, k) => {
    const points = moved.map((epoch) => describeAt(epoch, k, position, reference, request.method));
    return {
      position,
      ...describeReference(reference, places[k], k),
      ...(found[k]!.length > 0 ? { averagedDetections: found[k]!.length } : {}),
      points: [...points, ...failures].sort((a, b) => timeOf(a) - timeOf(b)),
    };
  });
}

/** Run the line over one epoch, as far as is needed. */
async function subtract(
  path: string,
  index: number,
  request: LightCurveRequest,
  { config, signal, onProgress }: LightCurveOptions,
  ports: StagePorts,
) {
  const { templatePath, allowBandMismatch, isRecentred } = request;
  const outputs = await runStages(
    { sciencePath: path, templatePath, options: { allowBandMismatch } },
    isRecentred ? 'detect' : 'difference',
    {
      ports,
      config,
      signal,
      onProgress: ({ stage, message }) => onProgress?.(index, `${stage}: ${message}`),
    },
  );
  const { science, template: original } = outputs.preprocess!;
  const images: EpochImages = { science, template: outputs.register!, difference: outputs.difference! };
  return { images, original, detections: outputs.detect?.detections ?? [] };
}

async function measureEpoch(
  facts: EpochFacts,
  images: EpochImages,
  detections: Parameters<typeof findDetections>[0],
  onTemplate: readonly (PixelPosition | undefined)[],
  { positions, photometry, isRecentred, hasInjectedLimits }: LightCurveRequest,
  { ports, config, signal }: LightCurveOptions,
): Promise<MeasuredEpoch> {
  const { science, difference } = images;
  const image = { science: science.science, variance: science.variance, mask: science.mask };
  const places = positions.map((position, k) => placeOnScience(position, onTemplate[k], facts));
  const forced = await ports.tasks.run(
    forcePhotometryTask,
    { difference, science: image, positions: places.map((place) => place ?? NOWHERE), config: photometry },
    { signal },
  );
  const reach = Math.ceil(
    CUTOUT_FWHM * Math.max(difference.psf.fwhmPx, difference.sciencePsf.fwhmPx, science.fwhmPx),
  );
  return {
    facts,
    places,
    forced,
    limits: hasInjectedLimits ? await measureLimits(images, places, config, ports.tasks, signal) : undefined,
    ...(isRecentred
      ? {
          cutouts: places.map((place) => place && cutEpoch(difference, image, place, reach)),
          found: findDetections(detections, places, facts),
        }
      : {}),
  };
}

/** Measure an epoch at the places where its positions are now. */
function moveEpoch(
  epoch: MeasuredEpoch,
  onTemplate: readonly (PixelPosition | undefined)[],
  { positions, photometry }: LightCurveRequest,
): MeasuredEpoch {
  const places = positions.map((position, k) => placeOnScience(position, onTemplate[k], epoch.facts));
  const forced = epoch.forced.map((first, k) => {
    const cutout = epoch.cutouts?.[k];
    const place = places[k];
    return cutout && place ? forceOnCutout(cutout, first, place, photometry) : first;
  });
  return { ...epoch, places, forced };
}

function describeAt(
  { facts, places, forced, limits }: MeasuredEpoch,
  k: number,
  position: CurvePosition,
  reference: MeasuredTemplate,
  method: LightCurveRequest['method'],
): CurvePoint {
  const { path, band, midpointMjdTai, midpointMjdHeliocentric } = facts;
  const what = { path, band, midpointMjdTai, midpointMjdHeliocentric };
  const measured = forced[k]!;
  const problem = findProblem(places[k], measured, position, facts);
  if (problem) return { kind: 'failed', ...what, error: toErrorRecord(problem) };
  const template = { flux: reference.fluxes[k]!, nJyPerE: reference.nJyPerE[k] };
  const point = describePoint(measured, facts, template, method);
  const snr = limits?.[k];
  return { ...what, ...point, ...(snr === undefined ? {} : { limitInjectedE: snr * point.changeErrE }) };
}

function describeReference(
  { fluxes, nJyPerE }: MeasuredTemplate,
  place: PixelPosition | undefined,
  k: number,
): Omit<LightCurve, 'position' | 'points'> {
  const flux = fluxes[k]!;
  if (!place || Number.isNaN(flux.fluxE)) return {};
  return {
    xTemplatePx: place.xPx,
    yTemplatePx: place.yPx,
    templateFluxE: flux.fluxE,
    templateFluxErrE: flux.fluxErrE,
    nJyPerE: nJyPerE[k],
  };
}

function timeOf(point: CurvePoint): number {
  return point.midpointMjdTai ?? point.midpointMjdHeliocentric ?? Number.POSITIVE_INFINITY;
}
