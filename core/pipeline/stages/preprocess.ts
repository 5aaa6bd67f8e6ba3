import { type Exposure, pixelToSky, sampleSkyLattice } from '../../domains/observations/index.ts';
import { type CalibratedExposure, preprocessExposureTask } from '../../domains/preprocessing/index.ts';
import type { ExposureSummary } from '../ports.ts';
import type { Ingested, Stage, StageContext } from '../stage.ts';
import { compareWithCatalogs } from './compare-with-catalogs.ts';
import { addSeeing } from './ingest.ts';

/** Calibrate both exposures, each on its own thread: electrons, sky, noise, masks, stars. */
export const preprocess: Stage<'preprocess'> = {
  name: 'preprocess',
  keeps: 'everything',
  images: ['science'],
  lastToNeed: ['ingest'],
  pick: ({ science }) => ({ science }),
  planes: [
    { path: 'science.science', kind: 'science', unit: 'e-' },
    { path: 'science.variance', kind: 'science-variance', unit: 'e-^2' },
  ],
  config: (config, ports) => {
    const version = config.catalog.isUsed ? ports.catalogs?.version() : undefined;
    return {
      preprocessing: config.preprocessing,
      calibration: config.calibration,
      ...(version === undefined ? {} : { catalog: config.catalog, catalogVersion: version }),
    };
  },
  run: async (context) => {
    const pair = await context.need('ingest');
    context.report(0.1, 'measuring sky, noise and stars of both exposures');
    const start = (exposure: Exposure) => calibrate(exposure, pair, context);
    const [science, template] = await Promise.all([start(pair.science), start(pair.template)]);
    return {
      science: await compareWithCatalogs(science, context),
      template: await compareWithCatalogs(template, context),
    };
  },
  summarise: ({ science, template }, { run }) => ({
    metrics: {
      sources: science.sources.length,
      templateSources: template.sources.length,
      fwhmPx: science.fwhmPx,
      templateFwhmPx: template.fwhmPx,
      backgroundE: science.backgroundE,
      backgroundRmsE: science.backgroundRmsE,
      ...science.metrics,
    },
    notes: [...newsOf(science), ...newsOf(template).map((note) => `template: ${note}`)],
    run: {
      ...(run.science
        ? { science: addSeeing(placeOf(run.science, science), science.fwhmPx, science.wcs) }
        : {}),
      // Coordinates that the stars gave, or took away, are what the screen shows.
      ...(science.wcs === undefined ? { sky: null } : {}),
      ...(science.wcs && 'astrometryStars' in science.metrics
        ? { sky: sampleSkyLattice(science.wcs, science.science.width, science.science.height) }
        : {}),
      ...(run.template
        ? { template: addSeeing(placeOf(run.template, template), template.fwhmPx, template.wcs) }
        : {}),
    },
    events: [
      { kind: 'observation.preprocessed', data: { path: run.sciencePath, role: 'science' } },
      { kind: 'observation.preprocessed', data: { path: run.templatePath, role: 'template' } },
    ],
  }),
};

function calibrate(
  exposure: Exposure,
  { calibration }: Ingested,
  { ports, config, signal, mayOverwrite }: StageContext,
): Promise<CalibratedExposure> {
  const input = { exposure, calibration, config: config.preprocessing, mayOverwrite };
  return ports.tasks.run(preprocessExposureTask, input, { signal });
}

/** Calibrate the template again, as it was: only who registers it again needs it, and seldom. */
export async function calibrateTemplateAgain(context: StageContext): Promise<CalibratedExposure> {
  const pair = await context.need('ingest');
  return compareWithCatalogs(await calibrate(pair.template, pair, context), context);
}

/** Where the middle of an exposure lies by now. */
function placeOf(summary: ExposureSummary, { wcs, science }: CalibratedExposure): ExposureSummary {
  return { ...summary, center: wcs && pixelToSky(wcs, (science.width - 1) / 2, (science.height - 1) / 2) };
}

/** What calibration has to say beside what was said of the file when it was read. */
function newsOf({ notes, facts }: CalibratedExposure): readonly string[] {
  return notes.filter((note) => !facts.notes.includes(note));
}
