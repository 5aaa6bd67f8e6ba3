import {
  calibrateFieldTask,
  coneOfField,
  type FieldCalibration,
  holdsImage,
  magnitudeOf,
} from '../../domains/catalog/index.ts';
import type { Detection } from '../../domains/detection/index.ts';
import { type Difference, measurePsfFluxTask } from '../../domains/differencing/index.ts';
import { type Held, pixelsOf } from '../../domains/observations/index.ts';
import { type CalibratedExposure, DEFAULT_STARS, selectStars } from '../../domains/preprocessing/index.ts';
import type { StopSignal } from '../../utils/index.ts';
import type { StageContext, StagePorts } from '../stage.ts';

/** Stars that tell the PSF's light from a Kron aperture's, brightest first; and fewest that do. */
const APERTURE_STARS = { most: 60, least: 5, minSnr: 50 } as const;

/**
 * Solve or check an exposure's coordinates and measure its zeropoint, where the workspace has stars around it.
 *
 * @returns the exposure itself when there is no catalogue of its field, or the configuration wants none.
 */
export async function compareWithCatalogs(
  exposure: CalibratedExposure,
  { config, ports, signal }: Pick<StageContext, 'config' | 'ports' | 'signal'>,
): Promise<CalibratedExposure> {
  const { catalogs } = ports;
  if (!config.catalog.isUsed || catalogs === undefined || catalogs.version() === undefined) return exposure;
  const { name, header, facts, wcs, sources, science } = exposure;
  const image = { science, variance: exposure.variance, mask: exposure.mask };
  const field = {
    name,
    header,
    facts,
    wcs,
    sources,
    image,
    widthPx: science.width,
    heightPx: science.height,
  };
  const compare = async (place: Pick<CalibratedExposure, 'wcs'>) => {
    const cone = coneOfField({ ...field, ...place }, config.catalog);
    const nearby = cone === undefined ? [] : await catalogs.find(cone, config.catalog.maxStars);
    if (cone === undefined || nearby.length === 0) return undefined;
    const input = { field: { ...field, ...place }, catalogs: nearby, config: config.catalog };
    return { cone, found: await ports.tasks.run(calibrateFieldTask, input, { signal }) };
  };
  const first = await compare({ wcs });
  if (first === undefined) return exposure;
  let found: FieldCalibration = first.found;
  if (found.wcs !== undefined && found.wcs !== wcs && !holdsImage(first.cone, found.wcs, field)) {
    // The header was farther off than is allowed for: a part of the image had no stars to be compared with.
    const again = (await compare({ wcs: found.wcs }))?.found;
    if (again !== undefined) found = { ...again, notes: [...found.notes, ...again.notes] };
  }
  return {
    ...exposure,
    wcs: found.wcs,
    zeropoint: found.zeropoint,
    metrics: { ...exposure.metrics, ...found.metrics },
    notes: [...exposure.notes, ...found.notes],
  };
}

/** Give detections the magnitude of their flux, where the science exposure has a zeropoint. */
export async function addMagnitudes(
  detections: readonly Detection[],
  science: Held<CalibratedExposure>,
  difference: Difference,
  context: Pick<StageContext, 'ports' | 'signal'>,
): Promise<readonly Detection[]> {
  const magnitudeAt = await calibrateFluxes(science, difference, context);
  if (magnitudeAt === undefined) return detections;
  return detections.map((detection) => ({
    ...detection,
    mag: magnitudeAt(detection.fluxE, detection.xPx, detection.yPx),
  }));
}

/**
 * Make what turns a PSF flux of the difference at a place into a magnitude; `undefined` without a zeropoint.
 *
 * The zeropoint is that of Kron apertures, which lose the wings of stars; detections have PSF fluxes. The two are
 * brought together by stars measured both ways.
 */
export async function calibrateFluxes(
  science: Held<CalibratedExposure>,
  { sciencePsf }: Pick<Difference, 'sciencePsf'>,
  {
    ports,
    signal,
  }: { readonly ports: Pick<StagePorts, 'tasks' | 'readFile'>; readonly signal?: StopSignal | undefined },
): Promise<((fluxE: number, xPx: number, yPx: number) => number | undefined) | undefined> {
  const { zeropoint, facts } = science;
  if (zeropoint === undefined) return undefined;
  const stars = selectStars(science.sources, science.fwhmPx, {
    ...DEFAULT_STARS,
    minSnr: APERTURE_STARS.minSnr,
    maxStars: APERTURE_STARS.most,
  });
  const fluxes = await ports.tasks.run(
    measurePsfFluxTask,
    { image: pixelsOf(science), psf: sciencePsf, positions: stars },
    { signal, readFile: ports.readFile },
  );
  const ratios = stars
    .map(({ fluxE }, k) => fluxes[k]!.fluxE / fluxE)
    .filter((ratio) => ratio > 0.5 && ratio < 2)
    .sort((a, b) => a - b);
  const psfOverKron = ratios.length >= APERTURE_STARS.least ? ratios[ratios.length >> 1]! : 1;
  return (fluxE, xPx, yPx) => magnitudeOf(zeropoint, fluxE / psfOverKron, facts.exposureS, xPx, yPx);
}
