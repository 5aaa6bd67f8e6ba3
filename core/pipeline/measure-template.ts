import type {
  ForcedFluxConfig,
  ForcedPosition,
  PsfConfig,
  SpatialPsf,
} from '../domains/differencing/index.ts';
import { estimatePsfTask, measurePsfFluxTask, type PsfFlux } from '../domains/differencing/index.ts';
import type { PixelPosition } from '../domains/observations/index.ts';
import type { CalibratedExposure } from '../domains/preprocessing/index.ts';
import type { StopSignal } from '../utils/index.ts';
import type { StagePorts } from './stage.ts';
import { calibrateFluxes } from './stages/compare-with-catalogs.ts';

/** The template as the reference of light curves. */
export interface MeasuredTemplate {
  readonly exposure: CalibratedExposure;
  /** Of the positions asked for, in order; NaN where one is not on it. */
  readonly fluxes: readonly PsfFlux[];
  /** nJy for one electron at each; `undefined` without a zeropoint. */
  readonly nJyPerE: readonly (number | undefined)[];
  /** Measure at other places. */
  measure(places: readonly (PixelPosition | undefined)[]): Promise<MeasuredTemplate>;
}

/** A place that is no place: its flux is NaN. */
export const NOWHERE: ForcedPosition = { xPx: Number.NaN, yPx: Number.NaN };
/** AB magnitude of 1 nJy. */
const MAG_OF_NJY = 31.4;

/** Measure a template's own flux at some places, on its own pixels, where nothing was interpolated. */
export async function measureTemplate(
  exposure: CalibratedExposure,
  places: readonly (PixelPosition | undefined)[],
  configs: { readonly psf: PsfConfig; readonly photometry: ForcedFluxConfig },
  ports: StagePorts,
  signal?: StopSignal,
): Promise<MeasuredTemplate> {
  const image = { science: exposure.science, variance: exposure.variance, mask: exposure.mask };
  const { psf } = await ports.tasks.run(
    estimatePsfTask,
    { image, sources: exposure.sources, name: exposure.name, config: configs.psf },
    { signal },
  );
  const scale = await makeScale(exposure, psf, ports, signal);
  // A coadd's pixels share noise that none of them shows.
  const noiseFactor = configs.photometry.noiseFactor / (exposure.noiseCorrelationFactor ?? 1);
  const measure = async (at: readonly (PixelPosition | undefined)[]): Promise<MeasuredTemplate> => ({
    exposure,
    fluxes: await ports.tasks.run(
      measurePsfFluxTask,
      {
        image,
        psf,
        positions: at.map((place) => place ?? NOWHERE),
        config: { ...configs.photometry, noiseFactor },
      },
      { signal },
    ),
    nJyPerE: at.map((place) => place && scale(place)),
    measure,
  });
  return measure(places);
}

async function makeScale(
  exposure: CalibratedExposure,
  psf: SpatialPsf,
  ports: StagePorts,
  signal?: StopSignal,
): Promise<(place: PixelPosition) => number | undefined> {
  const magnitudeAt = await calibrateFluxes(exposure, { sciencePsf: psf }, { ports, signal });
  return ({ xPx, yPx }) => {
    const mag = magnitudeAt?.(1, xPx, yPx);
    return mag === undefined ? undefined : 10 ** (-0.4 * (mag - MAG_OF_NJY));
  };
}
