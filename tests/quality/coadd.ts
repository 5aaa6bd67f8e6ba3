import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExposure, writeFits } from '../../core/adapters/imaging/index.ts';
import { createStagePorts } from '../../core/app/compose-stages.ts';
import { parseLineConfig } from '../../core/app/parse-config.ts';
import { measurePsf, measurePsfFlux } from '../../core/domains/differencing/index.ts';
import { preprocessExposure } from '../../core/domains/preprocessing/index.ts';
import { madStandardDeviation } from '../../core/kernels/index.ts';
import { runStages } from '../../core/pipeline/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { type DrawnFrame, drawFrame, type StackFrame } from '../sky/draw-stack.ts';

/**
 * Coadds of simulated stacks, by the command line, from files to files.
 *
 * `npm run quality:coadd -- [--size 1024] [--frames 12] [--seeds 2]`
 *
 * For each method: noise of the sky and of point-source fluxes, flux bias, what outliers leave, and what the coadd is
 * worth as a template.
 */
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const [size, frames, seeds] = [option('size', 1024), option('frames', 12), option('seeds', 2)];

const frameOf = (k: number): StackFrame => ({
  fwhmPx: [2.6, 3.2, 4.4][k % 3]!,
  throughput: [1, 0.85, 1.15][k % 3]!,
  skyE: [900, 1300, 1000][Math.floor(k / 3) % 3]!,
  ditherPx: 20,
  rotationDeg: 0.5,
  trail: k === 4,
  rays: 40,
  events: k === 2 ? [{ xPx: size / 2, yPx: size / 3, fluxE: 20_000 }] : [],
});

for (let seed = 1; seed <= seeds; seed++) {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-coadd-quality-'));
  try {
    await tryOne(seed, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function save(path: string, frame: DrawnFrame): Promise<void> {
  await writeFits(path, [
    { kind: 'image', shape: [frame.sizePx, frame.sizePx], data: frame.pixels, header: frame.header },
  ]);
}

async function tryOne(seed: number, folder: string): Promise<void> {
  const stars = Math.round((900 * size * size) / 1e6);
  const paths: string[] = [];
  let first: DrawnFrame | undefined;
  for (let k = 0; k < frames; k++) {
    const drawn = drawFrame(size, stars, seed, frameOf(k), k);
    first ??= drawn;
    paths.push(join(folder, `night-${k}.fits`));
    await save(paths[k]!, drawn);
  }
  // A later night with something new, for which the coadds serve as template.
  const event = { xPx: 0.62 * size, yPx: 0.41 * size, fluxE: 3000 };
  const later = drawFrame(size, stars, seed, { ...frameOf(1), rays: 0, events: [event] }, 500);
  const sciencePath = join(folder, 'science.fits');
  await save(sciencePath, later);
  console.log(`seed ${seed}: ${frames} exposures of ${size} x ${size} px`);
  const fluxErr = new Map<string, number>();
  for (const method of ['first alone', 'weighted', 'clipped', 'proper']) {
    const isAlone = method === 'first alone';
    const out = isAlone ? paths[0]! : join(folder, `${method}.fits`);
    const started = performance.now();
    const megabytes = isAlone ? 0 : coaddByCommand(paths, out, method);
    const seconds = (performance.now() - started) / 1000;
    const { exposure } = await readExposure(out);
    const coadd = preprocessExposure(exposure);
    const { psf } = measurePsf(coadd, coadd.sources, parseLineConfig({}).differencing.psf, method);
    const places = emptyPlaces(coadd.mask.data, size);
    const noiseFactor = 1 / (coadd.noiseCorrelationFactor ?? 1);
    const empty = measurePsfFlux(coadd, psf, places);
    const gain = coadd.facts.gainEPerAdu;
    const scatter = madStandardDeviation(Float32Array.from(empty, ({ fluxE }) => fluxE / gain));
    fluxErr.set(method, scatter);
    const bright = first!.stars.filter(
      ({ xPx, yPx, fluxE }) =>
        fluxE > 2e4 && fluxE < 4e5 && xPx > 60 && yPx > 60 && xPx < size - 60 && yPx < size - 60,
    );
    const fluxes = measurePsfFlux(coadd, psf, bright);
    const ratios = bright
      .map(({ fluxE }, k) => fluxes[k]!.fluxE / gain / fluxE - 1)
      .filter((value) => Number.isFinite(value))
      .sort((a, b) => a - b);
    const difference = await runStages(
      { sciencePath, templatePath: out, options: { allowBandMismatch: false } },
      'difference',
      { ports: createStagePorts(createInlineRunner()), config: parseLineConfig({}) },
    );
    const { metrics, grade } = difference.difference;
    console.log(
      `  ${method.padEnd(11)} gain ${gain.toFixed(2)}, FWHM ${psf.fwhmPx.toFixed(2)} px, sky rms ${(coadd.backgroundRmsE / gain).toFixed(2)} e-, ` +
        `point-source flux error ${scatter.toFixed(1)} e- (said ${((noiseFactor * median(empty.map(({ fluxErrE }) => fluxErrE))) / gain).toFixed(1)}), ` +
        `flux bias ${(100 * median(ratios)).toFixed(2)} %; ${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB peak`,
    );
    console.log(
      `              as template: scorr MAD-std ${metrics.scorrMadStd.toFixed(3)}, median ${metrics.scorrMedian.toFixed(3)}, ` +
        `stars beyond 5 sigma ${metrics.kernelStarsBeyond5Sigma} of ${metrics.starsTested}, grade ${grade}`,
    );
  }
  console.log(
    `  S/N of faint sources, proper over weighted: ${(fluxErr.get('weighted')! / fluxErr.get('proper')!).toFixed(3)}`,
  );
}

/** Run the command; gives its peak memory, MB. */
function coaddByCommand(paths: readonly string[], out: string, method: string): number {
  const told = ['coadd', ...paths, '--out', out, '--method', method];
  const run = spawnSync('/usr/bin/time', ['-f', '%M', process.execPath, 'core/cli/main.ts', ...told], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stderr.trim().split('\n').at(-1)) / 1024;
}

function emptyPlaces(mask: Uint16Array, side: number) {
  const places: { xPx: number; yPx: number }[] = [];
  for (let y = 40; y < side - 40; y += 9)
    for (let x = 40; x < side - 40; x += 9) {
      let used = 0;
      for (let j = -6; j <= 6; j++) for (let i = -6; i <= 6; i++) used |= mask[(y + j) * side + x + i]!;
      if (used === 0) places.push({ xPx: x, yPx: y });
    }
  return places;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
