import type { StarFit, StarStamp } from './fit-star.ts';

/** How well a profile explains one star. */
export interface StarVerdict {
  /** Reduced chi^2 of the pixels within the radius, noise only. */
  readonly chi2: number;
  /** Relative width: 0.05 means the star is 5 % wider than the profile (a galaxy, a blend); with its error. */
  readonly widthExcess: number;
  readonly widthErr: number;
  /** Sum of squared residuals beyond the noise, e-^2, with its error, and of the squared profile: the ratio is the squared mismatch. */
  readonly excess: number;
  readonly excessErr: number;
  readonly power: number;
}

/**
 * Compare a star with its fitted profile within `radius` px.
 *
 * @param profileSize odd side of the profile, at least the stamp's.
 */
export function judgeStar(
  stamp: StarStamp,
  profile: Float64Array,
  fit: StarFit,
  radius: number,
  profileSize = stamp.size,
): StarVerdict {
  const { size, data, variance } = stamp;
  const half = (size - 1) / 2;
  const margin = (profileSize - size) / 2;
  let chi2 = 0;
  let used = 0;
  let excess = 0;
  let fourth = 0;
  let power = 0;
  let along = 0;
  let norm = 0;
  for (let j = 1; j < size - 1; j++) {
    for (let i = 1; i < size - 1; i++) {
      const k = j * size + i;
      if (variance[k] === Number.POSITIVE_INFINITY) continue;
      const u = i - half - (fit.x - stamp.xMid);
      const v = j - half - (fit.y - stamp.yMid);
      if (u * u + v * v > radius * radius) continue;
      const at = (j + margin) * profileSize + i + margin;
      const model = fit.flux * profile[at];
      const residual = data[k] - model - fit.background;
      chi2 += residual ** 2 / variance[k];
      excess += residual ** 2 - variance[k];
      fourth += variance[k] ** 2;
      power += model ** 2;
      used++;
      // Derivative of a unit-integral profile by the logarithm of its width.
      const wider =
        -fit.flux *
        (2 * profile[at] +
          (u * (profile[at + 1] - profile[at - 1])) / 2 +
          (v * (profile[at + profileSize] - profile[at - profileSize])) / 2);
      const weight = 1 / (stamp.skyVariance + Math.max(0, model) + (0.02 * model) ** 2);
      along += weight * wider * residual;
      norm += weight * wider * wider;
    }
  }
  return {
    chi2: used > 4 ? chi2 / (used - 4) : Number.POSITIVE_INFINITY,
    widthExcess: norm > 0 ? along / norm : 0,
    widthErr: norm > 0 ? 1 / Math.sqrt(norm) : Number.POSITIVE_INFINITY,
    excess,
    excessErr: Math.sqrt(2 * fourth),
    power,
  };
}
