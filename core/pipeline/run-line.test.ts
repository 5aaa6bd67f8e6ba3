import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTemporaryDatabase } from '../../tests/support/temporary-workspace.ts';
import { writeTinyModel } from '../../tests/support/tiny-model.ts';
import { createScorer, type Scorer } from '../adapters/ml/index.ts';
import { createFolderBlobStore, type FolderBlobStore } from '../adapters/storage/index.ts';
import { createStagePorts } from '../app/compose-stages.ts';
import { writeSimulatedField } from '../app/write-simulated-field.ts';
import { dropIdlePlanes, spoilIdleMemory, takeBytesMade } from '../kernels/index.ts';
import { AstridError, createInlineRunner } from '../utils/index.ts';
import {
  DEFAULT_LINE_CONFIG,
  type LineConfig,
  type RunRecord,
  type StageName,
  type StagePorts,
  type StageRunRepository,
  workClaim,
} from './index.ts';
import { LINE } from './line.ts';

const STAGES = LINE.map(({ name }) => name);
const CHANGED_DETECTION: LineConfig = {
  ...DEFAULT_LINE_CONFIG,
  detection: { ...DEFAULT_LINE_CONFIG.detection, thresholdSigma: 1000 },
};

let fields: string;
let scorer: Scorer;

beforeAll(async () => {
  fields = mkdtempSync(join(tmpdir(), 'astrid-line-'));
  const config = { sizePx: 160, transients: 4, difficulty: 'easy', stars: 50 } as const;
  const runner = createInlineRunner();
  await writeSimulatedField(join(fields, 'first'), { ...config, seed: 11 }, runner);
  await writeSimulatedField(join(fields, 'second'), { ...config, seed: 12 }, runner);
  writeTinyModel(join(fields, 'models'));
  scorer = await createScorer({
    modelsDir: join(fields, 'models'),
    workersDir: fileURLToPath(new URL('../../workers', import.meta.url)),
    workersExtension: '.ts',
  });
});

afterAll(async () => {
  await scorer.close();
  rmSync(fields, { recursive: true, force: true });
});

/** A pair in a workspace of its own, and what happens each time the line is run on it. */
async function openPair() {
  const folder = mkdtempSync(join(fields, 'pair-'));
  const science = join(folder, 'science.fits');
  const template = join(folder, 'template.fits');
  copyFileSync(join(fields, 'first/science.fits'), science);
  copyFileSync(join(fields, 'first/template.fits'), template);
  const database = await openTemporaryDatabase();
  const blobs: FolderBlobStore = await createFolderBlobStore(join(database.folder, 'blobs'));
  const { id } = await database.runs.create({
    sciencePath: science,
    templatePath: template,
    options: { allowBandMismatch: false },
  });
  let reads = 0;

  const work = async (
    changes: {
      readonly config?: LineConfig;
      readonly ports?: Partial<StagePorts>;
      readonly put?: FolderBlobStore['put'];
      readonly stageRuns?: StageRunRepository;
      readonly fromFilesPx?: number;
      readonly signal?: AbortSignal;
      readonly onStage?: (stage: StageName, seconds: number) => void;
      readonly letsGo?: boolean;
    } = {},
  ): Promise<{ readonly ran: readonly StageName[]; readonly reads: number; readonly run: RunRecord }> => {
    await database.runs.retry(id);
    const claim = await database.queue.claim({ worker: 'test', leaseMs: 60_000, runId: id });
    const before = new Set((await database.stageRuns.latest([id])).map((row) => row.id));
    const bare = createStagePorts(createInlineRunner(), scorer);
    reads = 0;
    const ports: StagePorts = {
      ...bare,
      readExposure: (path, signal) => {
        reads++;
        return bare.readExposure(path, signal);
      },
      ...changes.ports,
    };
    const store = { ...blobs, put: changes.put ?? blobs.put };
    const services = {
      ...database,
      blobs: store,
      stageRuns: changes.stageRuns ?? database.stageRuns,
      ports,
      clock: () => performance.now() / 1000,
      fromFilesPx: changes.fromFilesPx,
    };
    const results = await workClaim(services, claim!, {
      config: changes.config ?? DEFAULT_LINE_CONFIG,
      signal: changes.signal,
      onStage: changes.onStage,
    });
    if (changes.letsGo) {
      results!.letGo();
      expect(() => results!.need('difference')).toThrow('after the last stage to need it');
    }
    const after = await database.stageRuns.latest([id]);
    const ran = after.filter((row) => !before.has(row.id)).map((row) => row.stage as StageName);
    return { ran, reads, run: await database.runs.get(id) };
  };
  const rows = async () =>
    (await database.detections.list({ runId: id, vetoed: false, order: 'rank', limit: 1000 })).items;
  return { id, database, blobs, science, template, work, rows };
}

describe('the line', () => {
  test('runs every stage once; asked again it reads nothing, runs nothing and changes no row', async () => {
    const { id, database, work, rows } = await openPair();
    const first = await work();
    expect(first.ran).toEqual(STAGES);
    expect(first.run.status).toBe('done');
    const candidates = await rows();
    expect(candidates.length).toBeGreaterThan(0);
    const stages = await database.stageRuns.latest([id]);
    const lastEvent = await database.events.lastId();

    const second = await work();
    expect(second).toMatchObject({ ran: [], reads: 0, run: { status: 'done' } });
    expect(await rows()).toEqual(candidates);
    expect(await database.stageRuns.latest([id])).toEqual(stages);
    const news = await database.events.read({ afterId: lastEvent, limit: 100 });
    expect(news.map(({ kind }) => kind)).toEqual(['run.queued', 'run.finished']);
  });

  test('makes the same of images in files as of images in memory, also when it is resumed', async () => {
    const [inMemory, inFiles] = [await openPair(), await openPair()];
    await inMemory.work();
    await inFiles.work({ fromFilesPx: 0 });
    const made = async ({ database, id, rows }: typeof inFiles) => ({
      rows: (await rows()).map(({ id: _id, runId: _runId, ...rest }) => rest),
      planes: await database.planes.list(id),
      completeness: (await database.runs.get(id)).completeness,
    });
    const expected = await made(inMemory);
    expect(expected.rows.length).toBeGreaterThan(0);
    expect(await made(inFiles)).toEqual(expected);

    await inFiles.work({ config: CHANGED_DETECTION, fromFilesPx: 0 });
    expect((await inFiles.work({ fromFilesPx: 0 })).ran).toEqual([
      'detect',
      'score',
      'persist',
      'completeness',
    ]);
    expect(await made(inFiles)).toEqual(expected);
  });

  test('runs from the first stage that a changed setting shapes, and finds the same again when it is changed back', async () => {
    const { id, database, work, rows } = await openPair();
    await work();
    const candidates = await rows();
    const changed = await work({ config: CHANGED_DETECTION });
    expect(changed.ran).toEqual(['detect', 'score', 'persist', 'completeness']);
    expect(await rows()).toEqual([]);

    const back = await work();
    expect(back.ran).toEqual(['detect', 'score', 'persist', 'completeness']);
    const strip = (found: Awaited<ReturnType<typeof rows>>) => found.map(({ id: _id, ...rest }) => rest);
    expect(strip(await rows())).toEqual(strip(candidates));
    expect((await database.stageRuns.latest([id])).every(({ status }) => status === 'done')).toBe(true);
  });

  test('calibrates the template again, which is not kept, for who registers it again, and finds the same', async () => {
    const { id, database, work, rows } = await openPair();
    await work();
    const [candidates, planes] = [await rows(), await database.planes.list(id)];
    const registration = { ...DEFAULT_LINE_CONFIG.registration, saturationGrowthPx: 9 };
    const changed = await work({ config: { ...DEFAULT_LINE_CONFIG, registration } });
    expect(changed).toMatchObject({ ran: STAGES.slice(2), reads: 2, run: { status: 'done' } });
    const back = await work();
    expect(back).toMatchObject({ ran: STAGES.slice(2), reads: 2, run: { status: 'done' } });
    expect(await database.planes.list(id)).toEqual(planes);
    const strip = (found: typeof candidates) => found.map(({ id: _id, ...rest }) => rest);
    expect(strip(await rows())).toEqual(strip(candidates));
  });

  test('runs all of it when a file has changed, and again when it is put back', async () => {
    const { id, database, science, work, rows } = await openPair();
    await work();
    const candidates = await rows();
    const planes = await database.planes.list(id);
    copyFileSync(join(fields, 'second/science.fits'), science);
    // The fields do not overlap: the second attempt must fail, and not show the first one's candidates as its own.
    await expect(work()).rejects.toThrow(AstridError);
    expect((await database.runs.get(id)).status).toBe('failed');

    copyFileSync(join(fields, 'first/science.fits'), science);
    const { run, ran } = await work();
    expect(ran.slice(0, 3)).toEqual(['ingest', 'preprocess', 'register']);
    expect(run.status).toBe('done');
    expect(await database.planes.list(id)).toEqual(planes);
    expect(await rows()).toEqual(candidates);
  });

  test('forgets where an image lies on the sky when its file has come without coordinates', async () => {
    const { science, work } = await openPair();
    expect((await work()).run).toMatchObject({ status: 'done', sky: { columns: expect.any(Number) } });
    const file = readFileSync(science);
    for (const keyword of ['CTYPE1', 'CTYPE2']) file.write('X', file.indexOf(`${keyword}  =`));
    writeFileSync(science, file);
    const { ran, run } = await work();
    expect(ran).toContain('preprocess');
    expect([run.status, run.sky, run.science?.center]).toEqual(['done', undefined, undefined]);
  });

  test('runs all of it when a calibration file has changed', async () => {
    const { science, template, work } = await openPair();
    const config: LineConfig = {
      ...DEFAULT_LINE_CONFIG,
      calibration: { ...DEFAULT_LINE_CONFIG.calibration, biasPath: `${science}.bias` },
    };
    copyFileSync(science, config.calibration.biasPath);
    // A bias equal to the science image leaves nothing to see: whatever stage says so, ingest is done.
    await expect(work({ config })).rejects.toThrow(AstridError);
    copyFileSync(template, config.calibration.biasPath);
    const stages: StageName[] = [];
    await work({ config, onStage: (stage, seconds) => void (seconds > 0 && stages.push(stage)) }).catch(
      () => undefined,
    );
    expect(stages[0]).toBe('ingest');
  });

  test('leaves completeness out where that is wished, and measures it when it is wished again', async () => {
    const { work, id, database } = await openPair();
    const completeness = { ...DEFAULT_LINE_CONFIG.completeness, injections: 8 };
    const config = { ...DEFAULT_LINE_CONFIG, completeness: { ...completeness, isMeasured: false } };
    const without = await work({ config });
    expect(without.run).toMatchObject({ status: 'done', completeness: undefined });
    const measured = await work({ config: { ...DEFAULT_LINE_CONFIG, completeness } });
    expect(measured.ran).toEqual(['completeness']);
    expect(measured.run.completeness).toMatchObject({ seed: 1, magnitudes: 'instrumental' });
    const stages = await database.stageRuns.latest([id]);
    expect(stages.at(-1)!.metrics.injected).toBe(measured.run.completeness!.injected);
    // What was measured with other settings says nothing of these.
    expect((await work({ config })).run.completeness).toBeUndefined();
  });

  test('records the stage that failed with its code, and a retry goes on from there', async () => {
    const { id, database, work } = await openPair();
    const score = async () => {
      throw new AstridError('detection/model-missing', 'There is no model.', { tried: 1 });
    };
    await expect(work({ ports: { score } })).rejects.toMatchObject({ code: 'detection/model-missing' });
    const error = { code: 'detection/model-missing', message: 'There is no model.', details: { tried: 1 } };
    expect(await database.runs.get(id)).toMatchObject({ status: 'failed', error });
    const stages = await database.stageRuns.latest([id]);
    expect(stages.at(-1)).toMatchObject({ stage: 'score', status: 'failed', error });

    const { ran, reads, run } = await work();
    expect({ ran, reads, status: run.status, error: run.error }).toEqual({
      ran: ['score', 'persist', 'completeness'],
      reads: 0,
      status: 'done',
      error: undefined,
    });
    const done = (await database.stageRuns.latest([id])).slice(0, 5);
    expect(done).toEqual(stages.slice(0, 5));
  });

  test('records a file that is not there as the failure of the stage that reads it', async () => {
    const { id, database, science, work } = await openPair();
    rmSync(science);
    await expect(work()).rejects.toMatchObject({ code: 'observations/unreadable' });
    expect(await database.stageRuns.latest([id])).toMatchObject([
      { stage: 'ingest', status: 'failed', error: { code: 'observations/unreadable' } },
    ]);
    copyFileSync(join(fields, 'first/science.fits'), science);
    expect((await work()).ran).toEqual(STAGES);
  });

  test('knows a file by what it read of it, and reads it once where nothing was made before', async () => {
    const { template, work } = await openPair();
    const other = readFileSync(template);
    // One bit of one pixel in the middle.
    other[other.length >> 1]! ^= 1;
    const bare = createStagePorts(createInlineRunner(), scorer);
    const hashed: string[] = [];
    const fingerprint: StagePorts['fingerprint'] = (path) => {
      hashed.push(path);
      return bare.fingerprint(path);
    };
    const readExposure: StagePorts['readExposure'] = (path, signal) => {
      // Whatever it was before that: only what is read counts.
      if (path === template) writeFileSync(template, other);
      return bare.readExposure(path, signal);
    };
    expect((await work({ ports: { fingerprint, readExposure } })).ran).toEqual(STAGES);
    expect(hashed).toEqual([]);
    expect((await work()).ran).toEqual([]);
    copyFileSync(join(fields, 'first/template.fits'), template);
    expect((await work()).ran).toEqual(STAGES);
  });

  test('refuses a file that is not any more what its result would be known by', async () => {
    const { template, work } = await openPair();
    await work();
    copyFileSync(join(fields, 'second/template.fits'), template);
    const bare = createStagePorts(createInlineRunner(), scorer);
    const readExposure: StagePorts['readExposure'] = (path, signal) => {
      if (path === template) copyFileSync(join(fields, 'first/template.fits'), template);
      return bare.readExposure(path, signal);
    };
    await expect(work({ ports: { readExposure } })).rejects.toMatchObject({
      code: 'observations/changed',
      details: { paths: [template] },
    });
  });

  test('makes the same of memory that the lines before gave back, whatever they left in it', async () => {
    const open = [await openPair(), await openPair(), await openPair()] as const;
    const kept = async ({ id, database, work }: (typeof open)[number], letsGo: boolean) => {
      await work({ letsGo });
      const stages = await database.stageRuns.latest([id]);
      return { planes: await database.planes.list(id), made: stages.map(({ metrics }) => metrics) };
    };
    spoilIdleMemory(true);
    try {
      takeBytesMade();
      const first = await kept(open[0], true);
      const fresh = takeBytesMade();
      const second = await kept(open[1], true);
      // Eleven planes and four masks.
      expect(takeBytesMade()).toBeLessThan(fresh - 12 * 160 * 160 * 4);
      const third = await kept(open[2], false);
      expect(third.made).toEqual(first.made);
      expect(second.made).toEqual(first.made);
      const address = ({ planes }: typeof first) => planes.map(({ kind, sha256 }) => `${kind} ${sha256}`);
      expect(address(first)).toHaveLength(7);
      expect(address(second)).toEqual(address(first));
      expect(address(third)).toEqual(address(first));
    } finally {
      spoilIdleMemory(false);
      dropIdlePlanes();
    }
  });

  test('makes again what was lost from the folder of blobs, and only that', async () => {
    const { id, database, blobs, work } = await openPair();
    await work();
    const planes = await database.planes.list(id);
    const difference = planes.find(({ kind }) => kind === 'difference')!;
    rmSync(blobs.path(difference.sha256));
    expect((await work()).ran).toEqual(['difference']);
    expect(await blobs.has(difference.sha256)).toBe(true);
    expect(await database.planes.list(id)).toEqual(planes);
  });

  test('makes again what was cut short, and what was damaged once that is known', async () => {
    const { id, database, blobs, work } = await openPair();
    await work();
    const planes = await database.planes.list(id);
    const path = blobs.path(planes.find(({ kind }) => kind === 'difference')!.sha256);
    truncateSync(path, 0);
    expect((await work()).ran).toEqual(['difference']);
    const spoil = (file: string): void => {
      const bytes = readFileSync(file);
      bytes[5]! ^= 1;
      writeFileSync(file, bytes);
    };
    // Who reads it finds it damaged, and says to process its run again.
    spoil(path);
    const config = CHANGED_DETECTION;
    await expect(work({ config })).rejects.toMatchObject({ code: 'storage/corrupted' });
    expect((await work({ config })).ran).toContain('difference');
    for (const sha256 of (await database.blobReferences.list()).artefacts) spoil(blobs.path(sha256));
    expect((await work({ config })).ran).toEqual([
      'preprocess',
      'register',
      'difference',
      'detect',
      'completeness',
    ]);
    expect(await database.planes.list(id)).toEqual(planes);
  });

  test('computes and writes the next stage while one is being written, and has it on record only after that', async () => {
    const { database, blobs, work } = await openPair();
    const runner = createInlineRunner();
    let isRegistered = false;
    let begin = (): void => undefined;
    const writingTemplate = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const tasks: typeof runner = {
      ...runner,
      run: async (task, input, context) => {
        const made = await runner.run(task, input, context);
        isRegistered ||= task.name === 'preprocessing.resample-rows';
        return made;
      },
    };
    // The calibrated planes are not on disk before the template is being written.
    const put: FolderBlobStore['put'] = async (bytes) => {
      if (isRegistered) begin();
      await writingTemplate;
      return blobs.put(bytes);
    };
    const { ran, run } = await work({ put, ports: { ...createStagePorts(tasks, scorer) } });
    expect({ ran, status: run.status }).toEqual({ ran: STAGES, status: 'done' });
    const events = await database.events.read({ afterId: 0, limit: 1000 });
    const stages = events.filter(({ kind }) => kind.startsWith('stage.'));
    expect(stages.map(({ kind, data }) => `${kind} ${(data as { stage: string }).stage}`)).toEqual(
      STAGES.flatMap((stage) => [`stage.started ${stage}`, `stage.finished ${stage}`]),
    );
  });

  test('a stage that cannot be written fails, and the one that computes already leaves no trace', async () => {
    const { id, database, work } = await openPair();
    const put = async (): Promise<never> => {
      throw new AstridError('storage/disk-full', 'The disk is full.', {});
    };
    await expect(work({ put })).rejects.toMatchObject({ code: 'storage/disk-full' });
    expect(await database.stageRuns.latest([id])).toMatchObject([
      { stage: 'ingest', status: 'done' },
      { stage: 'preprocess', status: 'failed', error: { code: 'storage/disk-full' } },
    ]);
    expect((await work()).ran).toEqual(STAGES.slice(1));
  });

  test('nothing is written any more once it has failed', async () => {
    const { blobs, work } = await openPair();
    let puts = 0;
    let underway = 0;
    const put: FolderBlobStore['put'] = async (bytes) => {
      const position = puts++;
      underway++;
      // The first fails while the others of its stage, and those of the next one, are being written.
      await new Promise((resolve) => setTimeout(resolve, position === 0 ? 200 : 400));
      underway--;
      if (position === 0) throw new AstridError('storage/disk-full', 'The disk is full.', {});
      return blobs.put(bytes);
    };
    await expect(work({ put })).rejects.toMatchObject({ code: 'storage/disk-full' });
    expect({ puts: puts > 1, underway }).toEqual({ puts: true, underway: 0 });
  });

  test('nor when it cannot be put on record that it has started', async () => {
    const { database, blobs, work } = await openPair();
    let underway = 0;
    const put: FolderBlobStore['put'] = async (bytes) => {
      underway++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return blobs.put(bytes).finally(() => underway--);
    };
    const lost = new AstridError('pipeline/lease-lost', 'Another worker has it.', {});
    const start: typeof database.stageRuns.start = async (key, lease) => {
      if (key.stage === 'preprocess') throw lost;
      return database.stageRuns.start(key, lease);
    };
    let isCalibrated = false;
    const runner = createInlineRunner();
    const tasks: typeof runner = {
      ...runner,
      run: async (task, input, context) => {
        const made = await runner.run(task, input, context);
        isCalibrated ||= task.name === 'preprocessing.preprocess-exposure';
        return made;
      },
    };
    const stageRuns = { ...database.stageRuns, start };
    await work({ put, stageRuns, ports: { ...createStagePorts(tasks, scorer) } });
    expect({ isCalibrated, underway }).toEqual({ isCalibrated: true, underway: 0 });
  });

  test('stopped on request it goes back to the queue, and goes on where it was', async () => {
    const { id, database, work } = await openPair();
    const controller = new AbortController();
    const stop = (stage: StageName): void => {
      if (stage === 'register') controller.abort();
    };
    await expect(work({ signal: controller.signal, onStage: stop })).rejects.toMatchObject({
      code: 'internal/stopped',
    });
    expect((await database.runs.get(id)).status).toBe('queued');
    const { ran, reads } = await work();
    expect(ran).toEqual(['difference', 'detect', 'score', 'persist', 'completeness']);
    expect(reads).toBe(0);
  });
});
