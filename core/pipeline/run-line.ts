import { giveBackPlanesOf, hasMade } from '../kernels/index.ts';
import { AstridError, isAstridError, throwIfStopped, toErrorRecord } from '../utils/index.ts';
import { hasArtefact, loadArtefact, saveArtefact } from './artefact.ts';
import type { LineConfig } from './config.ts';
import { hashOf } from './hash.ts';
import { LINE } from './line.ts';
import { moveToFiles } from './move-to-files.ts';
import type {
  BlobStore,
  FinishedStage,
  PlaneRecord,
  RunClaim,
  RunPatch,
  RunRecord,
  RunRepository,
  StageKey,
  StageResult,
  StageRunRepository,
} from './ports.ts';
import type { ProgressListener } from './progress.ts';
import {
  type HeldOutputs,
  type KeptOutputs,
  learn,
  type Stage,
  type StageContext,
  type StageName,
  type StageOutputs,
  type StagePorts,
} from './stage.ts';
import { LARGE_IMAGE_PX } from './tasks.ts';

/** Changes whenever a stage's code makes different rows from the same input. */
export const CODE_VERSION = '5';

export interface LineServices {
  readonly runs: RunRepository;
  readonly stageRuns: StageRunRepository;
  readonly blobs: BlobStore;
  readonly ports: StagePorts;
  /** Monotonic seconds, for durations. */
  readonly clock: () => number;
  /** Images of so many pixels are read from their files once they are on disk, and smaller ones stay in memory to the end of the line; 2^23 if absent. */
  readonly fromFilesPx?: number | undefined;
}

export interface LineOptions {
  readonly claim: RunClaim;
  readonly config: LineConfig;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onNote?: ((stage: StageName, note: string) => void) | undefined;
  /** Told when a stage is done and all it made is on disk, or found to be done already (0 s). */
  readonly onStage?: ((stage: StageName, seconds: number) => void) | undefined;
}

/** Results of a line by stage, each loaded only when asked for. */
export interface LineResults {
  need<Name extends StageName>(stage: Name): Promise<HeldOutputs[Name]>;
  /** Give back the planes of all that was made, for the next line to use their memory: whoever asks for results after that is refused. */
  letGo(): void;
}

/** What a line over small images may leave of planes before the host collects its garbage, bytes. */
const PLANES_OF_SMALL_BYTES = 256 << 20;

/**
 * Run the line over one claimed pair, from the first stage that is missing to the end.
 *
 * A stage counts as done only when all it made is on disk, in one transaction; a stage that was cut off runs
 * again. While it is being written the next stage computes and is written already, but that one is on record only after it. Same files, same configuration and same code: same key, and the kept result is used.
 *
 * @returns the results, to read without running anything again.
 * @throws what the failing stage throws, after it is recorded; internal/stopped when the signal is aborted.
 */
export async function runLine(services: LineServices, options: LineOptions): Promise<LineResults> {
  const { stageRuns, blobs, ports } = services;
  const { claim, config, signal } = options;
  let run = await services.runs.get(claim.runId);
  const results = new Map<StageName, () => Promise<unknown>>();
  // What this line made itself, for as long as its images are small; large ones are let go of as soon as they can be.
  let made: unknown[] = [];
  const need: StageContext['need'] = <Name extends StageName>(stage: Name) => {
    const result = results.get(stage);
    if (!result) throw new Error(`stage ${stage} was asked for before it ran`);
    return result() as Promise<HeldOutputs[Name]>;
  };

  const before = await stageRuns.latest([run.id]);
  const newest = new Set(before.map(({ id }) => id));
  // Where nothing was made before there is nothing to find: files are known by what is read of them, and read once.
  const isNew = before.length === 0;
  let inputHash = await hashOf({ sciencePath: run.sciencePath, templatePath: run.templatePath });
  let saving: Promise<void> = Promise.resolve();
  const ran = new Set<StageName>();
  try {
    for (const stage of LINE as readonly Stage[]) {
      throwIfStopped(signal);
      const configHash = await hashOf(stage.config(config, ports, run) ?? null);
      const paths = stage.files?.(config, run) ?? [];
      const files = isNew ? undefined : await fingerprintFiles(paths, ports);
      if (files) inputHash = await addFiles(inputHash, files);
      let key: StageKey = {
        runId: run.id,
        stage: stage.name,
        codeVersion: CODE_VERSION,
        configHash,
        inputHash,
      };
      const context: StageContext = {
        run,
        config,
        ports,
        signal,
        mayOverwrite: true,
        need,
        report: (fraction, message) =>
          options.onProgress?.({ runId: run.id, stage: stage.name, fraction, message }),
      };
      const kept = isNew ? undefined : await stageRuns.find(key);
      // A stage that ran since with another key has put its planes and rows in the place of this one's.
      if (kept && newest.has(kept.id) && (await isWhole(kept, blobs))) {
        results.set(
          stage.name,
          once(() => loadOutput(stage, kept, context, files, services)),
        );
        await saving;
        options.onStage?.(stage.name, 0);
      } else {
        const work = { stage, context, key, paths, files };
        const { output, patch, saved, finalKey } = await runStage(work, services, options, saving);
        saving = saved;
        key = finalKey;
        run = learn(run, patch);
        ran.add(stage.name);
        results.set(stage.name, async () => output);
        made = isLarge(run) ? [] : [...made, output];
      }
      // What was written in part may be completed from what came before: it is not over yet.
      const isOver = ran.has(stage.name) || stage.pick === undefined;
      if (isOver)
        for (const path of stage.lastToNeed ?? []) await forget(results, path, (name) => ran.has(name));
      const hasLitter = isLarge(run) ? ran.has(stage.name) : hasMade(PLANES_OF_SMALL_BYTES);
      if (stage.planes !== undefined && hasLitter) ports.freeMemory?.();
      inputHash = await hashOf({ ...key, runId: undefined });
    }
    await saving;
  } finally {
    // Nothing is written any more once the caller hears of the end.
    await saving.catch(() => undefined);
  }
  const letGo = (): void => {
    for (const name of results.keys()) results.set(name, refuse(name));
    made.forEach(giveBackPlanesOf);
    made = [];
  };
  return { need, letGo };
}

/** Answer who asks for a result that was let go of: it is a mistake in the program. */
const refuse = (path: string) => (): never => {
  throw new Error(`${path} was asked for after the last stage to need it`);
};

/**
 * Let go of a result, or of a part of it (`preprocess.template`), that no later stage needs.
 *
 * To ask for it then is a mistake in the program.
 *
 * @param isInMemory let go of it at once; otherwise when the rest is read.
 */
async function forget(
  results: Map<StageName, () => Promise<unknown>>,
  path: string,
  isInMemory: (name: StageName) => boolean,
): Promise<void> {
  const [name, part] = path.split('.') as [StageName, string | undefined];
  const refused = refuse(path);
  // A result of which nothing is left is not held by the closures below either.
  let whole = part === undefined ? undefined : results.get(name);
  const rest = once(async () => {
    const left = { ...((await whole?.()) as object) };
    // Or it would be held for as long as the rest.
    whole = undefined;
    return Object.defineProperty(left, part!, { get: refused });
  });
  results.set(name, part === undefined ? async () => refused() : rest);
  if (part !== undefined && isInMemory(name)) await rest();
}

function isLarge({ science, template }: RunRecord): boolean {
  return [science, template].some((image) => (image?.width ?? 0) * (image?.height ?? 0) >= LARGE_IMAGE_PX);
}

type Fingerprints = Readonly<Record<string, string | undefined>>;

async function fingerprintFiles(paths: readonly string[], ports: StagePorts): Promise<Fingerprints> {
  const hashes = await Promise.all(paths.map((path) => ports.fingerprint(path)));
  return Object.fromEntries(paths.map((path, position) => [path, hashes[position]]));
}

/** Add the files that a stage reads to the hash of what goes into it. */
async function addFiles(inputHash: string, files: Fingerprints): Promise<string> {
  return Object.keys(files).length === 0 ? inputHash : hashOf({ inputHash, files });
}

/** Tell whether all that a finished stage made is still there; people do empty folders. */
async function isWhole({ output }: StageResult, blobs: BlobStore): Promise<boolean> {
  const artefact = artefactOf(output);
  return artefact === undefined || hasArtefact(blobs, artefact);
}

/** Load what a finished stage made, or make it again where nothing of it was kept. */
async function loadOutput(
  stage: Stage,
  { output }: StageResult,
  context: StageContext,
  files: Fingerprints | undefined,
  { blobs, ports, fromFilesPx }: LineServices,
): Promise<unknown> {
  if (stage.keeps === 'nothing') return makeOutput(stage, context, files);
  const artefact = artefactOf(output);
  if (artefact === undefined) return output;
  const addresses = new Map<string, string>();
  const value = await loadArtefact<KeptOutputs[StageName]>(blobs, artefact, true, addresses);
  if (moveToFiles(stage, value, addresses, blobs, fromFilesPx ?? LARGE_IMAGE_PX)) ports.freeMemory?.();
  return stage.complete?.(value) ?? value;
}

function artefactOf(output: unknown): string | undefined {
  return (output as { readonly artefact?: string } | null)?.artefact;
}

/** Pick what the files that a stage read are known by. */
function pickFingerprints(output: StageOutputs[StageName], paths: readonly string[]): Fingerprints {
  const { fingerprints } = output as Partial<StageOutputs['ingest']>;
  return Object.fromEntries(paths.map((path) => [path, fingerprints?.[path]]));
}

/** Run a stage, and make sure that the files it read are those that its result will be known by, if that is known. */
async function makeOutput(
  stage: Stage,
  context: StageContext,
  files: Fingerprints | undefined,
): Promise<StageOutputs[StageName]> {
  const output = await stage.run(context);
  const paths = Object.keys(files ?? {});
  const read = pickFingerprints(output, paths);
  const changed = paths.filter((path) => read[path] !== files?.[path]);
  if (changed.length > 0) {
    throw new AstridError(
      'observations/changed',
      `${changed.join(' and ')} changed while being read; process the pair again when nothing writes to it.`,
      { paths: changed },
    );
  }
  return output;
}

/** One run of a stage. */
interface StageWork {
  readonly stage: Stage;
  readonly context: StageContext;
  readonly key: StageKey;
  /** Files that it reads. */
  readonly paths: readonly string[];
  /** What they are known by; absent where nobody looked before, so that the result tells. */
  readonly files: Fingerprints | undefined;
}

/**
 * Run a stage, and save what it made.
 *
 * @param before settles when the stage before is on disk; only then is this one on record.
 * @returns its result, the key that it is known by, and when it is on disk and on record.
 */
async function runStage(
  { stage, context, key, paths, files }: StageWork,
  services: LineServices,
  options: LineOptions,
  before: Promise<void>,
): Promise<{ output: unknown; patch: RunPatch; finalKey: StageKey; saved: Promise<void> }> {
  const { clock, stageRuns } = services;
  const from = clock();
  context.report(0, '');
  const making = makeOutput(stage, context, files);
  const keeping = making.then((output) => {
    throwIfStopped(options.signal);
    return keepOutput(stage, output, services);
  });
  // Looked at only after the stage before; until then its failure is no news.
  const over = keeping.catch(() => undefined);
  const [earlier] = await Promise.allSettled([before, before.catch(() => over)]);
  if (earlier.status === 'rejected') throw earlier.reason;
  const started = await stageRuns.start(key, options.claim.lease).catch(async (error: unknown) => {
    // The next line starts when this one is over: nothing of it may compute or be written by then.
    await over;
    throw error;
  });
  const recordFailure = async (error: unknown): Promise<never> => {
    await over;
    // A stop or a lost lease leaves the stage open: whoever has the run next closes it as interrupted.
    if (!isInterruption(error)) {
      await stageRuns.fail({
        stageRunId: started.id,
        lease: options.claim.lease,
        seconds: clock() - from,
        error: toErrorRecord(error),
      });
    }
    throw error;
  };
  try {
    const output = await making;
    throwIfStopped(options.signal);
    const inputHash = files ? key.inputHash : await addFiles(key.inputHash, pickFingerprints(output, paths));
    const summary = await stage.summarise(output, context);
    for (const note of summary.notes ?? []) options.onNote?.(stage.name, note);
    const seconds = clock() - from;
    const finished = {
      stageRunId: started.id,
      lease: options.claim.lease,
      seconds,
      inputHash,
      metrics: summary.metrics,
      run: summary.run,
      events: summary.events,
    };
    const saved = keeping
      .then((kept) => finishStage(stage, context, { ...finished, ...kept }, services))
      .then(() => options.onStage?.(stage.name, seconds))
      .catch(recordFailure);
    // Whoever awaits it hears of a failure; until then it is not forgotten.
    saved.catch(() => undefined);
    return { output, patch: summary.run ?? {}, finalKey: { ...key, inputHash }, saved };
  } catch (error) {
    return recordFailure(error);
  }
}

/** Write what a stage made to disk: nobody knows of it until the stage is on record. */
async function keepOutput(
  stage: Stage,
  output: StageOutputs[StageName],
  { blobs, ports, fromFilesPx }: LineServices,
): Promise<Pick<FinishedStage, 'output' | 'planes'>> {
  if (stage.keeps === 'nothing') return { output: null };
  // It is the rows.
  if (stage.name === 'persist') return { output };
  const describe = (stage.planes ?? []).map((shown) => describePlane(output, shown));
  const saved = await saveArtefact(blobs, stage.pick?.(output) ?? output, (arrays) => {
    if (moveToFiles(stage, output, arrays, blobs, fromFilesPx ?? LARGE_IMAGE_PX)) ports.freeMemory?.();
  });
  return { output: { artefact: saved.sha256 }, planes: describe.map((addTo) => addTo(saved.arrays)) };
}

/** Record that a stage is done. */
async function finishStage(
  stage: Stage,
  context: StageContext,
  finished: FinishedStage,
  { stageRuns }: LineServices,
): Promise<void> {
  if (stage.name === 'persist') {
    const { modelVersion, executionProvider, detections } = await context.need('score');
    await stageRuns.finishWithCandidates({ ...finished, modelVersion, executionProvider, detections });
  } else await stageRuns.finish(finished);
}

/** Describe a plane while it is in memory; its address is told later. */
function describePlane(
  output: unknown,
  shown: NonNullable<Stage['planes']>[number],
): (arrays: ReadonlyMap<string, string>) => PlaneRecord {
  let node = output as Record<string, unknown>;
  for (const step of shown.path.split('.')) node = node[step] as Record<string, unknown>;
  const plane = node as unknown as { width: number; height: number; data: Float32Array | Uint16Array };
  const { width, height } = plane;
  const dtype = plane.data instanceof Float32Array ? 'float32' : 'uint16';
  return (arrays) => {
    const sha256 = arrays.get(`${shown.path}.data`);
    if (sha256 === undefined) throw new Error(`the plane ${shown.path} was not kept`);
    return { kind: shown.kind, sha256, width, height, dtype, unit: shown.unit };
  };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= make();
    return value;
  };
}

/** Tell whether an error means that the run was stopped or taken over, and is not its own failure. */
export function isInterruption(error: unknown): error is AstridError {
  return isAstridError(error) && (error.code === 'internal/stopped' || error.code === 'pipeline/lease-lost');
}
