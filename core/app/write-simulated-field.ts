import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFits } from '../adapters/imaging/index.ts';
import type { SimulateConfig, SimulatedImage, TruthRow } from '../domains/observations/index.ts';
import { DEFAULT_SIMULATE_CONFIG, simulateFieldTask } from '../domains/observations/index.ts';
import type { TaskContext, TaskRunner } from '../utils/index.ts';
import { AstridError, throwIfStopped } from '../utils/index.ts';
import { makeFolder, writeWhole } from './write-whole.ts';

/** Where a simulated field lies. */
export interface SimulatedFiles {
  readonly science: string;
  readonly template: string;
  readonly truth: string;
  readonly rows: readonly TruthRow[];
}

/** Tell where the files of a simulated field lie in its folder. */
export function simulatedPaths(folder: string): Omit<SimulatedFiles, 'rows'> {
  return {
    science: join(folder, 'science.fits'),
    template: join(folder, 'template.fits'),
    truth: join(folder, 'truth.csv'),
  };
}

/**
 * Simulate a field and write `science.fits`, `template.fits` and `truth.csv` into a folder.
 *
 * Each file appears whole or not at all; the truth last, so that its presence means that the field is complete.
 *
 * @throws observations/disk-full, observations/unwritable, observations/bad-simulation, internal/stopped
 */
export async function writeSimulatedField(
  folder: string,
  config: Partial<SimulateConfig>,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<SimulatedFiles> {
  const whole = { ...DEFAULT_SIMULATE_CONFIG, ...config };
  checkSimulation(whole);
  const field = await runner.run(simulateFieldTask, whole, context);
  const { science, template, truth } = simulatedPaths(folder);
  await makeFolder(folder);
  // A truth that lies here is another field's as soon as the first image is written.
  await rm(truth, { force: true });
  const written: string[] = [];
  try {
    for (const [path, image] of [
      [science, field.science],
      [template, field.template],
    ] as const) {
      throwIfStopped(context.signal);
      written.push(path);
      await writeFits(path, [imageOf(image)]);
    }
    throwIfStopped(context.signal);
  } catch (error) {
    // Images without their truth are of no use to anyone.
    for (const path of written) await rm(path, { force: true });
    throw error;
  }
  await writeWhole(truth, formatTruth(field.truth));
  return { science, template, truth, rows: field.truth };
}

function imageOf({ pixels, header }: SimulatedImage) {
  // Whole ADU in 0..65535 are sixteen bits, as a camera writes them.
  return {
    kind: 'image' as const,
    shape: [pixels.height, pixels.width],
    data: Uint16Array.from(pixels.data),
    header,
  };
}

/** Write truth rows as CSV: x, y, ra, dec, flux, snr, kind; positions are zero-based pixels of the science image. */
export function formatTruth(rows: readonly TruthRow[]): string {
  const lines = rows.map(({ xPx, yPx, raDeg, decDeg, fluxE, snr, kind }) =>
    [
      xPx.toFixed(3),
      yPx.toFixed(3),
      raDeg.toFixed(7),
      decDeg.toFixed(7),
      fluxE.toFixed(1),
      snr.toFixed(2),
      kind,
    ].join(),
  );
  return `${['x,y,ra,dec,flux,snr,kind', ...lines].join('\n')}\n`;
}

function checkSimulation({ sizePx, transients, stars, seed }: SimulateConfig): void {
  const check = (name: string, value: number, least: number, most: number): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new AstridError(
      'observations/bad-simulation',
      `--${name} ${value}: choose a whole number from ${least} to ${most}.`,
      { [name]: value, least, most },
    );
  };
  check('size', sizePx, 128, 16384);
  // More would lie on one another: a change wants 16 x 16 px of its own, and of stars a cluster has one in 4 x 4.
  check('transients', transients, 0, Math.floor(sizePx ** 2 / 256));
  if (stars !== undefined) check('stars', stars, 0, sizePx ** 2 / 16);
  check('seed', seed, 0, 2 ** 32 - 1);
}
