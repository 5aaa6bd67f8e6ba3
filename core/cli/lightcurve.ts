import { encodePng, writeFits } from '../adapters/imaging/index.ts';
import { createStagePorts, createThreads } from '../app/compose-stages.ts';
import { openWorkspaceCatalogs } from '../app/open-workspace-catalogs.ts';
import { parseLineConfig, readConfigFile } from '../app/parse-config.ts';
import { chooseWorkspace, pathsOfCheckout } from '../app/paths.ts';
import { writeWhole } from '../app/write-whole.ts';
import { DEFAULT_FORCED_FLUX_CONFIG } from '../domains/differencing/index.ts';
import { type LightCurve, measureLightCurves } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import { type Console, count } from './console.ts';
import { METHODS } from './difference.ts';
import { drawLightCurves } from './draw-light-curve.ts';
import { curvesToCsv, curvesToTable, describeCurves } from './format-light-curve.ts';
import { type PositionOptions, readPositions } from './read-positions.ts';
import { untilStopped } from './until-stopped.ts';

interface LightCurveCommand extends PositionOptions {
  readonly science: readonly string[];
  readonly template: string;
  readonly method: string;
  readonly localBackground?: boolean;
  readonly recentre?: boolean;
  readonly limits?: boolean;
  readonly workspace?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly out?: string;
  readonly plot?: string;
  readonly allowBandMismatch?: boolean;
}

/** Run `astrid lightcurve`. @throws differencing/unknown-method, differencing/bad-position and what the line and writing throw */
export async function runLightCurve(options: LightCurveCommand, out: Console): Promise<void> {
  const engine = options.method === 'direct' ? 'zogy' : METHODS.find((name) => name === options.method);
  if (engine === undefined) {
    throw new AstridError(
      'differencing/unknown-method',
      `--method ${options.method} is not known; choose ${METHODS.join(', ')} or direct.`,
      { method: options.method },
    );
  }
  const positions = readPositions(options);
  const defaults = parseLineConfig(options.config === undefined ? {} : readConfigFile(options.config));
  const config = { ...defaults, differencing: { ...defaults.differencing, method: engine } };
  const catalogs = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  await untilStopped(out, async (signal) => {
    const threads = createThreads(pathsOfCheckout(CHECKOUT));
    try {
      const curves = await measureLightCurves(
        {
          sciencePaths: options.science,
          templatePath: options.template,
          positions,
          method: options.method === 'direct' ? 'direct' : 'difference',
          photometry: {
            ...DEFAULT_FORCED_FLUX_CONFIG,
            background: options.localBackground ? 'constant' : 'none',
          },
          isRecentred: options.recentre === true,
          hasInjectedLimits: options.limits === true,
          allowBandMismatch: options.allowBandMismatch === true,
        },
        {
          ports: createStagePorts(threads, undefined, catalogs),
          config,
          signal,
          onProgress: (epoch, message) =>
            out.status(`epoch ${epoch + 1} of ${options.science.length}: ${message}`),
          onFailure: (path, error) => out.complain(`${path}: ${error.message}`),
        },
      );
      await writeCurves(curves, options, out);
    } finally {
      await threads.close();
    }
  });
}

async function writeCurves(
  curves: readonly LightCurve[],
  options: LightCurveCommand,
  out: Console,
): Promise<void> {
  if (options.out !== undefined) {
    await writeFits(options.out, [curvesToTable(curves, options.template)]);
    out.say(`${count(curves.length, 'light curve')} in ${options.out}`);
  }
  if (options.plot !== undefined) {
    const { width, height, rgba } = drawLightCurves(curves);
    await writeWhole(options.plot, encodePng(width, height, rgba));
    out.say(`plot in ${options.plot}`);
  }
  if (options.json) {
    out.print(JSON.stringify({ version: 1, template: options.template, curves }, null, 2));
  } else if (options.csv) {
    out.print(curvesToCsv(curves));
  } else if (options.out === undefined) {
    out.print(describeCurves(curves));
  }
}
