import { AstridError, isAstridError } from '../../../utils/index.ts';
import type { CalibratedExposure, PixelMap, Registration } from '../model.ts';
import { createNearestFinder } from './find-nearest.ts';
import { fitPixelMap, type PixelMapFit } from './fit-pixel-map.ts';
import { mapPixels } from './map-pixels.ts';
import { matchStars, type StarMatch } from './match-stars.ts';
import { DEFAULT_REGISTRATION, type RegistrationConfig } from './registration-config.ts';
import type { IndexPairs } from './verify-alignment.ts';

type WcsMap = Extract<PixelMap, { kind: 'wcs' }>;

/** What of an image tells how it lies to another: not its pixels. */
export interface SkyGrid extends Pick<CalibratedExposure, 'name' | 'wcs' | 'sources'> {
  readonly science: { readonly width: number; readonly height: number };
}

/** Side of the lattice on which the overlap is measured. */
const OVERLAP_NODES = 65;

/**
 * Find where the template lies under the science image.
 *
 * Where both headers have sky coordinates these are the start, always checked and refined by matching stars. If the
 * stars contradict them, or one image has none, the stars alone decide. Coordinates that cannot be checked, because
 * there are too few stars, are used as they are, and a note says so.
 *
 * @throws preprocessing/too-few-stars, preprocessing/no-overlap
 */
export function registerTemplate(
  science: SkyGrid,
  template: SkyGrid,
  config: RegistrationConfig = DEFAULT_REGISTRATION,
): Registration {
  const guess: WcsMap | undefined =
    science.wcs && template.wcs ? { kind: 'wcs', science: science.wcs, template: template.wcs } : undefined;
  const notes: string[] = [];
  const match = tryMatch(science, template, config, guess);
  let registration: Registration;
  if (match instanceof Error) {
    if (guess === undefined || isRefuted(match, guess, science, template, config))
      throw explain(match, guess, science, template);
    registration = registerUnchecked(guess, science, template, config);
  } else {
    const start = guess !== undefined && match.method === 'guess' ? guess : undefined;
    if (guess !== undefined && start === undefined)
      notes.push(
        'The sky coordinates of the two headers do not agree with the stars: the stars alone were used.',
      );
    const fit = fitPixelMap(science.sources, template.sources, match.pairs, config.map, start);
    registration = { ...toRegistration(start ? 'wcs+stars' : 'stars', fit, science, template), notes: [] };
    if (fit.rmsPx > config.poorRmsPx)
      notes.push(
        `The registration is poor: ${fit.rmsPx.toFixed(2)} px rms over ${fit.matched} stars. Expect dipoles on bright stars.`,
      );
  }
  if (registration.overlap < config.minOverlap)
    throw new AstridError(
      'preprocessing/no-overlap',
      `${template.name} covers ${(100 * registration.overlap).toFixed(1)} % of ${science.name}, less than the ` +
        `${(100 * config.minOverlap).toFixed(0)} % needed. Choose a template of this field.`,
      { overlap: registration.overlap, needed: config.minOverlap },
    );
  if (registration.overlap < config.partialOverlap)
    notes.push(`The template covers ${(100 * registration.overlap).toFixed(0)} % of the science image.`);
  return { ...registration, notes: [...registration.notes, ...notes] };
}

function tryMatch(
  science: SkyGrid,
  template: SkyGrid,
  config: RegistrationConfig,
  guess: WcsMap | undefined,
): StarMatch | AstridError {
  try {
    return matchStars(science.sources, template.sources, config.match, guess);
  } catch (error) {
    if (isAstridError(error)) return error;
    throw error;
  }
}

/**
 * Tell whether unmatched stars are reason enough to reject the headers' coordinates: when both images have plenty of
 * them where they should overlap. With few, coordinates are likelier to be right than stars to be common.
 */
function isRefuted(
  error: AstridError,
  guess: WcsMap,
  science: SkyGrid,
  template: SkyGrid,
  { starsToRefute, minOverlap }: RegistrationConfig,
): boolean {
  if (measureOverlap(guess, science, template) < minOverlap) return true;
  if (error.code === 'preprocessing/too-few-stars') return false;
  const { x, y } = placeSources(guess, science);
  const { width, height } = template.science;
  const expected = x.filter((value, k) => value > 0 && value < width && y[k]! > 0 && y[k]! < height).length;
  return Math.min(expected, template.sources.length) >= starsToRefute;
}

/** Use the headers' coordinates with what few stars lie near where they should. */
function registerUnchecked(
  guess: WcsMap,
  science: SkyGrid,
  template: SkyGrid,
  config: RegistrationConfig,
): Registration {
  const pairs = pairNearby(guess, science, template, config.uncheckedTolerancePx);
  if (pairs.science.length >= 3) {
    // A few stars can prove a shift, no more.
    const fit = fitPixelMap(science.sources, template.sources, pairs, { ...config.map, maxOrder: 0 }, guess);
    return {
      ...toRegistration('wcs+stars', fit, science, template),
      sigmaXPx: Math.max(fit.sigmaXPx, config.uncheckedSigmaPx / Math.sqrt(fit.matched)),
      sigmaYPx: Math.max(fit.sigmaYPx, config.uncheckedSigmaPx / Math.sqrt(fit.matched)),
      notes: [`Only ${fit.matched} stars bear out the sky coordinates of the headers.`],
    };
  }
  return {
    method: 'wcs',
    matched: 0,
    rmsPx: config.uncheckedSigmaPx * Math.SQRT2,
    sigmaXPx: config.uncheckedSigmaPx,
    sigmaYPx: config.uncheckedSigmaPx,
    offsetXPx: 0,
    offsetYPx: 0,
    overlap: measureOverlap(guess, science, template),
    map: guess,
    notes: [
      'There are too few stars to check the sky coordinates of the headers: they were used as they are, and ' +
        `${config.uncheckedSigmaPx} px is assumed for their error.`,
    ],
  };
}

function toRegistration(
  method: Registration['method'],
  { order: _order, ...fit }: PixelMapFit,
  science: SkyGrid,
  template: SkyGrid,
): Omit<Registration, 'notes'> {
  return { method, ...fit, overlap: measureOverlap(fit.map, science, template) };
}

/** Fraction of the science grid whose pixel centres fall on template pixels. */
function measureOverlap(map: PixelMap, science: SkyGrid, template: SkyGrid): number {
  const x = new Float64Array(OVERLAP_NODES ** 2);
  const y = new Float64Array(OVERLAP_NODES ** 2);
  for (let k = 0; k < x.length; k++) {
    x[k] = ((k % OVERLAP_NODES) / (OVERLAP_NODES - 1)) * (science.science.width - 1);
    y[k] = (Math.floor(k / OVERLAP_NODES) / (OVERLAP_NODES - 1)) * (science.science.height - 1);
  }
  const mapped = mapPixels(map, x, y);
  const { width, height } = template.science;
  let inside = 0;
  for (let k = 0; k < x.length; k++) {
    const [u, v] = [mapped.x[k]!, mapped.y[k]!];
    if (u >= -0.5 && u <= width - 0.5 && v >= -0.5 && v <= height - 0.5) inside++;
  }
  return inside / x.length;
}

function placeSources(
  guess: PixelMap,
  { sources }: Pick<CalibratedExposure, 'sources'>,
): { x: Float64Array; y: Float64Array } {
  return mapPixels(
    guess,
    Float64Array.from(sources, (source) => source.xPx),
    Float64Array.from(sources, (source) => source.yPx),
  );
}

function pairNearby(guess: PixelMap, science: SkyGrid, template: SkyGrid, radius: number): IndexPairs {
  const { x, y } = placeSources(guess, science);
  const finder = createNearestFinder({
    x: Float64Array.from(template.sources, (source) => source.xPx),
    y: Float64Array.from(template.sources, (source) => source.yPx),
  });
  const partners = new Map<number, number>();
  for (let k = 0; k < x.length; k++) {
    const found = finder.nearest(x[k]!, y[k]!, radius);
    // Sources come brightest first: the brighter keeps its partner.
    if (found >= 0 && !partners.has(found)) partners.set(found, k);
  }
  return { science: [...partners.values()], template: [...partners.keys()] };
}

/** Add to the stars' error what the headers say of the two fields, and the files' names. */
function explain(
  error: AstridError,
  guess: WcsMap | undefined,
  science: SkyGrid,
  template: SkyGrid,
): AstridError {
  const names = `Template ${template.name} against ${science.name}: `;
  if (guess === undefined || error.code !== 'preprocessing/no-overlap')
    return new AstridError(error.code, names + error.message, error.details);
  const overlap = measureOverlap(guess, science, template);
  const says = `By their headers' sky coordinates the template covers ${(100 * overlap).toFixed(1)} % of the science image.`;
  return new AstridError(error.code, `${names}${error.message} ${says}`, {
    ...error.details,
    wcsOverlap: overlap,
  });
}
