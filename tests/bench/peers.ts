/**
 * Measure each stage beside the programs of the field: `npm run bench -- --peers [--sizes 1024,2048,4096] [--stages read-rice,zogy] [--repeat 5] [--seed 7]`.
 *
 * Every side of a stage is a process of its own, warmed up until it gets no faster; then runs alternate between ours and the
 * peers, so that what else the machine does hits all of them. Prints warm medians of the clock on the wall with all cores, processor
 * time, the largest resident memory during a run (the process with its libraries), the ratios of both times to the best
 * peer's, and what was asked of the first. On a busy machine the second is the truer one: waits count in the first. Peers that this machine lacks are named as absent. `--sizes 8192` works too.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createThreadRunner } from '../../core/adapters/threads/index.ts';
import { writeSimulatedField } from '../../core/app/index.ts';
import type { Agreement } from './compare-zogy.ts';
import { findStages, type Peer, type Stage } from './peer-stages.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1024,2048,4096' },
    stages: { type: 'string', default: '' },
    repeat: { type: 'string', default: '5' },
    seed: { type: 'string', default: '7' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const repeat = Number(values.repeat);
const here = fileURLToPath(new URL('.', import.meta.url));
/** Wall time after which a stage has been measured well enough, s; cheap ones run more often than `repeat`. */
const ENOUGH_S = 1.5;
const MOST_RUNS = 25;
/** A side is warm when so many runs in a row took no less than this share of the least processor time before. */
const WARM = { runs: 2, share: 0.95, most: 8 } as const;

interface Sample {
  readonly wallS: number;
  readonly cpuS: number;
  readonly peakMiB: number;
}

interface Side {
  ask(request: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Start a child that answers a line with a line. */
function startSide(program: string, args: readonly string[]): Side {
  const child: ChildProcessWithoutNullStreams = spawn(program, args);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-600);
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} ended: ${complaint}`);
      return JSON.parse(value);
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

const startOurs = (): Side => startSide(process.execPath, ['--expose-gc', join(here, 'peers-ours.ts')]);

/** The Python of this machine that knows most of the peers; Astropy writes what they read. */
async function findPython(): Promise<
  { program: string; versions: Record<string, string | null> } | undefined
> {
  let best: { program: string; versions: Record<string, string | null> } | undefined;
  const known = (versions: Record<string, string | null>) => Object.values(versions).filter(Boolean).length;
  for (const program of ['python3', '/usr/bin/python3']) {
    const side = startSide(program, [join(here, 'peers.py')]);
    try {
      const { versions } = (await side.ask({ do: 'list' })) as { versions: Record<string, string | null> };
      if (versions.astropy && (!best || known(versions) > known(best.versions))) best = { program, versions };
      await side.close();
    } catch {
      // Not there, or without what the script needs.
    }
  }
  return best;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

const summarise = (samples: readonly Sample[]): Sample => ({
  wallS: median(samples.map(({ wallS }) => wallS)),
  cpuS: median(samples.map(({ cpuS }) => cpuS)),
  peakMiB: Math.max(...samples.map(({ peakMiB }) => peakMiB)),
});

interface Contestant {
  readonly name: string;
  readonly peer?: Peer;
  readonly side: Side;
  readonly samples: Sample[];
  /** Make what the next run needs, outside of its time. */
  readonly prepareRun?: ((run: number) => Promise<void>) | undefined;
  error?: string;
}

async function runOnce(contestant: Contestant, run: number): Promise<Sample | undefined> {
  if (contestant.error) return undefined;
  await contestant.prepareRun?.(run);
  const answer = await contestant.side.ask({ do: 'run' });
  if (typeof answer.error === 'string') contestant.error = answer.error;
  return contestant.error ? undefined : (answer as unknown as Sample);
}

/** Run a side until it gets no faster: some compile what they run, and all fill caches. */
async function warmUp(contestant: Contestant): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let [run, idle] = [0, 0]; run < WARM.most && idle < WARM.runs; run++) {
    const sample = await runOnce(contestant, WARM_SEEDS + run);
    if (sample === undefined) return;
    idle = sample.cpuS < WARM.share * least ? 0 : idle + 1;
    least = Math.min(least, sample.cpuS);
  }
}

async function measureStage(
  stage: Stage,
  peers: readonly Peer[],
  folder: string,
  size: number,
  python: string,
) {
  const seed = Number(values.seed) + 1;
  const prepareRun =
    stage.name === 'line' ? (run: number) => makeNextField(folder, size, seed + run) : undefined;
  const ours: Contestant = { name: 'ours', side: startOurs(), samples: [], prepareRun };
  const theirs = peers.map(
    (peer): Contestant => ({
      name: peer.name,
      peer,
      side: startSide(python, [join(here, 'peers.py')]),
      samples: [],
    }),
  );
  const all = [ours, ...theirs];
  try {
    for (const one of all) {
      const answer = await one.side.ask({
        do: 'prepare',
        stage: stage.name,
        peer: one.peer?.name,
        folder,
        size,
      });
      if (typeof answer.error === 'string') one.error = answer.error;
      await warmUp(one);
    }
    for (let run = 0; run < MOST_RUNS; run++) {
      for (const one of all) {
        const sample = await runOnce(one, run);
        if (sample) one.samples.push(sample);
      }
      const spent = Math.min(...all.map(({ samples }) => samples.reduce((sum, { wallS }) => sum + wallS, 0)));
      if (run + 1 >= repeat && (spent > ENOUGH_S || stage.name === 'line')) break;
    }
    for (const one of theirs) if (!one.error) await one.side.ask({ do: 'finish' });
    const remark = ours.error ? {} : await ours.side.ask({ do: 'finish' });
    return { ours, theirs, remark };
  } finally {
    for (const one of all) await one.side.close();
  }
}

const cpuRatio = (own: Sample | undefined, peer: Sample | undefined): string =>
  (own && peer ? (own.cpuS / peer.cpuS).toFixed(3) : '').padStart(6);
const seconds = (value: number): string => value.toFixed(value < 0.1 ? 4 : value < 10 ? 3 : 1).padStart(8);
const cells = ({ wallS, cpuS, peakMiB }: Sample): string =>
  `${seconds(wallS)} ${seconds(cpuS)} ${peakMiB.toFixed(0).padStart(6)}`;

async function main(): Promise<void> {
  const python = await findPython();
  const versions = python?.versions ?? {};
  console.log(`${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`);
  const present = Object.entries(versions).filter(([, version]) => version);
  const absent = Object.entries(versions).filter(([, version]) => !version);
  console.log(`peers: ${present.map(([name, version]) => `${name} ${version}`).join(', ') || 'none'}`);
  if (!python) console.log('absent: all, for there is no python3 with NumPy and Astropy here');
  else if (absent.length > 0) console.log(`absent: ${absent.map(([name]) => name).join(', ')}`);
  const wanted = values.stages === '' ? undefined : values.stages.split(',');
  const stages = findStages(versions).filter(({ name }) => wanted?.includes(name) ?? true);
  const folder = mkdtempSync(join(tmpdir(), 'astrid-peers-'));
  const walls = new Map<string, Map<number, number>>();
  try {
    for (const size of sizes)
      await measureSize(size, stages, join(folder, `${size}`), python?.program, walls);
    printGrowth(stages, walls);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeField(folder: string, size: number, seed: number): Promise<void> {
  const threads = createThreadRunner({
    workersDir: fileURLToPath(new URL('../../workers/', import.meta.url)),
    extension: '.ts',
    threads: 1,
  });
  await writeSimulatedField(folder, { sizePx: size, seed, difficulty: 'survey' }, threads);
  await threads.close();
}

/** Fields to warm up on are others than those that are measured, however many it takes. */
const WARM_SEEDS = 1000;

/** Our line gets a pair that it has not seen, in the place of the last one. */
async function makeNextField(folder: string, size: number, seed: number): Promise<void> {
  const turns = join(folder, 'turns');
  rmSync(turns, { recursive: true, force: true });
  await makeField(join(turns, `${seed}`), size, seed);
}

async function askOnce(side: Side, request: object): Promise<void> {
  const answer = await side.ask(request);
  await side.close();
  if (typeof answer.error === 'string') throw new Error(answer.error);
}

async function measureSize(
  size: number,
  stages: readonly Stage[],
  folder: string,
  python: string | undefined,
  walls: Map<string, Map<number, number>>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await makeField(folder, size, Number(values.seed));
  if (python) await askOnce(startSide(python, [join(here, 'peers.py')]), { do: 'write', folder });
  if (stages.some(({ needsPair }) => needsPair)) await askOnce(startOurs(), { do: 'write', folder });
  console.log(`\n${size} x ${size} px survey pair; wall s, processor s, peak MiB`);
  console.log(`${'stage'.padEnd(26)} ${'ours'.padEnd(26)} ${'peer'.padEnd(52)} wall ratio, cpu ratio, ask`);
  for (const stage of stages) {
    const present = stage.peers.filter(({ isPresent }) => isPresent);
    const { ours, theirs, remark } = await measureStage(stage, present, folder, size, python ?? 'python3');
    const own = ours.samples.length > 0 ? summarise(ours.samples) : undefined;
    if (own) walls.set(stage.name, (walls.get(stage.name) ?? new Map()).set(size, own.wallS));
    const timed = theirs
      .filter(({ error, samples }) => !error && samples.length > 0)
      .map((one) => ({
        name: one.name,
        isRival: one.peer?.isRival !== false,
        sample: summarise(one.samples),
      }))
      .sort((a, b) => Number(b.isRival) - Number(a.isRival) || a.sample.wallS - b.sample.wallS);
    const rivals = timed.filter(({ isRival }) => isRival);
    const fixed = stage.fixed && rivals.length === 0 ? stage.fixed(size) : undefined;
    const best = rivals[0]?.sample.wallS ?? fixed?.wallS;
    const left = stage.title.padEnd(26);
    const middle = own ? cells(own).padEnd(26) : 'not there'.padEnd(26);
    const ratio = own && best !== undefined ? own.wallS / best : undefined;
    const verdict =
      ratio === undefined
        ? ''
        : `${ratio.toFixed(3).padStart(6)} ${cpuRatio(own, rivals[0]?.sample)} ${stage.ask.toFixed(2).padStart(5)} ${ratio <= stage.ask ? 'met' : 'MISSED'}`;
    const first = timed[0]
      ? `${timed[0].name.padEnd(26)} ${cells(timed[0].sample)}`
      : (fixed?.text ?? 'no peer here');
    console.log(`${left} ${middle} ${first.padEnd(52)} ${verdict}`);
    for (const { name, sample, isRival } of timed.slice(1)) {
      const beside = own
        ? `${(own.wallS / sample.wallS).toFixed(3).padStart(6)} ${cpuRatio(own, sample)}`
        : '';
      console.log(
        `${''.padEnd(53)} ${`${name.padEnd(26)} ${cells(sample)}`.padEnd(52)} ${beside} ${isRival ? '' : ' (does less or more)'}`,
      );
    }
    for (const one of [ours, ...theirs])
      if (one.error) console.log(`${''.padEnd(27)}${one.name}: ${one.error}`);
    for (const peer of stage.peers.filter(({ isPresent }) => !isPresent))
      console.log(`${''.padEnd(53)} ${peer.name}: not run here`);
    for (const [where, agreed] of Object.entries(remark as Record<string, Agreement>))
      console.log(
        `${''.padEnd(27)}within 1e-3 of the reference where |S_corr| > 3, ${NAMED[where as keyof typeof NAMED]} (${agreed.pixels} pixels): S_corr ${percent(agreed.scores / agreed.pixels)}, D ${percent(agreed.differences / agreed.pixels)}`,
      );
  }
}

const NAMED = { clean: 'elsewhere', nearSpoiled: 'near saturated stars' } as const;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function printGrowth(
  stages: readonly Stage[],
  walls: ReadonlyMap<string, ReadonlyMap<number, number>>,
): void {
  if (sizes.length < 2) return;
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  console.log(`\ngrowth of our wall time per pixel from ${small} to ${large} (1 is linear)`);
  for (const { name, title } of stages) {
    const [a, b] = [walls.get(name)?.get(small), walls.get(name)?.get(large)];
    if (a === undefined || b === undefined) continue;
    console.log(`${title.padEnd(26)} ${(b / a / (large / small) ** 2).toFixed(2)}`);
  }
}

await main();
