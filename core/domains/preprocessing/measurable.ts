import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listUnusable } from '../../kernels/index.ts';

/** In `owners`: nobody's pixel, and a pixel that must not be used. */
export const NOBODY = 0;
export const UNUSABLE_PIXEL = -1;

/**
 * An image to measure on, and whose each pixel is.
 *
 * Pixels that belong to a neighbour or must not be used are replaced by the pixel on the opposite side of the
 * source, or by zero if that is no better.
 */
export interface Measurable {
  /** Background-subtracted. */
  readonly image: Plane;
  /** One number stands for all pixels; a plane of rms is squared where it is read. */
  readonly variance: Plane | number | { readonly rms: Plane };
  /** `NOBODY`, `UNUSABLE_PIXEL` or the number of the source that the pixel belongs to. */
  readonly owners: Int32Array;
  /** The pixels that must not be used, rising. */
  readonly unusable: Int32Array;
}

/**
 * Make an image measurable.
 *
 * @param excluded mask bits of pixels that must not be used; NaN never is.
 * @param owners zeros.
 */
export function makeMeasurable(
  image: Plane,
  variance: Measurable['variance'],
  mask: MaskPlane | undefined,
  excluded: number,
  owners: Int32Array = new Int32Array(image.data.length),
): Measurable {
  const unusable = listUnusable(image, mask, excluded);
  for (let k = 0; k < unusable.length; k++) owners[unusable[k]!] = UNUSABLE_PIXEL;
  return { image, variance, owners, unusable };
}

/** Variance of one pixel. */
export function varianceAt({ variance }: Measurable, at: number): number {
  if (typeof variance === 'number') return variance;
  if (!('rms' in variance)) return variance.data[at]!;
  const sigma = variance.rms.data[at]!;
  return sigma * sigma;
}

/** The bits that any of some pixels has. */
export function bitsOf(mask: MaskPlane, pixels: Int32Array): number {
  let bits = 0;
  for (let k = 0; k < pixels.length; k++) bits |= mask.data[pixels[k]!]!;
  return bits;
}

/** Make pixels the property of a source; those that must not be used stay nobody's. */
export function claimPixels(source: Measurable, pixels: Int32Array, owner: number): void {
  const { owners } = source;
  for (let i = 0; i < pixels.length; i++) if (owners[pixels[i]!] === NOBODY) owners[pixels[i]!] = owner;
}

/** The value opposite of pixel (px, py) as seen from (x, y), or 0 if that one cannot be used either. */
export function mirrorPixel(
  source: Measurable,
  own: number,
  x: number,
  y: number,
  px: number,
  py: number,
): number {
  const { width, height, data } = source.image;
  const mx = Math.round(2 * x) - px;
  const my = Math.round(2 * y) - py;
  if (mx < 0 || my < 0 || mx >= width || my >= height) return 0;
  const owner = source.owners[my * width + mx]!;
  return owner === NOBODY || owner === own ? data[my * width + mx]! : 0;
}
