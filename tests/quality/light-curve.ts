/**
 * Measure the light curve of MOA-2013-BLG-475 over all its frames: `node tests/quality/light-curve.ts [--recentre] [--plot FILE.png]`.
 *
 * Prints each epoch beside the aperture flux that comes with the frames, and their rank correlation. Needs the data in
 * ../shared; says so and ends where it is absent.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodePng } from '../../core/adapters/imaging/index.ts';
import { createStagePorts, createThreads } from '../../core/app/compose-stages.ts';
import { pathsOfCheckout } from '../../core/app/index.ts';
import { formatTable } from '../../core/cli/console.ts';
import { drawLightCurves } from '../../core/cli/draw-light-curve.ts';
import { DEFAULT_FORCED_FLUX_CONFIG } from '../../core/domains/differencing/index.ts';
import { DEFAULT_LINE_CONFIG, measureLightCurves } from '../../core/pipeline/index.ts';
import { rankCorrelation } from '../support/rank-correlation.ts';

const { values } = parseArgs({
  options: { plot: { type: 'string' }, recentre: { type: 'boolean', default: false } },
});
const folder = '../shared/data/pairs/moa2013blg475_saao';
if (!existsSync(folder)) {
  console.log(`${folder} is absent: nothing to measure.`);
  process.exit(0);
}
const truth = readFileSync(join(folder, 'derived_truth.csv'), 'utf8').trim().split('\n').slice(1);
const apertures = new Map(truth.map((line) => [line.split(',')[0]!, Number(line.split(',')[5])]));
const threads = createThreads(pathsOfCheckout(fileURLToPath(new URL('../../', import.meta.url))));
try {
  const [curve] = await measureLightCurves(
    {
      sciencePaths: readdirSync(folder)
        .filter((name) => name.endsWith('.fits'))
        .sort()
        .map((name) => join(folder, name)),
      templatePath: join(folder, 'AKB13475I0172.fits'),
      positions: [{ kind: 'pixel', name: 'MOA-2013-BLG-475', xPx: 272.07, yPx: 224.35 }],
      method: 'difference',
      photometry: DEFAULT_FORCED_FLUX_CONFIG,
      isRecentred: values.recentre,
      hasInjectedLimits: false,
      allowBandMismatch: false,
    },
    { ports: createStagePorts(threads), config: DEFAULT_LINE_CONFIG },
  );
  const compared: { readonly fluxE: number; readonly directE: number; readonly aperture: number }[] = [];
  const rows = curve!.points.map((point) => {
    const name = point.path.slice(point.path.lastIndexOf('/') + 1);
    const aperture = apertures.get(name);
    if (point.kind === 'failed') return [name, point.error.code, '-', '-', '-', '-', '-'];
    if (aperture !== undefined) compared.push({ ...point, aperture });
    return [
      name,
      (point.midpointMjdTai ?? Number.NaN).toFixed(4),
      point.fluxE.toFixed(0),
      point.fluxErrE.toFixed(0),
      aperture === undefined ? '-' : aperture.toFixed(0),
      point.quality.fwhmPx.toFixed(2),
      point.quality.grade,
    ];
  });
  console.log(formatTable(['frame', 'MJD', 'flux e-', '± e-', 'aperture', 'FWHM px', 'grade'], rows));
  const apertureFluxes = compared.map(({ aperture }) => aperture);
  const correlate = (pick: (point: (typeof compared)[number]) => number): string =>
    rankCorrelation(compared.map(pick), apertureFluxes).toFixed(4);
  console.log(`\nrank correlation with the aperture fluxes over ${compared.length} frames:`);
  console.log(`  on differences ${correlate(({ fluxE }) => fluxE)} (asked: above 0.95)`);
  console.log(`  on the images as they are ${correlate(({ directE }) => directE)}`);
  if (values.plot !== undefined) {
    const { width, height, rgba } = drawLightCurves([curve!]);
    writeFileSync(values.plot, encodePng(width, height, rgba));
  }
} finally {
  await threads.close();
}
