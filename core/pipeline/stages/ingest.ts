import type { Exposure } from '../../domains/observations/index.ts';
import { pixelScaleArcsec, pixelToSky, sampleSkyLattice } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { ExposureSummary } from '../ports.ts';
import type { Stage } from '../stage.ts';

/**
 * Read the two files.
 *
 * Kept by reference only: the files stay where they are, and their sha256 tells whether they are still the same.
 */
export const ingest: Stage<'ingest'> = {
  name: 'ingest',
  keeps: 'nothing',
  config: (config, _ports, run) => ({
    allowBandMismatch: run.options.allowBandMismatch,
    calibration: config.calibration,
  }),
  files: ({ calibration }, { sciencePath, templatePath }) =>
    [sciencePath, templatePath, ...Object.values(calibration)].filter((path) => path !== ''),
  run: async ({ run, config, ports, signal, report }) => {
    report(0.1, 'reading both files');
    const fingerprints: Record<string, string> = {};
    const read = async (path: string) => {
      const { exposure, sha256 } = await ports.readExposure(path, signal);
      // One file may serve twice.
      if ((fingerprints[path] ?? sha256) !== sha256)
        throw new AstridError(
          'observations/changed',
          `${path} changed while being read; process the pair again when nothing writes to it.`,
          { paths: [path] },
        );
      fingerprints[path] = sha256;
      return exposure;
    };
    const readIfGiven = async (path: string) => (path === '' ? undefined : read(path));
    const [science, template, bias, dark, flat] = await Promise.all([
      read(run.sciencePath),
      read(run.templatePath),
      readIfGiven(config.calibration.biasPath),
      readIfGiven(config.calibration.darkPath),
      readIfGiven(config.calibration.flatPath),
    ]);
    checkApart(science, template);
    checkBands(science, template, run.options.allowBandMismatch);
    return {
      science,
      template,
      calibration: {
        bias: bias?.pixels,
        dark: dark?.pixels,
        darkExposureS: dark?.facts.exposureS,
        flat: flat?.pixels,
      },
      fingerprints,
    };
  },
  summarise: ({ science, template }, { run }) => {
    const notes = [...science.facts.notes, ...template.facts.notes.map((note) => `template: ${note}`)];
    const mismatch = bandMismatch(science, template);
    if (mismatch) notes.push(`${mismatch} The difference shows colours as changes; told to go on.`);
    return {
      metrics: { widthPx: science.pixels.width, heightPx: science.pixels.height },
      notes,
      run: {
        science: summariseExposure(science, run.sciencePath),
        template: summariseExposure(template, run.templatePath),
        // An earlier file's coordinates are none of this one's.
        sky: science.wcs ? sampleSkyLattice(science.wcs, science.pixels.width, science.pixels.height) : null,
      },
      events: [
        { kind: 'observation.ingested', data: { path: run.sciencePath, role: 'science' } },
        { kind: 'observation.ingested', data: { path: run.templatePath, role: 'template' } },
      ],
    };
  },
};

/** A template that is the science image shows its own noise as signal: refuse it. */
function checkApart(science: Exposure, template: Exposure): void {
  const [a, b] = [science.pixels, template.pixels];
  if (a.width !== b.width || a.height !== b.height) return;
  // Two exposures differ within a few pixels.
  if (a.data.some((value, k) => !Object.is(value, b.data[k]))) return;
  throw new AstridError(
    'observations/same-exposure',
    `${science.name} and the template ${template.name} have the same pixels: nothing can have changed between them. Choose another template.`,
    { science: science.name, template: template.name },
  );
}

function bandMismatch(science: Exposure, template: Exposure): string | undefined {
  const [a, b] = [science.facts.band, template.facts.band];
  if (a === undefined || b === undefined || a === b) return undefined;
  return `The science exposure was taken in band ${a}, the template in band ${b}.`;
}

function checkBands(science: Exposure, template: Exposure, allowed: boolean): void {
  const mismatch = bandMismatch(science, template);
  if (mismatch === undefined || allowed) return;
  throw new AstridError(
    'observations/band-mismatch',
    `${mismatch} Choose a template of the same band, or pass --allow-band-mismatch to subtract all the same.`,
    { science: science.facts.band, template: template.facts.band },
  );
}

function summariseExposure(exposure: Exposure, path: string): ExposureSummary {
  const { facts, wcs, pixels } = exposure;
  return {
    path,
    name: exposure.name,
    object: facts.object,
    instrument: facts.instrument,
    band: facts.band,
    exposureS: facts.exposureS,
    midpointMjdTai: facts.midpointMjdTai,
    width: pixels.width,
    height: pixels.height,
    center: wcs ? pixelToSky(wcs, (pixels.width - 1) / 2, (pixels.height - 1) / 2) : undefined,
  };
}

/** Add what calibration learnt of an exposure to its summary. */
export function addSeeing(summary: ExposureSummary, fwhmPx: number, wcs: Exposure['wcs']): ExposureSummary {
  return { ...summary, fwhmPx, seeingArcsec: wcs ? fwhmPx * pixelScaleArcsec(wcs) : undefined };
}
