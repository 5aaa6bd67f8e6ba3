import { AstridError } from '../../../utils/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { Source } from '../model.ts';
import { createNearestFinder } from '../registration/find-nearest.ts';

/** Sources farther apart on the common grid are not the same, px. */
const SAME_PX = 2;
const BRIGHT_SNR = 20;
const FEWEST = 3;

/**
 * Measure how many electrons an exposure shows for one of the reference, from the sources that both list.
 *
 * The median ratio of the fluxes in adaptive apertures: right to a per cent or so where the seeing differs; where both
 * point-spread functions are known, fluxes by these are better.
 *
 * @param sources of the exposure, on the reference's grid.
 * @throws preprocessing/no-common-stars
 */
export function measureFluxScale(
  sources: readonly Source[],
  reference: readonly Source[],
  name: string,
): number {
  const isGood = (source: Source): boolean =>
    source.snr >= BRIGHT_SNR && (source.maskBits & UNUSABLE) === 0 && source.fluxE > 0;
  const among = reference.filter(isGood);
  const finder = createNearestFinder({
    x: Float64Array.from(among, ({ xPx }) => xPx),
    y: Float64Array.from(among, ({ yPx }) => yPx),
  });
  const ratios = sources.filter(isGood).flatMap((source) => {
    const found = among.length === 0 ? -1 : finder.nearest(source.xPx, source.yPx, SAME_PX);
    return found < 0 ? [] : [source.fluxE / among[found]!.fluxE];
  });
  if (ratios.length < FEWEST)
    throw new AstridError(
      'preprocessing/no-common-stars',
      `${name} shares only ${ratios.length} bright stars with the reference exposure: how their fluxes compare cannot be ` +
        `told, ${FEWEST} are needed. Leave it out.`,
      { found: ratios.length, needed: FEWEST, exposure: name },
    );
  ratios.sort((a, b) => a - b);
  const half = ratios.length >> 1;
  return ratios.length % 2 === 1 ? ratios[half]! : (ratios[half - 1]! + ratios[half]!) / 2;
}
