import { allocate, borrow, copyIn, floatsAt, inArena, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane, Plane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';

/** Images after their filters, one size; a border is left out of the results. */
export interface FilteredImages {
  /** Both halves of the score, and the variance of their difference. */
  readonly scoreScience: Plane;
  readonly scoreTemplate: Plane;
  readonly scoreVariance: Plane;
  readonly difference: Plane;
  readonly variance: Plane;
}

/** What adds to the noise of a score. */
export interface NoiseTerms {
  /** The variance of the score is at least this. */
  readonly leastNoise: number;
  /** Squared astrometric error of each image along both axes, px^2. */
  readonly astrometricX: number;
  readonly astrometricY: number;
  /** Relative error of the flux ratio. */
  readonly ratioError: number;
  /** Score of a source of unit flux. */
  readonly fluxScale: number;
  readonly leastVariance: number;
  /** Fluxes, score times error, take the place of the shared light. */
  readonly hasFluxes?: boolean | undefined;
}

/** The kept part, one size; all in an arena. */
export interface ScoredPlanes {
  readonly score: Plane;
  /** Significance of the light that both images share. */
  readonly shared: Plane;
  /** Error of the flux of a source at each pixel, which is the score times it. */
  readonly fluxErr: Plane;
  readonly difference: Plane;
  readonly variance: Plane;
}

/**
 * Divide a score by its noise and keep the part of all planes that begins at (left, bottom), in one pass.
 *
 * sigma^2 = max(V, least) + (error of x)^2 ((dSn/dx)^2 + (dSr/dx)^2) + the same of y + (ratio error * shared)^2,
 * shared = max(0, min(Sn, Sr)); derivatives are central differences. NaN stays in its pixel and its four neighbours.
 *
 * @throws RangeError where the kept part has not a pixel around it, or a result lies outside the arena.
 */
export function scoreTile(
  images: FilteredImages,
  left: number,
  bottom: number,
  terms: NoiseTerms,
  out: ScoredPlanes,
): void {
  const { width: fullWidth, height: fullHeight } = images.difference;
  const { width, height } = out.score;
  const { scoreScience, scoreTemplate, scoreVariance } = images;
  for (const plane of [scoreScience, scoreTemplate, scoreVariance, images.variance]) {
    requireSameSize(images.difference, plane);
  }
  for (const plane of [out.shared, out.fluxErr, out.difference, out.variance]) {
    requireSameSize(out.score, plane);
  }
  if (left < 1 || bottom < 1 || left + width >= fullWidth || bottom + height >= fullHeight) {
    throw new RangeError('A score needs a pixel more on all sides than is kept.');
  }
  withArena(() => {
    const first = (bottom * fullWidth + left) * 4;
    const from = (plane: Plane) => borrow(plane.data) + first;
    const addresses = [
      from(scoreScience),
      from(scoreTemplate),
      from(scoreVariance),
      from(images.difference),
      from(images.variance),
    ] as const;
    const constants = allocate(24);
    floatsAt(constants, 6).set([
      terms.leastNoise,
      terms.astrometricX,
      terms.astrometricY,
      terms.ratioError,
      1 / terms.fluxScale,
      terms.leastVariance,
    ]);
    kernelModule().divideByNoise(
      ...addresses,
      fullWidth * 4,
      width,
      height,
      constants,
      Number(terms.hasFluxes ?? false),
      inArena(out.score),
      inArena(out.shared),
      inArena(out.fluxErr),
      inArena(out.difference),
      inArena(out.variance),
    );
  });
}

/** Which pixels show nothing but noise. */
export interface QuietLimits {
  /** Mask bits that a pixel must not have. */
  readonly spoiled: number;
  /** Largest |score|, significance of shared light, and |difference| over its sigma. */
  readonly mostScore: number;
  readonly mostShared: number;
  readonly mostPull: number;
  /** The mean over squares of this side is taken off, px; a multiple of four. */
  readonly cellPx: number;
}

/**
 * Write a difference over its own sigma, without its local mean; NaN where a pixel is not quiet.
 *
 * @param out of the same size, in the arena.
 */
export function writeQuietPulls(
  planes: Pick<ScoredPlanes, 'difference' | 'variance' | 'score' | 'shared'>,
  mask: MaskPlane,
  limits: QuietLimits,
  out: Plane,
): Plane {
  const { width, height } = out;
  for (const plane of [planes.difference, planes.variance, planes.score, planes.shared, mask]) {
    requireSameSize(out, plane);
  }
  if (limits.cellPx % 4 !== 0) throw new RangeError(`Cells of ${limits.cellPx} px are no multiple of four.`);
  withArena(() => {
    const bits = copyIn(mask.data, 0, width * height, allocate(width * height * 2 + WORD));
    const addresses = [
      borrow(planes.difference.data),
      borrow(planes.variance.data),
      borrow(planes.score.data),
      borrow(planes.shared.data),
    ] as const;
    const { spoiled, mostShared, mostScore, mostPull, cellPx } = limits;
    kernelModule().quietPulls(
      ...addresses,
      bits,
      width,
      height,
      spoiled,
      mostShared,
      mostScore,
      mostPull,
      cellPx,
      inArena(out),
    );
  });
  return out;
}
