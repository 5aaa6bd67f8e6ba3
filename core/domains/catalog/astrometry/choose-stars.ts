import { MaskBit } from '../../observations/index.ts';
import { type Source, SourceFlag } from '../../preprocessing/index.ts';

/** Leave out what is certainly no star: streaks, sources cut by an edge. Returns indices, brightest first. */
export function chooseStars(sources: readonly Source[]): number[] {
  const cut = MaskBit.EDGE | MaskBit.NO_DATA | MaskBit.CR | MaskBit.STREAK;
  return Array.from(sources.keys())
    .filter((k) => {
      const { xPx, yPx, aPx, bPx, fluxE, maskBits } = sources[k]!;
      return Number.isFinite(xPx + yPx) && (maskBits & cut) === 0 && bPx > 0.35 * aPx && fluxE > 0;
    })
    .sort((a, b) => sources[b]!.fluxE - sources[a]!.fluxE);
}

/** Tell whether a star's position can be trusted to its error: not saturated, not two in one. */
export function isClean({ flags, maskBits }: Source): boolean {
  const spoiled = SourceFlag.SATURATED | SourceFlag.TRUNCATED | SourceFlag.DEBLENDED;
  return (flags & spoiled) === 0 && (maskBits & (MaskBit.SAT | MaskBit.BAD | MaskBit.SPIKE)) === 0;
}

/** Error of a windowed position per axis, px, from the star's width and signal to noise. @see King 1983, PASP 95, 163 */
export function centroidError({ fwhmPx, snr }: Source): number {
  // A Gaussian's is fwhm / (2.355 snr); windowed positions of real profiles come to about 1.3 times that.
  return (0.55 * Math.max(1, fwhmPx)) / Math.max(1, snr);
}
