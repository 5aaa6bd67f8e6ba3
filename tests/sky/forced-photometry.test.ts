import { beforeAll, describe, expect, it } from 'vitest';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  DEFAULT_FORCED_FLUX_CONFIG,
  differenceImages,
  measureNoiseFactor,
  measurePsfFlux,
} from '../../core/domains/differencing/index.ts';
import {
  parseWcs,
  readExposureFacts,
  type SimulatedImage,
  simulateField,
} from '../../core/domains/observations/index.ts';
import {
  DEFAULT_REGISTRATION,
  preprocessExposure,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';

function calibrate({ pixels, header }: SimulatedImage, name: string) {
  const facts = readExposureFacts(header, pixels);
  return preprocessExposure({ name, pixels, header, facts, wcs: parseWcs(header) });
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const rmsOf = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** A simulated pair through the line, and what its fluxes are forced with. */
async function prepare() {
  const recipe = { snrRange: [15, 120] as const };
  const field = simulateField({ sizePx: 800, seed: 4711, transients: 90, difficulty: 'survey', recipe });
  const runner = createInlineRunner();
  const science = calibrate(field.science, 'science');
  const template = await registerImages(
    science,
    calibrate(field.template, 'template'),
    DEFAULT_REGISTRATION,
    runner,
  );
  const difference = await differenceImages(science, template, DEFAULT_DIFFERENCING_CONFIG, runner);
  const noiseFactor = measureNoiseFactor(difference, DEFAULT_FORCED_FLUX_CONFIG);
  const config = { ...DEFAULT_FORCED_FLUX_CONFIG, noiseFactor };
  const image = { science: difference.difference, variance: difference.variance, mask: difference.mask };
  return { field, science, difference, image, config };
}

describe('forced photometry on a difference made by the line', () => {
  let made: Awaited<ReturnType<typeof prepare>>;
  beforeAll(async () => {
    made = await prepare();
  }, 120_000);

  it('gives the fluxes of what changed, brighter or fainter, without bias and within their errors', () => {
    const { field, difference, image, config } = made;
    const rows = field.truth.filter(({ kind }) => kind !== 'moving');
    const fluxes = measurePsfFlux(image, difference.psf, rows, config);
    const clean = rows
      .map((row, k) => ({ row, flux: fluxes[k]! }))
      .filter(({ flux }) => flux.maskedFraction < 0.1);
    expect(clean.length).toBeGreaterThan(60);
    expect(clean.some(({ row }) => row.isNegative)).toBe(true);
    // The sum of all light is known to 0.2 %.
    const weight = clean.reduce((sum, { row }) => sum + Math.abs(row.fluxE), 0);
    const light = clean.reduce((sum, { row, flux }) => sum + flux.fluxE * Math.sign(row.fluxE), 0);
    expect(Math.abs(light / weight - 1)).toBeLessThan(0.01);
    const pulls = clean.map(({ row, flux }) => (flux.fluxE - row.fluxE) / flux.fluxErrE);
    // Eighty pulls: their robust scatter is known to 13 %.
    const scatter = 1.4826 * median(pulls.map((pull) => Math.abs(pull - median(pulls))));
    expect(Math.abs(scatter - 1)).toBeLessThan(0.3);
  });

  it('gives errors on empty sky that are true to a tenth', () => {
    const { field, difference, image, config } = made;
    const places = Array.from({ length: 48 * 48 }, (_, k) => ({
      xPx: 24.37 + (k % 48) * 15.71,
      yPx: 24.61 + Math.floor(k / 48) * 15.71,
    })).filter(
      ({ xPx, yPx }) =>
        ![...field.sources, ...field.truth, ...field.artefacts].some(
          (thing) => Math.hypot(thing.xPx - xPx, thing.yPx - yPx) < 10,
        ),
    );
    const fluxes = measurePsfFlux(image, difference.psf, places, config).filter(
      ({ maskedFraction }) => maskedFraction < 0.05,
    );
    expect(fluxes.length).toBeGreaterThan(900);
    expect(Math.abs(rmsOf(fluxes.map(({ fluxE, fluxErrE }) => fluxE / fluxErrE)) - 1)).toBeLessThan(0.1);
  });

  it('gives fluxes on the science image itself where no neighbour is near', () => {
    const { field, science, difference } = made;
    const rows = field.truth.filter(({ kind, isNegative }) => kind === 'hostless' && !isNegative);
    const fluxes = measurePsfFlux(science, difference.sciencePsf, rows);
    const ratios = rows.flatMap((row, k) => (row.snr > 15 ? [fluxes[k]!.fluxE / row.fluxE] : []));
    expect(ratios.length).toBeGreaterThan(15);
    // 3 % a source.
    expect(Math.abs(median(ratios) - 1)).toBeLessThan(0.02);
  });
});
