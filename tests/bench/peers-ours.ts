/**
 * Our side of `npm run bench -- --peers`: one process for one stage of one size.
 *
 * Reads one JSON document a line (`{"do": "prepare", "stage", "folder", "size"}`, `{"do": "run"}`, `{"do": "finish"}`)
 * and answers each with one line. Started by peers.ts.
 */

import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { openFits, readExposure } from '../../core/adapters/imaging/index.ts';
import { createThreadRunner, type ThreadRunner } from '../../core/adapters/threads/index.ts';
import { createApp, pathsOfCheckout } from '../../core/app/index.ts';
import { subtractWithAlardLupton } from '../../core/domains/differencing/alard-lupton/subtract-with-alard-lupton.ts';
import {
  borderFor,
  DEFAULT_DIFFERENCING_CONFIG,
  type Difference,
  type DifferenceCanvas,
  differenceImages,
  evaluatePsf,
  makeCanvas,
  measureCells,
  measurePsfFluxTask,
  planCells,
  planTiles,
  type SpatialPsf,
  subtractTileTask,
} from '../../core/domains/differencing/index.ts';
import { measurePair } from '../../core/domains/differencing/measure-pair.ts';
import { cleanCosmicRays } from '../../core/domains/preprocessing/clean-cosmic-rays.ts';
import {
  type CalibratedExposure,
  DEFAULT_PREPROCESSING,
  DEFAULT_REGISTRATION,
  extractSources,
  measureBackground,
  preprocessExposureTask,
  type RegisteredTemplate,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import { giveBackPlanes, makePlane, type Plane } from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/random.ts';
import { compareZogy } from './compare-zogy.ts';

interface Work {
  readonly run: () => unknown;
  /** Take away what the run before left, outside of the time of the next. */
  readonly clear?: () => void;
  readonly finish?: () => Promise<object> | object;
}

interface Request {
  readonly do: 'prepare' | 'write' | 'run' | 'finish';
  readonly stage: string;
  readonly folder: string;
  readonly size: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const POSITIONS = 10_000;
const SWEEPING_MS = 20;
const closing: (() => Promise<unknown> | unknown)[] = [];

function startThreads(): ThreadRunner {
  const threads = createThreadRunner({
    workersDir: join(root, 'workers'),
    extension: '.ts',
    threads: cpus().length,
  });
  closing.push(() => threads.close());
  return threads;
}

async function readPlane(path: string): Promise<Plane> {
  const file = await openFits(path);
  try {
    return (await file.readImage()).plane;
  } finally {
    await file.close();
  }
}

async function preprocess(
  folder: string,
  threads: ThreadRunner,
): Promise<readonly [CalibratedExposure, CalibratedExposure]> {
  const calibrate = async (name: string): Promise<CalibratedExposure> => {
    const { exposure } = await readExposure(join(folder, `${name}.fits`));
    return threads.run(preprocessExposureTask, { exposure, calibration: {}, config: DEFAULT_PREPROCESSING });
  };
  return Promise.all([calibrate('science'), calibrate('template')]);
}

interface Pair {
  readonly science: CalibratedExposure;
  readonly template: RegisteredTemplate;
  readonly difference: Difference;
}

async function makePair(folder: string, threads: ThreadRunner): Promise<Pair> {
  const [science, raw] = await preprocess(folder, threads);
  const template = await registerImages(science, raw, DEFAULT_REGISTRATION, threads);
  const config = { ...DEFAULT_DIFFERENCING_CONFIG, method: 'zogy' as const, fallsBack: false };
  return { science, template, difference: await differenceImages(science, template, config, threads) };
}

/** The same profile everywhere: what the peers are given too. */
function constantPsf(psf: SpatialPsf): SpatialPsf {
  const stamp = evaluatePsf(psf, (psf.imageWidth - 1) / 2, (psf.imageHeight - 1) / 2);
  return { ...psf, degree: 0, coefficients: [Float32Array.from(stamp.data)], halo: undefined };
}

/** Write the registered pair on one flux scale, profiles and positions, for the stages that start from them. */
async function writePair(folder: string): Promise<void> {
  const { science, template, difference } = await makePair(folder, startThreads());
  const { width, height } = science.science;
  const ratio = difference.fluxRatio;
  const scaled = (plane: Plane, factor: number) => Float32Array.from(plane.data, (value) => value * factor);
  const planes = {
    science: scaled(science.science, 1),
    template: scaled(template.science, ratio),
    scienceVariance: scaled(science.variance, 1),
    templateVariance: scaled(template.variance, ratio * ratio),
    spoiled: Float32Array.from(science.mask.data, (bits, i) => (bits | template.mask.data[i]! ? 1 : 0)),
  };
  for (const [name, data] of Object.entries(planes)) writeFileSync(join(folder, `${name}.f32`), data);
  // Whole images are transformed at once: what is spoiled must not ring.
  const sciencePsf = constantPsf(difference.sciencePsf);
  const templatePsf = constantPsf(difference.templatePsf);
  const size = Math.max(sciencePsf.size, templatePsf.size);
  const facts = {
    psfSize: size,
    sciencePsf: [...enlarge(sciencePsf, size)],
    templatePsf: [...enlarge(templatePsf, size)],
    scienceSigma: science.backgroundRmsE,
    templateSigma: template.backgroundRmsE * ratio,
    fluxRatio: ratio,
    fwhmPx: science.fwhmPx,
    gainEPerAdu: science.facts.gainEPerAdu,
  };
  writeFileSync(join(folder, 'pair.json'), JSON.stringify(facts));
  const random = createRandom(11);
  const positions = Float64Array.from(
    { length: 2 * POSITIONS },
    (_, i) => random.uniform() * (i % 2 === 0 ? width : height) - 0.5,
  );
  writeFileSync(join(folder, 'positions.f64'), positions);
}

function enlarge(psf: SpatialPsf, size: number): Float32Array {
  const out = new Float32Array(size * size);
  const margin = (size - psf.size) / 2;
  for (let y = 0; y < psf.size; y++) {
    const row = psf.coefficients[0]!.subarray(y * psf.size, (y + 1) * psf.size);
    out.set(row, (y + margin) * size + margin);
  }
  return out;
}

function loadPlane(folder: string, name: string, size: number): Plane {
  const plane = makePlane(size, size);
  const bytes = readFileSync(join(folder, `${name}.f32`));
  plane.data.set(new Float32Array(bytes.buffer, bytes.byteOffset, size * size));
  return plane;
}

function subtracted(image: Plane, level: Plane): Plane {
  const out = makePlane(image.width, image.height);
  for (let i = 0; i < out.data.length; i++) out.data[i] = image.data[i]! - level.data[i]!;
  return out;
}

async function prepare(stage: string, folder: string, size: number): Promise<Work> {
  switch (stage) {
    case 'read-float32':
      return prepareRead(join(folder, 'float32.fits'));
    case 'read-rice':
      return prepareRead(join(folder, 'rice.fits'));
    case 'extract': {
      const image = await readPlane(join(folder, 'float32.fits'));
      return {
        run: () => {
          const { level, rms } = measureBackground(image, undefined);
          return extractSources({ image: subtracted(image, level), rms });
        },
      };
    }
    case 'cosmic-rays': {
      const image = await readPlane(join(folder, 'float32.fits'));
      return { run: () => cleanCosmicRays({ image, readNoiseE: 6.5, saturationE: 65536 }) };
    }
    case 'register': {
      const threads = startThreads();
      const [science, template] = await preprocess(folder, threads);
      return {
        run: () => registerImages(science, template, DEFAULT_REGISTRATION, threads),
      };
    }
    case 'zogy':
      return prepareZogy(folder, size);
    case 'alard-lupton': {
      // From measured stars to the decorrelated difference, as hotpants from two images.
      const threads = startThreads();
      const { science, template } = await makePair(folder, threads);
      const kernel = { ...DEFAULT_DIFFERENCING_CONFIG.kernel, degree: 2 };
      const config = { ...DEFAULT_DIFFERENCING_CONFIG, kernel };
      const pair = await measurePair(science, template, config, threads, {});
      return { run: () => subtractWithAlardLupton(pair, config, threads, {}) };
    }
    case 'forced': {
      const threads = startThreads();
      const { science, difference } = await makePair(folder, threads);
      const numbers = readFileSync(join(folder, 'positions.f64'));
      const flat = new Float64Array(numbers.buffer, numbers.byteOffset, 2 * POSITIONS);
      const positions = Array.from({ length: POSITIONS }, (_, i) => ({
        xPx: flat[2 * i]!,
        yPx: flat[2 * i + 1]!,
      }));
      const image = { science: science.science, variance: science.variance, mask: science.mask };
      const psf = constantPsf(difference.sciencePsf);
      const share = Math.ceil(POSITIONS / threads.concurrency);
      const parts = Array.from({ length: threads.concurrency }, (_, k) =>
        positions.slice(k * share, (k + 1) * share),
      );
      return {
        run: () =>
          Promise.all(parts.map((part) => threads.run(measurePsfFluxTask, { image, psf, positions: part }))),
      };
    }
    case 'line':
      return prepareLine(folder);
    default:
      throw new Error(`no stage ${stage}`);
  }
}

/** Files are read on a thread, as in the line, which takes the time itself. */
function prepareRead(path: string): Work {
  const worker = new Worker(new URL('peers-read.ts', import.meta.url));
  closing.push(() => worker.terminate());
  return {
    run: async () => {
      worker.postMessage(path);
      const [sample] = await once(worker, 'message');
      return sample;
    },
  };
}

/** Tiles on all threads, as the line subtracts, with profiles and flux ratio given. */
async function prepareZogy(folder: string, size: number): Promise<Work> {
  const threads = startThreads();
  const { science, template, difference } = await makePair(folder, threads);
  const sciencePsf = constantPsf(difference.sciencePsf);
  const templatePsf = constantPsf(difference.templatePsf);
  const pixels = (image: CalibratedExposure | RegisteredTemplate) => ({
    science: image.science,
    variance: image.variance,
    mask: image.mask,
  });
  const common = {
    science: pixels(science),
    template: pixels(template),
    sciencePsf,
    templatePsf,
    match: {
      fluxRatio: [difference.fluxRatio],
      fluxRatioErr: 0,
      fluxRatioScatter: 0,
      shiftX: [0],
      shiftY: [0],
      sigmaXPx: 0,
      sigmaYPx: 0,
      starsUsed: 100,
    },
    brightStars: { science: [], template: [] },
    noiseCorrelationFactor: 1,
    sigmaXPx: 0,
    sigmaYPx: 0,
    saturationGrowthPx: 0,
    hasFluxes: true,
  };
  const psfs = [sciencePsf, templatePsf];
  const config = DEFAULT_DIFFERENCING_CONFIG;
  const cells = await measureCells(planCells(size, size, psfs, config), { science, template }, threads, {});
  const tiles = planTiles(cells, config.tileSidePx, borderFor(psfs));
  let last: DifferenceCanvas | undefined;
  return {
    run: async () => {
      // Who has no more use for a difference gives its planes back.
      if (last) giveBackPlanes(Object.values(last));
      const canvas = makeCanvas(size, size);
      last = canvas;
      await Promise.all(tiles.map((tile) => threads.run(subtractTileTask, { ...common, canvas, tile })));
      return canvas;
    },
    finish: () => (size <= 2048 ? compareZogy(folder, size, loadPlane) : {}),
  };
}

/** The whole program in a workspace of its own; each run gets a pair it has not seen. */
async function prepareLine(folder: string): Promise<Work> {
  const workspace = mkdtempSync(join(tmpdir(), 'astrid-peers-'));
  const app = await createApp({
    host: 'direct',
    workspaceDir: workspace,
    paths: pathsOfCheckout(root),
    worksQueue: false,
  });
  closing.push(
    () => app.close(),
    () => rmSync(workspace, { recursive: true, force: true }),
  );
  // Peers end at their detections: what the line learns after its candidates are on screen is left out.
  const configPath = join(workspace, 'line.json');
  writeFileSync(configPath, JSON.stringify({ completeness: { isMeasured: false } }));
  const blobs = join(workspace, 'blobs');
  return {
    // Peers keep nothing of a run; how a disk fills is another question.
    clear: () => {
      for (const name of readdirSync(blobs).filter((one) => /^[0-9a-f]{2}$/.test(one)))
        rmSync(join(blobs, name), { recursive: true });
    },
    run: async () => {
      const turns = join(folder, 'turns');
      const [turn] = readdirSync(turns);
      const [sciencePath, templatePath] = ['science.fits', 'template.fits'].map((name) =>
        join(turns, turn!, name),
      );
      return app.processPair({ sciencePath: sciencePath!, templatePath: templatePath!, configPath });
    },
  };
}

function peakMiB(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function timed({ run, clear }: Work): Promise<object> {
  clear?.();
  // What the run before left is given back before this one, as reference counts do for the peers: also by the sweepers, who
  // go on beside the program for some milliseconds.
  (globalThis as { gc?: () => void }).gc?.();
  await setTimeout(SWEEPING_MS);
  try {
    // Makes the kernel forget the peak so far.
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then it is the peak since the process began.
  }
  const cpu = process.cpuUsage();
  const started = performance.now();
  const result = await run();
  const wallS = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  // A thread that took the time itself knows better.
  const own = result !== null && typeof result === 'object' && 'wallS' in result ? result : {};
  return { wallS, cpuS: (used.user + used.system) / 1e6, peakMiB: peakMiB(), ...own };
}

let work: Work | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  let answer: object = {};
  try {
    if (request.do === 'write') {
      await writePair(request.folder);
    } else if (request.do === 'prepare') work = await prepare(request.stage, request.folder, request.size);
    else if (request.do === 'run') answer = await timed(work!);
    else answer = (await work!.finish?.()) ?? {};
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
for (const close of closing) await close();
