import { fitResidual, type StarFitOptions } from './fit-star.ts';
import { replaceStar, type Scene, type SceneStar } from './model-scene.ts';

/** A shorter way is not worth drawing a star anew, px. */
const LEAST_MOVE_PX = { profile: 0.002, star: 0.002, neighbour: 0.03 } as const;

/**
 * Fit the stars one after the other, brightest first, each with the others subtracted.
 *
 * @see Stetson 1994, PASP 106, 250 (ALLSTAR solves all at once; sweeps converge to the same values)
 */
export function refineStars(scene: Scene, pick: (star: SceneStar, index: number) => StarFitOptions): void {
  const { width, height } = scene.image.science;
  const pixels = {
    left: 0,
    bottom: 0,
    width,
    height,
    residual: scene.residual,
    variance: scene.image.variance.data,
    skyVariance: scene.skyVariance,
  };
  const order = scene.stars.map((_, k) => k).sort((a, b) => scene.stars[b].flux - scene.stars[a].flux);
  for (const index of order) {
    const star = scene.stars[index];
    const profile = {
      values: scene.profiles[index],
      size: star.size,
      xMid: Math.round(star.x),
      yMid: Math.round(star.y),
    };
    const fit = fitResidual(pixels, profile, star, pick(star, index));
    if (!fit) continue;
    // A neighbour that wants negative light is not there.
    const flux = Math.max(0, fit.flux);
    const hasMoved = Math.hypot(fit.x - star.x, fit.y - star.y) > LEAST_MOVE_PX[star.role];
    const place = hasMoved ? fit : star;
    replaceStar(scene, index, { ...star, ...fit, x: place.x, y: place.y, flux }, hasMoved);
  }
}
