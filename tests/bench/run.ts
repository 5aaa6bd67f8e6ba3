/**
 * Measure the line: `npm run bench [-- --size 2048 --repeat 3 --seed 7]`.
 *
 * Simulates survey fields, a new one each time so that nothing is found done, and runs the whole line on each, from two
 * files on disk to rows in the catalogue: once to warm up, then `repeat` times. Prints the medians of each stage by the clock on the
 * wall, processor time of the whole and the largest memory of the process. `--kernels` measures the kernels after it.
 * `--peers` measures each stage beside the field's programs instead: see peers.ts for its own options.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp, pathsOfCheckout, writeSimulatedField } from '../../core/app/index.ts';

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
  },
});
const sizePx = Number(values.size);
const repeat = Number(values.repeat);
const paths = pathsOfCheckout(fileURLToPath(new URL('../../', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'astrid-bench-'));

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
