import type { MaskPlane } from '../../kernels/index.ts';
import { listMarked } from '../../kernels/index.ts';

/**
 * Set a mask bit also on pixels within a radius of those that have it, in place.
 *
 * @param radius px; a disc, 0 leaves the mask as it is.
 */
export function growMask(mask: MaskPlane, bit: number, radius: number): void {
  if (radius > 0) markAround(mask, bit, listMarked(mask, mask, bit), radius);
}

/**
 * Set a mask bit on pixels and those within a radius of them, a disc.
 *
 * @param pixels y * width + x, rising.
 * @returns how many did not have it.
 */
export function markAround(mask: MaskPlane, bit: number, pixels: Int32Array, radius: number): number {
  const { width, height, data } = mask;
  const reach = Math.floor(radius);
  const halfWidths = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.floor(Math.sqrt(Math.max(0, radius * radius - (i - reach) ** 2))),
  );
  let marked = 0;
  for (let k = 0; k < pixels.length; k++) {
    // Runs of pixels along a row grow together.
    const first = pixels[k]!;
    const x = first % width;
    const y = (first - x) / width;
    let last = x;
    while (last + 1 < width && pixels[k + 1] === y * width + last + 1) {
      last++;
      k++;
    }
    for (let dy = -reach; dy <= reach; dy++) {
      const row = y + dy;
      if (row < 0 || row >= height) continue;
      const half = halfWidths[dy + reach]!;
      const end = row * width + Math.min(width - 1, last + half);
      for (let at = row * width + Math.max(0, x - half); at <= end; at++) {
        if ((data[at]! & bit) !== 0) continue;
        data[at]! |= bit;
        marked++;
      }
    }
  }
  return marked;
}
