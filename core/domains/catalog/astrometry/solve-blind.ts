import { AstridError, isAstridError } from '../../../utils/index.ts';
import type { ReferenceStars } from '../model.ts';
import type { QuadIndex } from './build-quad-index.ts';
import { type AstrometryConfig, DEFAULT_ASTROMETRY } from './config.ts';
import type { FieldSolution } from './fit-solution.ts';
import { proposeFields } from './propose-fields.ts';
import {
  coneOfHint,
  type FieldHint,
  hintOfWcs,
  holdsImage,
  type SolveInput,
  solveField,
} from './solve-field.ts';

/** Places of an index that are tried, those with most votes first. */
const MOST_TRIED = 60;

/**
 * Solve a field of which nothing is known, anywhere on the sky that an index covers.
 *
 * Figures of the image vote for places; each is then solved as a hint would be, with odds that must stand against all
 * the places tried.
 *
 * @param starsOf gives the reference stars around a place, at the exposure's epoch.
 * @param scaleArcsec sizes of a pixel to believe, when something is known of them.
 * @throws catalog/too-few-stars, catalog/no-solution
 */
export async function solveBlind(
  input: Omit<SolveInput, 'stars' | 'hint' | 'wcs'>,
  index: QuadIndex,
  starsOf: (hint: FieldHint) => Promise<ReferenceStars>,
  scaleArcsec?: readonly [number, number],
  config: AstrometryConfig = DEFAULT_ASTROMETRY,
): Promise<FieldSolution> {
  const proposals = proposeFields(index, input.sources, input, scaleArcsec, MOST_TRIED);
  const strict = { ...config, minLog10Odds: config.minLog10Odds + Math.log10(MOST_TRIED) };
  let tried = 0;
  for (const { hint } of proposals) {
    const stars = await starsOf(hint);
    if (stars.count < config.minStars) continue;
    tried++;
    try {
      const first = solveField({ ...input, stars, hint }, strict);
      const solution = await solveAgain(input, first, hint, starsOf, config);
      return { ...solution, method: 'blind', log10Odds: first.log10Odds - Math.log10(tried) };
    } catch (error) {
      if (!isAstridError(error)) throw error;
      if (error.code === 'catalog/too-few-stars') throw error;
    }
  }
  throw new AstridError(
    'catalog/no-solution',
    `${input.name} was not recognised anywhere on the imported sky: ${input.sources.length} sources, ${tried} places tried. ` +
      'It may lie elsewhere, or its pixels may be larger or smaller than the figures of the index.',
    { name: input.name, sources: input.sources.length, tried },
  );
}

/** A wrong vote near to the right place sees a part of the image: once that is known, all of it is asked for. */
async function solveAgain(
  input: Omit<SolveInput, 'stars' | 'hint' | 'wcs'>,
  first: FieldSolution,
  hint: FieldHint,
  starsOf: (hint: FieldHint) => Promise<ReferenceStars>,
  config: AstrometryConfig,
): Promise<FieldSolution> {
  if (holdsImage(coneOfHint(hint, input), first.wcs, input)) return first;
  const nearer = hintOfWcs(first.wcs, input, config);
  if (nearer === undefined) return first;
  return solveField({ ...input, stars: await starsOf(nearer), hint: nearer, wcs: first.wcs }, config);
}
