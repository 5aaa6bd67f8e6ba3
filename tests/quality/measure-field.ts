import {
  DEFAULT_COMPLETENESS_CONFIG,
  DEFAULT_DETECTION_CONFIG,
  type Detection,
  detectChanges,
  holdTournament,
} from '../../core/domains/detection/index.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  type Difference,
  type DifferencingMethod,
  differenceImages,
} from '../../core/domains/differencing/index.ts';
import {
  parseWcs,
  readExposureFacts,
  type SimulateConfig,
  type SimulatedImage,
  simulateField,
  type TruthRow,
  UNUSABLE,
} from '../../core/domains/observations/index.ts';
import {
  type CalibratedExposure,
  DEFAULT_REGISTRATION,
  preprocessExposure,
  type RegisteredTemplate,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import type { Plane } from '../../core/kernels/index.ts';
import { createInlineRunner, type TaskRunner } from '../../core/utils/index.ts';

/** A simulated pair, calibrated and registered, and what is true of it. */
export interface PreparedField {
  readonly science: CalibratedExposure;
  readonly template: RegisteredTemplate;
  readonly truth: readonly TruthRow[];
}

/** One true event on usable pixels, and what became of it. */
export interface EventOutcome {
  readonly kind: TruthRow['kind'];
  readonly snr: number;
  /** A detection of the right sign within two pixels has no veto. */
  readonly isFound: boolean;
  /** Flux at the true position over the true one, and how many of its errors it is off. */
  readonly fluxRatio: number;
  readonly fluxPull: number;
}

/** How one method did on one field. */
export interface FieldOutcome {
  readonly method: Difference['method'];
  readonly events: readonly EventOutcome[];
  readonly megapixels: number;
  /** Detections without a veto and away from every truth. */
  readonly falseCount: number;
  readonly grade: Difference['grade'];
  readonly metrics: Difference['metrics'];
  /** Processor seconds of the engine's tasks, and of the whole difference with PSFs and grading. */
  readonly engineS: number;
  readonly wholeS: number;
}

const MATCH_PX = 2;
/** Nearer to a true event than this a detection is no false one: rings and halves of dipoles belong to it, px. */
const OWN_PX = 5;

/** Simulate, calibrate and register one field. */
export async function prepareField(config: Partial<SimulateConfig>): Promise<PreparedField> {
  const field = simulateField(config);
  const science = calibrate(field.science, 'science');
  const template = await registerImages(
    science,
    calibrate(field.template, 'template'),
    DEFAULT_REGISTRATION,
    createInlineRunner(),
  );
  return { science, template, truth: field.truth };
}

/** Subtract a field with one method, detect, and compare with the truth. */
export async function measureField(
  { science, template, truth }: PreparedField,
  method: DifferencingMethod | 'auto',
): Promise<FieldOutcome> {
  const timed = timeTasks(createInlineRunner());
  const started = processorS();
  const differencing = { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false };
  const detection = DEFAULT_DETECTION_CONFIG;
  const completeness = DEFAULT_COMPLETENESS_CONFIG;
  const difference =
    method === 'auto'
      ? await holdTournament(science, template, { differencing, detection, completeness }, timed.runner)
      : await differenceImages(science, template, differencing, timed.runner);
  const wholeS = processorS() - started;
  const { detections } = await detectChanges(
    { difference, science, template },
    DEFAULT_DETECTION_CONFIG,
    timed.runner,
  );
  const clear = detections.filter((detection) => detection.vetoes.length === 0);
  let usable = 0;
  for (const bits of difference.mask.data) if ((bits & UNUSABLE) === 0) usable++;
  return {
    method: difference.method,
    events: truth.filter((row) => isOnSky(row, difference)).map((row) => judgeEvent(row, difference, clear)),
    megapixels: usable / 1e6,
    falseCount: clear.filter((detection) => truth.every((row) => distance(row, detection) > OWN_PX)).length,
    grade: difference.grade,
    metrics: difference.metrics,
    engineS: timed.secondsExcept([
      'differencing.estimate-psf',
      'detection.search-rows',
      'detection.measure-peaks',
      'detection.fit-shapes',
    ]),
    wholeS,
  };
}

function calibrate({ pixels, header }: SimulatedImage, name: string): CalibratedExposure {
  const facts = readExposureFacts(header, pixels);
  return preprocessExposure({ name, pixels, header, facts, wcs: parseWcs(header) });
}

function processorS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function timeTasks(inner: TaskRunner) {
  const spent = new Map<string, number>();
  const runner: TaskRunner = {
    concurrency: inner.concurrency,
    run: async (task, input, context) => {
      const started = processorS();
      // An inline task has ended when its promise is there; awaiting would count its siblings too.
      const output = inner.run(task, input, context);
      spent.set(task.name, (spent.get(task.name) ?? 0) + processorS() - started);
      return output;
    },
  };
  const secondsExcept = (names: readonly string[]): number => {
    let sum = 0;
    for (const [name, seconds] of spent) if (!names.includes(name)) sum += seconds;
    return sum;
  };
  return { runner, secondsExcept };
}

function isOnSky(row: TruthRow, { mask }: Difference): boolean {
  const bits = mask.data[Math.round(row.yPx) * mask.width + Math.round(row.xPx)];
  return bits !== undefined && (bits & UNUSABLE) === 0;
}

function distance(row: TruthRow, detection: Detection): number {
  return Math.hypot(row.xPx - detection.xPx, row.yPx - detection.yPx);
}

function judgeEvent(row: TruthRow, difference: Difference, clear: readonly Detection[]): EventOutcome {
  const flux = sampleLanczos(difference.flux, row.xPx, row.yPx);
  const error =
    difference.fluxErr.data[Math.round(row.yPx) * difference.fluxErr.width + Math.round(row.xPx)]!;
  return {
    kind: row.kind,
    snr: row.snr,
    isFound: clear.some(
      (detection) => detection.isNegative === row.isNegative && distance(row, detection) < MATCH_PX,
    ),
    fluxRatio: flux / row.fluxE,
    fluxPull: (flux - row.fluxE) / error,
  };
}

/** Value of a plane between its pixels: the flux image is smooth, so eight neighbours each way tell it. */
function sampleLanczos(plane: Plane, x: number, y: number): number {
  const weight = (t: number): number =>
    t === 0
      ? 1
      : Math.abs(t) >= 4
        ? 0
        : (4 * Math.sin(Math.PI * t) * Math.sin((Math.PI * t) / 4)) / (Math.PI * t) ** 2;
  let sum = 0;
  let total = 0;
  for (let v = Math.max(0, Math.floor(y) - 3); v <= Math.min(plane.height - 1, Math.floor(y) + 4); v++) {
    for (let u = Math.max(0, Math.floor(x) - 3); u <= Math.min(plane.width - 1, Math.floor(x) + 4); u++) {
      const w = weight(u - x) * weight(v - y);
      sum += w * plane.data[v * plane.width + u]!;
      total += w;
    }
  }
  return sum / total;
}
