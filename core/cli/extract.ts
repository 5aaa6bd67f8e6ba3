import { readExposureTask, writeFits } from '../adapters/imaging/index.ts';
import { createThreads } from '../app/compose-stages.ts';
import { parseLineConfig } from '../app/parse-config.ts';
import { pathsOfCheckout } from '../app/paths.ts';
import { estimatePsfTask, measurePsfFluxTask, type PsfFlux } from '../domains/differencing/index.ts';
import { pixelToSky, UNUSABLE, type Wcs } from '../domains/observations/index.ts';
import {
  type CalibratedExposure,
  makeMeasurable,
  measureAperture,
  preprocessExposureTask,
} from '../domains/preprocessing/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { catalogueTable, describeCatalogue, formatCsv } from './format-catalogue.ts';
import { parseNumber } from './parse-number.ts';
import { untilStopped } from './until-stopped.ts';

interface ExtractOptions {
  readonly threshold: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly out?: string;
}

/** Run `astrid extract`. @throws preprocessing/bad-threshold and what reading, measuring and writing throw */
export async function runExtract(file: string, options: ExtractOptions, out: Console): Promise<void> {
  const threshold = parseNumber(options.threshold);
  if (!(threshold > 0)) {
    throw new AstridError(
      'preprocessing/bad-threshold',
      `--threshold ${options.threshold}: choose a number above 0.`,
      { threshold: options.threshold },
    );
  }
  await untilStopped(out, async (signal) => {
    const { exposure, rows, notes } = await extract(file, threshold, signal, out);
    for (const note of notes) out.say(note);
    const header = {
      file,
      widthPx: exposure.science.width,
      heightPx: exposure.science.height,
      backgroundE: exposure.backgroundE,
      backgroundRmsE: exposure.backgroundRmsE,
      fwhmPx: exposure.fwhmPx,
      gainEPerAdu: exposure.facts.gainEPerAdu,
    };
    if (options.out !== undefined) {
      await writeFits(options.out, [catalogueTable(rows, header)]);
      out.say(`${rows.length} sources in ${options.out}`);
    }
    if (options.json) out.print(JSON.stringify({ version: 1, ...header, notes, sources: rows }));
    else if (options.csv) out.print(formatCsv(rows));
    else if (options.out === undefined) out.print(describeCatalogue(header, rows));
  });
}

async function extract(file: string, threshold: number, signal: AbortSignal, out: Console) {
  const threads = createThreads(pathsOfCheckout(CHECKOUT));
  try {
    const defaults = parseLineConfig({}).preprocessing;
    const config = { ...defaults, extraction: { ...defaults.extraction, threshold } };
    out.status('reading');
    const { exposure: raw } = await threads.run(readExposureTask, { name: file }, { signal });
    out.status('measuring sky and sources');
    const exposure = await threads.run(
      preprocessExposureTask,
      { exposure: raw, calibration: {}, config },
      { signal },
    );
    const { fluxes, note } = await measurePsfFluxes(exposure, threads, signal);
    const measurable = makeMeasurable(exposure.science, exposure.variance, exposure.mask, UNUSABLE);
    const rows = exposure.sources.map((source, index) => {
      const aperture = measureAperture(measurable, source.xPx, source.yPx, 1.5 * exposure.fwhmPx);
      const { maskBits, ...measured } = source;
      return {
        ...measured,
        ...skyOf(exposure.wcs, source.xPx, source.yPx),
        ...(aperture.usableFraction > 0
          ? { fluxApertureE: aperture.flux, fluxApertureErrE: aperture.fluxErr }
          : { fluxApertureE: undefined, fluxApertureErrE: undefined }),
        fluxPsfE: finite(fluxes?.[index]?.fluxE),
        fluxPsfErrE: finite(fluxes?.[index]?.fluxErrE),
        maskBits,
      };
    });
    return { exposure, rows, notes: note === undefined ? exposure.notes : [...exposure.notes, note] };
  } finally {
    await threads.close();
  }
}

// A frame without stars has no PSF; its sources still have everything else.
async function measurePsfFluxes(
  exposure: CalibratedExposure,
  threads: ReturnType<typeof createThreads>,
  signal: AbortSignal,
): Promise<{ fluxes?: readonly PsfFlux[]; note?: string }> {
  const image = { science: exposure.science, variance: exposure.variance, mask: exposure.mask };
  try {
    const { psf } = await threads.run(
      estimatePsfTask,
      { image, sources: exposure.sources, name: exposure.name, config: parseLineConfig({}).differencing.psf },
      { signal },
    );
    const positions = exposure.sources.map(({ xPx, yPx }) => ({ xPx, yPx }));
    return { fluxes: await threads.run(measurePsfFluxTask, { image, psf, positions }, { signal }) };
  } catch (error) {
    if (!isAstridError(error) || error.code !== 'differencing/too-few-psf-stars') throw error;
    return { note: `No PSF fluxes: ${error.message}` };
  }
}

/** A flux that could not be measured is no number in any format. */
function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function skyOf(wcs: Wcs | undefined, xPx: number, yPx: number): { raDeg?: number; decDeg?: number } {
  if (!wcs) return {};
  const { raDeg, decDeg } = pixelToSky(wcs, xPx, yPx);
  return { raDeg, decDeg };
}
