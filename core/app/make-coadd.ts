import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readExposureTask } from '../adapters/imaging/index.ts';
import {
  estimatePsfTask,
  evaluatePsf,
  type MeasuredPsf,
  matchImages,
} from '../domains/differencing/index.ts';
import type { MaskedImage } from '../domains/observations/index.ts';
import {
  type CalibratedExposure,
  type Coadd,
  type CoaddConfig,
  type CoaddInput,
  type CoaddMethod,
  combineExposures,
  measureFluxScale,
  preprocessExposureTask,
  type RegisteredTemplate,
  registerImages,
} from '../domains/preprocessing/index.ts';
import type { LineConfig } from '../pipeline/index.ts';
import { AstridError, isAstridError, type TaskRunner, throwIfStopped } from '../utils/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { keepRows } from './keep-rows.ts';

/** What to combine, and how. */
export interface CoaddRequest {
  readonly paths: readonly string[];
  /** One of the paths: its grid and flux scale are the coadd's. Default: the first. */
  readonly reference?: string | undefined;
  readonly method: CoaddMethod;
  readonly line: LineConfig;
  readonly coadd: CoaddConfig;
  /** The file to be made: registered exposures wait beside it, ten bytes a pixel each. */
  readonly outPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

/** One exposure that went into a coadd. */
export interface CombinedExposure {
  readonly path: string;
  readonly fluxScale: number;
  readonly skyNoiseE: number;
  readonly fwhmPx: number;
  readonly rmsPx: number;
  readonly exposureS?: number | undefined;
  readonly midpointMjdTai?: number | undefined;
  /** Level at which it saturates, e- of the reference above the sky. */
  readonly saturationE?: number | undefined;
}

/** A runner whose threads end, and give their memory back, when it is closed. */
export interface ClosingRunner extends TaskRunner {
  close(): Promise<void>;
}

/** A coadd, the exposure whose grid it has, and what it was made of. */
export interface MadeCoadd {
  readonly coadd: Coadd;
  readonly reference: Omit<CalibratedExposure, 'science' | 'variance' | 'mask'>;
  readonly exposures: readonly CombinedExposure[];
}

/**
 * Calibrate, register and combine exposures.
 *
 * One exposure is in memory at a time; registered ones wait in a file beside the result, which is gone at the end. An
 * exposure that cannot be read or registered is left out with a note; fewer than two are an error.
 *
 * @throws preprocessing/too-few-exposures, preprocessing/no-psf, preprocessing/bad-reference, internal/stopped, and what
 *   reading and calibrating the reference throws
 */
export async function makeCoadd(request: CoaddRequest, startRunner: () => ClosingRunner): Promise<MadeCoadd> {
  const { paths, signal } = request;
  const referencePath = request.reference ?? paths[0]!;
  if (!paths.some((path) => resolve(path) === resolve(referencePath)))
    throw new AstridError(
      'preprocessing/bad-reference',
      `The reference ${referencePath} is not one of the exposures to combine. Name one of them.`,
      { reference: referencePath },
    );
  // Each exposure on threads of its own, which end with it: what they held would else stay with them.
  const withRunner = async <Result>(work: (runner: TaskRunner) => Promise<Result>): Promise<Result> => {
    const runner = startRunner();
    try {
      return await work(runner);
    } finally {
      await runner.close();
      collectGarbage();
    }
  };
  const [reference, referencePsf] = await withRunner(async (runner) => {
    const exposure = await calibrate(referencePath, request, runner);
    return [exposure, await tryPsf(exposure, exposure.sources, referencePath, request, runner)] as const;
  });
  const { width, height } = reference.science;
  const folder = await mkdtemp(join(dirname(resolve(request.outPath)), '.coadd-'));
  const handles: FileHandle[] = [];
  try {
    const inputs: CoaddInput[] = [];
    const exposures: CombinedExposure[] = [];
    for (const [k, path] of paths.entries()) {
      throwIfStopped(signal);
      request.onProgress?.(`${k + 1} of ${paths.length}: registering ${path}`);
      const isReference = resolve(path) === resolve(referencePath);
      try {
        const handle = await open(join(folder, `${k}.raw`), 'w+');
        handles.push(handle);
        const made = await withRunner((runner) =>
          isReference
            ? keep(handle, path, reference, asRegistered(reference), referencePsf, 1)
            : register(handle, path, reference, referencePsf, request, runner),
        );
        inputs.push(made.input);
        exposures.push(made.facts);
      } catch (error) {
        if (!isAstridError(error) || UNFORGIVEN.has(error.code) || isReference) throw error;
        request.onNote?.(`${path} is left out: ${error.message}`);
      }
    }
    request.onProgress?.(`combining ${inputs.length} exposures`);
    const coadd = await withRunner((runner) =>
      combineExposures(inputs, { width, height }, request.method, runner, request.coadd, { signal }),
    );
    const { science: _science, variance: _variance, mask: _mask, ...facts } = reference;
    return { coadd, reference: facts, exposures };
  } finally {
    for (const handle of handles) await handle.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Failures that are not one exposure's. */
const UNFORGIVEN: ReadonlySet<string> = new Set(['internal/stopped', 'observations/disk-full']);

interface Kept {
  readonly input: CoaddInput;
  readonly facts: CombinedExposure;
}

async function register(
  handle: FileHandle,
  path: string,
  reference: CalibratedExposure,
  referencePsf: MeasuredPsf | undefined,
  request: CoaddRequest,
  runner: TaskRunner,
): Promise<Kept> {
  const { line, signal } = request;
  const exposure = await calibrate(path, request, runner);
  requireBand(exposure, reference);
  const registered = await registerImages(reference, exposure, line.registration, runner, { signal });
  const measured = await tryPsf(registered, registered.sources, path, request, runner);
  const fluxScale = compareFluxes(measured, referencePsf, registered, reference, path, line);
  return keep(handle, path, exposure, registered, measured, fluxScale);
}

async function keep(
  handle: FileHandle,
  path: string,
  exposure: CalibratedExposure,
  registered: RegisteredTemplate,
  measured: MeasuredPsf | undefined,
  fluxScale: number,
): Promise<Kept> {
  const { width, height } = registered.science;
  const { noiseCorrelationFactor } = registered;
  const skyNoiseE = registered.backgroundRmsE / noiseCorrelationFactor;
  const psf = measured && evaluatePsf(measured.psf, (width - 1) / 2, (height - 1) / 2);
  const readRows = await keepRows(handle, registered);
  return {
    input: { name: path, fluxScale, skyNoiseE, noiseCorrelationFactor, psf, readRows },
    facts: {
      path,
      fluxScale,
      skyNoiseE,
      fwhmPx: measured?.psf.fwhmPx ?? registered.fwhmPx,
      rmsPx: registered.registration.rmsPx,
      exposureS: exposure.facts.exposureS,
      midpointMjdTai: exposure.facts.midpointMjdTai,
      saturationE: saturationOf(exposure, fluxScale),
    },
  };
}

async function calibrate(
  path: string,
  { line, signal, onProgress }: CoaddRequest,
  runner: TaskRunner,
): Promise<CalibratedExposure> {
  onProgress?.(`calibrating ${path}`);
  const { exposure } = await runner.run(readExposureTask, { name: path }, { signal });
  return runner.run(
    preprocessExposureTask,
    { exposure, calibration: {}, config: line.preprocessing },
    { signal },
  );
}

function requireBand({ facts, name }: CalibratedExposure, reference: CalibratedExposure): void {
  const [own, wanted] = [facts.band, reference.facts.band];
  if (own === undefined || wanted === undefined || own === wanted) return;
  throw new AstridError(
    'observations/band-mismatch',
    `${name} was taken in band ${own}, the reference in ${wanted}.`,
    { band: own, reference: wanted },
  );
}

/** The reference on its own grid. */
function asRegistered(reference: CalibratedExposure): RegisteredTemplate {
  const { science, variance, mask, backgroundRmsE, fwhmPx, sources } = reference;
  return {
    ...{ science, variance, mask, backgroundRmsE, fwhmPx, sources },
    noiseCorrelationFactor: reference.noiseCorrelationFactor ?? 1,
    notes: [],
    registration: {
      method: 'stars',
      matched: sources.length,
      rmsPx: 0,
      sigmaXPx: 0,
      sigmaYPx: 0,
      offsetXPx: 0,
      offsetYPx: 0,
      overlap: 1,
      map: {
        kind: 'affine',
        plane: { order: 1, xMid: 0, yMid: 0, scalePx: 1, xCoefficients: [0, 1, 0], yCoefficients: [0, 0, 1] },
      },
      notes: [],
    },
  };
}

// Too few stars for a PSF is no reason to leave an exposure out of a mean.
async function tryPsf(
  { science, variance, mask }: MaskedImage,
  sources: CalibratedExposure['sources'],
  name: string,
  { line, signal, onNote }: CoaddRequest,
  runner: TaskRunner,
): Promise<MeasuredPsf | undefined> {
  try {
    const image = { science, variance, mask };
    return await runner.run(
      estimatePsfTask,
      { image, sources, name, config: line.differencing.psf },
      { signal },
    );
  } catch (error) {
    if (!isAstridError(error) || error.code !== 'differencing/too-few-psf-stars') throw error;
    onNote?.(`${name}: ${error.message}`);
    return undefined;
  }
}

/** Electrons of an exposure for one of the reference. */
function compareFluxes(
  measured: MeasuredPsf | undefined,
  reference: MeasuredPsf | undefined,
  registered: RegisteredTemplate,
  { science: { width, height }, sources }: CalibratedExposure,
  name: string,
  line: LineConfig,
): number {
  const matched =
    measured &&
    reference &&
    matchImages(measured.stars, reference.stars, width, height, {
      ...line.differencing,
      maxMatchDegree: 0,
    });
  return matched?.match.fluxRatio[0] ?? measureFluxScale(registered.sources, sources, name);
}

function saturationOf({ facts, backgroundE }: CalibratedExposure, fluxScale: number): number | undefined {
  if (facts.saturationAdu === undefined) return undefined;
  return (facts.saturationAdu * facts.gainEPerAdu - backgroundE) / fluxScale;
}
