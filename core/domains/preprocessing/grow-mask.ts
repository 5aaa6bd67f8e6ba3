import type { MaskPlane } from '../../kernels/index.ts';

/**
 * Set a mask bit also on pixels within a radius of those that have it, in place.
 *
 * @param radius px; a disc, 0 leaves the mask as it is.
 */
export function growMask(mask: MaskPlane, bit: number, radius: number): void {
  if (!(radius > 0)) return;
  const { width, height, data } = mask;
  const reach = Math.floor(radius);
  const halfWidths = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.floor(Math.sqrt(Math.max(0, radius * radius - (i - reach) ** 2))),
  );
  const marked: number[] = [];
  for (let i = 0; i < data.length; i++) if ((data[i]! & bit) !== 0) marked.push(i);
  for (const at of marked) {
    const x = at % width;
    const y = (at - x) / width;
    for (let dy = -reach; dy <= reach; dy++) {
      const row = y + dy;
      if (row < 0 || row >= height) continue;
      const half = halfWidths[dy + reach]!;
      const end = Math.min(width - 1, x + half);
      for (let column = Math.max(0, x - half); column <= end; column++) data[row * width + column]! |= bit;
    }
  }
}
