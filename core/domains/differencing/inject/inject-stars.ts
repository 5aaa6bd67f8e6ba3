import { makePlane, type Plane } from '../../../kernels/index.ts';
import type { MaskedImage } from '../../observations/index.ts';
import type { SpatialPsf } from '../model.ts';
import { addedVariance, drawStar } from './draw-star.ts';
import type { DrawnStar, Injection } from './model.ts';

/**
 * Put stars into a copy of a science image, as if they had been in the sky.
 *
 * @param image e-, background-subtracted; left as it was.
 * @param injections of one pass.
 * @returns the image with their light and its variance; mask and everything else are the image's own.
 */
export function injectStars<Image extends MaskedImage>(
  image: Image,
  psf: SpatialPsf,
  injections: readonly Injection[],
  seed: number,
): Image {
  const science = copyPlane(image.science);
  const variance = copyPlane(image.variance);
  for (const injection of injections) addStar(science, variance, drawStar(injection, psf, seed), 0, 0);
  return { ...image, science, variance };
}

/** Add a drawn star to planes whose first pixel is pixel (left, bottom) of the star's image, in place. */
export function addStar(
  science: Plane,
  variance: Plane,
  star: DrawnStar,
  left: number,
  bottom: number,
): void {
  const half = (star.size - 1) / 2;
  for (let j = 0; j < star.size; j++) {
    const y = star.yPx - half + j - bottom;
    if (y < 0 || y >= science.height) continue;
    for (let i = 0; i < star.size; i++) {
      const x = star.xPx - half + i - left;
      if (x < 0 || x >= science.width) continue;
      const k = y * science.width + x;
      const light = star.data[j * star.size + i];
      variance.data[k] += addedVariance(science.data[k], light);
      science.data[k] += light;
    }
  }
}

function copyPlane(plane: Plane): Plane {
  const copy = makePlane(plane.width, plane.height);
  copy.data.set(plane.data);
  return copy;
}
