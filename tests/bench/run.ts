/**
 * Measure the line: `npm run bench [-- --size 2048 --repeat 3 --seed 7]`.
 *
 * Simulates survey fields, a new one each time so that nothing is found done, and runs the whole line on each, from two
 * files on disk to rows in the catalogue: once to warm up, then `repeat` times. Prints the medians of each stage by the clock on the
 * wall, processor time of the whole and the largest memory of the process. `--kernels` measures the kernels after it.
 * `--sizes 1024,2048,4096,8192` tells instead how both grow: of each size one pair is processed in a program of its own.
 * `--peers` measures each stage beside the field's programs instead: see peers.ts for its own options.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp, pathsOfCheckout, writeSimulatedField } from '../../core/app/index.ts';

const self = fileURLToPath(import.meta.url);

if (process.argv.includes('--peers')) {
  const { status } = spawnSync(
    process.execPath,
    [
      fileURLToPath(new URL('peers.ts', import.meta.url)),
      ...process.argv.slice(2).filter((argument) => argument !== '--peers'),
    ],
    { stdio: 'inherit' },
  );
  process.exit(status ?? 1);
}

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '2048' },
    repeat: { type: 'string', default: '3' },
    seed: { type: 'string', default: '7' },
    kernels: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    pair: { type: 'string' },
  },
});
if (values.sizes !== undefined) {
  measureGrowth(values.sizes.split(',').map(Number), Number(values.seed));
  process.exit(0);
}
const sizePx = Number(values.size);
const repeat = Number(values.repeat);
const paths = pathsOfCheckout(fileURLToPath(new URL('../../', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'astrid-bench-'));
if (values.pair !== undefined) {
  await measurePair(values.pair);
  process.exit(0);
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

try {
  const wall = new Map<string, number[]>();
  const note = (name: string, seconds: number): void => {
    wall.set(name, [...(wall.get(name) ?? []), seconds]);
  };
  const app = await createApp({
    host: 'direct',
    workspaceDir: join(folder, 'workspace'),
    paths,
    worksQueue: false,
  });
  const cpuSeconds: number[] = [];
  const candidates: number[] = [];
  for (let pass = 0; pass <= repeat; pass++) {
    const files = await writeSimulatedField(
      join(folder, `field-${pass}`),
      { sizePx, seed: Number(values.seed) + pass, difficulty: 'survey' },
      app.threads,
    );
    const started = performance.now();
    const cpu = process.cpuUsage();
    const stages: [string, number][] = [];
    const report = await app.processPair({
      sciencePath: files.science,
      templatePath: files.template,
      onStage: (stage, seconds) => {
        stages.push([stage, seconds]);
        if (stage === 'persist') stages.push(['to candidates', (performance.now() - started) / 1000]);
      },
    });
    if (pass === 0) continue;
    for (const [stage, seconds] of stages) note(stage, seconds);
    note('whole line', (performance.now() - started) / 1000);
    const used = process.cpuUsage(cpu);
    cpuSeconds.push((used.user + used.system) / 1e6);
    candidates.push(report.candidates.length);
  }
  await app.close();

  console.log(
    `${sizePx} x ${sizePx} px survey pair, ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`,
  );
  console.log(
    `warm medians of ${repeat} runs, files on disk to rows in the catalogue; ${median(candidates)} candidates a field\n`,
  );
  console.log('stage         wall s');
  for (const [name, seconds] of wall)
    console.log(`${name.padEnd(13)} ${median(seconds).toFixed(2).padStart(7)}`);
  console.log(`${'processor'.padEnd(12)} ${median(cpuSeconds).toFixed(2).padStart(7)}  (all threads)`);
  console.log(
    `${'memory'.padEnd(12)} ${(process.resourceUsage().maxRSS / 1024 / 1024).toFixed(2).padStart(7)}  GiB at most`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (values.kernels) {
  spawnSync(
    process.execPath,
    [fileURLToPath(new URL('kernels.ts', import.meta.url)), '--size', values.size],
    {
      stdio: 'inherit',
    },
  );
}

/** What `--pair` tells of one pair, in a program that did nothing else. */
interface PairCost {
  readonly candidates: number;
  readonly candidatesS: number;
  readonly lineS: number;
  readonly processorS: number;
  readonly memoryMiB: number;
}

/** Process pairs of several sizes, each in a fresh program, and print what they took. */
function measureGrowth(sizes: readonly number[], seed: number): void {
  console.log(
    `survey pairs, ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}; each in a fresh program, from two files to completeness`,
  );
  console.log('size px   to candidates s   whole line s   processor s   us per px   memory MB at most');
  for (const size of sizes) {
    const pair = mkdtempSync(join(tmpdir(), 'astrid-bench-pair-'));
    try {
      const cli = fileURLToPath(new URL('../../core/cli/main.ts', import.meta.url));
      const simulation = ['simulate', '--size', `${size}`, '--seed', `${seed}`, '--out', pair];
      runNode([cli, ...simulation, '--difficulty', 'survey']);
      const cost = JSON.parse(runNode([self, '--pair', pair])) as PairCost;
      const cells = [
        cost.candidatesS.toFixed(1).padStart(17),
        cost.lineS.toFixed(1).padStart(14),
        cost.processorS.toFixed(1).padStart(13),
        ((1e6 * cost.processorS) / (size * size)).toFixed(2).padStart(11),
        (cost.memoryMiB * 1.048576).toFixed(0).padStart(19),
      ];
      console.log(`${size}`.padEnd(7) + cells.join(''));
    } finally {
      rmSync(pair, { recursive: true, force: true });
    }
  }
}

/** Run a script as core/cli/bin.mjs runs the program, and give what it printed. */
function runNode(script: readonly string[]): string {
  const { status, stdout } = spawnSync(process.execPath, ['--max-semi-space-size=4', ...script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../../.cache/compile', import.meta.url)),
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '1048576',
      MALLOC_TRIM_THRESHOLD_: '1048576',
      ...process.env,
    },
  });
  if (status !== 0) throw new Error(`${script.join(' ')} ended with ${status}`);
  return stdout;
}

/** Process one pair and print its cost as JSON. */
async function measurePair(pair: string): Promise<void> {
  try {
    const app = await createApp({
      host: 'direct',
      workspaceDir: join(folder, 'workspace'),
      paths,
      worksQueue: false,
    });
    const started = performance.now();
    const cpu = process.cpuUsage();
    let candidatesS = 0;
    const report = await app.processPair({
      sciencePath: join(pair, 'science.fits'),
      templatePath: join(pair, 'template.fits'),
      onStage: (stage) => {
        if (stage === 'persist') candidatesS = (performance.now() - started) / 1000;
      },
    });
    const lineS = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    await app.close();
    const cost: PairCost = {
      candidates: report.candidates.length,
      candidatesS,
      lineS,
      processorS: (user + system) / 1e6,
      memoryMiB: process.resourceUsage().maxRSS / 1024,
    };
    console.log(JSON.stringify(cost));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
