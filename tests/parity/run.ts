/**
 * Compare what we compute with what the field's reference programs compute, and print how far apart they are:
 * `npm run parity [-- --live] [-- --only WORD]`.
 *
 * The programs' answers are goldens in `tests/golden`, which name program and version. `--live` asks the programs
 * again where they are installed and compares with the fresh answers, and the goldens with them; `--write` keeps the
 * fresh ones. Ends with 1 if a row is beyond its tolerance.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeImages } from './images.ts';
import { isMet, type ParityCheck, type ParityRow } from './model.ts';
import { PARITY_CHECKS } from './registry.ts';
import { findLack, keepGolden, measureDrift, prepareWorkshop, remakeGolden } from './remake-golden.ts';

const { values } = parseArgs({
  options: {
    live: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const checks = PARITY_CHECKS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const count = { met: 0, missed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), 'astrid-parity-'));

try {
  const workshop = values.live ? prepareWorkshop(folder) : undefined;
  const images = join(folder, 'images');
  if (workshop !== undefined) {
    mkdirSync(images);
    await writeImages(images);
  }
  /** Goldens made again so far, by script: what they lacked. */
  const remade = new Map<string, string | undefined>();
  for (const check of checks) {
    let goldenDir = 'tests/golden';
    const drift: ParityRow[] = [];
    if (workshop !== undefined) {
      const isNew = !remade.has(check.live?.script ?? check.name);
      const lack = remake(check, workshop, images, remade);
      if (lack === undefined) goldenDir = workshop;
      else if (isNew) console.log(`\n${check.name}: not asked again: ${lack}`);
      if (lack === undefined && isNew && check.live !== undefined) {
        if (values.write) keepGolden(check.live, workshop);
        drift.push(measureDrift(check.live, workshop));
      }
    }
    await report(check, goldenDir, drift);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `\n${count.met + count.missed} rows: ${count.met} met, ${count.missed} missed; ${count.skipped} comparisons skipped`,
);
process.exitCode = count.missed > 0 ? 1 : 0;

function remake(
  { name, live }: ParityCheck,
  workshop: string,
  images: string,
  remade: Map<string, string | undefined>,
): string | undefined {
  const key = live?.script ?? name;
  if (!remade.has(key)) {
    const lack = live === undefined ? 'nothing makes its golden' : findLack(live);
    remade.set(key, lack ?? (live && remakeGolden(live, workshop, images))?.skipped);
  }
  return remade.get(key);
}

async function report(check: ParityCheck, goldenDir: string, drift: readonly ParityRow[]): Promise<void> {
  const result = await check.run({ goldenDir });
  if ('skipped' in result) {
    count.skipped++;
    console.log(`\n${check.name}: skipped: ${result.skipped}`);
    return;
  }
  console.log(`\n${check.name}: against ${check.reference({ goldenDir })}`);
  console.log(
    `  ${'quantity'.padEnd(56)} ${'n'.padStart(8)} ${'judged'.padStart(10)} ${''.padEnd(6)} ${'tolerance'.padStart(10)} ${'typical'.padStart(10)}  unit`,
  );
  for (const row of [...drift, ...result]) {
    const holds = isMet(row);
    if (holds) count.met++;
    else count.missed++;
    console.log(
      `  ${row.quantity.padEnd(56)} ${String(row.n).padStart(8)} ${format(row.judged)} ${row.statistic.padEnd(6)} ` +
        `${row.isLeast === true ? '>=' : '<='}${format(row.tolerance).slice(2)} ${row.typical === undefined ? ''.padStart(10) : format(row.typical)}  ` +
        `${row.unit}${holds ? '' : '   MISSED'}`,
    );
  }
}

function format(value: number): string {
  const text =
    value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5)
      ? String(Number(value.toPrecision(4)))
      : value.toExponential(1);
  return text.padStart(10);
}
