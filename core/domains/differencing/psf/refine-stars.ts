import { fitResidual, type StarFitOptions } from './fit-star.ts';
import { replaceStar, type Scene, type SceneStar } from './model-scene.ts';

/** A shorter way is not worth drawing a star anew, px. */
const LEAST_MOVE_PX = { profile: 0.002, star: 0.002, neighbour: 0.03 } as const;
/** Stars of one cell are fitted together: their pixels stay in the cache. */
const CELL_PX = 128;

/**
 * Fit stars one after the other, brightest first in each part of the image, each with the others subtracted.
 *
 * @param among which; all if not given.
 * @see Stetson 1994, PASP 106, 250 (ALLSTAR solves all at once; sweeps converge to the same values)
 */
export function refineStars(
  scene: Scene,
  pick: (star: SceneStar, index: number) => StarFitOptions,
  among: (star: SceneStar, index: number) => boolean = () => true,
): void {
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
  for (const index of inOrder(scene, among)) {
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

/** Cell by cell along the rows, brightest first within each. */
function inOrder(scene: Scene, among: (star: SceneStar, index: number) => boolean): readonly number[] {
  const { stars } = scene;
  const columns = Math.ceil(scene.image.science.width / CELL_PX);
  const cells = Int32Array.from(
    stars,
    ({ x, y }) => Math.floor(y / CELL_PX) * columns + Math.floor(x / CELL_PX),
  );
  return stars
    .map((_, k) => k)
    .filter((k) => among(stars[k], k))
    .sort((a, b) => cells[a] - cells[b] || stars[b].flux - stars[a].flux);
}
