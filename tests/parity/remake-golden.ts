import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LiveGolden, ParityRow, Skipped } from './model.ts';

const PYTHON = '/usr/bin/python3';
const GOLDEN = 'tests/golden';
/** Numbers are written with this many digits or more. */
const DRIFT = 1e-5;

/** A copy of the scripts where their goldens may be written: as a checkout, with the shared data beside it. */
export function prepareWorkshop(folder: string): string {
  const golden = join(folder, 'checkout', GOLDEN);
  mkdirSync(golden, { recursive: true });
  if (existsSync('../shared')) symlinkSync(resolve('../shared'), join(folder, 'shared'));
  return golden;
}

/** Say what a golden's programs lack on this machine; `undefined` if nothing. */
export function findLack({ modules, programs }: LiveGolden): string | undefined {
  if (!existsSync(PYTHON)) return `${PYTHON} is not installed`;
  for (const module of modules) {
    const { status } = spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' });
    if (status !== 0) return `Python's ${module} is not installed`;
  }
  for (const program of programs) {
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined)
      return `${program} is not installed`;
  }
  return undefined;
}

/**
 * Make a golden again in the workshop.
 *
 * @returns why it could not be made, or nothing.
 */
export function remakeGolden(
  { script, readsImages, args = [], writes }: LiveGolden,
  workshop: string,
  images: string,
): Skipped | undefined {
  const checkout = resolve(workshop, '../..');
  copyFileSync(join(GOLDEN, script), join(workshop, script));
  const told = readsImages ? ['--images', images, '--out', join(workshop, writes[0]!)] : [];
  const { status, stderr } = spawnSync(PYTHON, [join(workshop, script), ...told, ...args], {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status === 0) return undefined;
  return { skipped: `${script} failed: ${stderr.trim().split('\n').at(-1) ?? `status ${status}`}` };
}

/** Copy goldens that were made again over those of the repository. */
export function keepGolden({ writes }: LiveGolden, workshop: string): void {
  for (const name of writes) cpSync(join(workshop, name), join(GOLDEN, name), { recursive: true });
}

/** How far the golden in the repository is from what the programs say now. */
export function measureDrift({ writes }: LiveGolden, workshop: string): ParityRow {
  const drift = { compared: 0, apart: 0 };
  for (const name of writes) {
    const now = join(workshop, name);
    const then = join(GOLDEN, name);
    if (statSync(now).isDirectory()) continue;
    if (name.endsWith('.json')) {
      compareValues(JSON.parse(readFileSync(then, 'utf8')), JSON.parse(readFileSync(now, 'utf8')), drift);
      continue;
    }
    const [first, second] = [then, now].map((path) => {
      const bytes = readFileSync(path);
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    }) as [Float32Array, Float32Array];
    if (first.length !== second.length) drift.apart += first.length;
    first.forEach((value, i) => {
      compareValues(value, second[i], drift);
    });
  }
  return {
    quantity: 'golden against the programs as installed: values apart',
    n: drift.compared,
    tolerance: 0,
    judged: drift.apart / Math.max(1, drift.compared),
    statistic: 'rate',
    unit: 'fraction',
  };
}

function compareValues(then: unknown, now: unknown, drift: { compared: number; apart: number }): void {
  if (typeof then === 'object' && then !== null && typeof now === 'object' && now !== null) {
    const before = then as Readonly<Record<string, unknown>>;
    const after = now as Readonly<Record<string, unknown>>;
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      // Which version made it may differ; what it made must not.
      if (key === 'tool' || key === 'madeBy') continue;
      compareValues(before[key], after[key], drift);
    }
    return;
  }
  drift.compared++;
  if (then === now) return;
  const isClose =
    typeof then === 'number' &&
    typeof now === 'number' &&
    Math.abs(now - then) <= DRIFT * Math.max(Math.abs(then), Math.abs(now), 1e-3);
  if (!isClose) drift.apart++;
}
