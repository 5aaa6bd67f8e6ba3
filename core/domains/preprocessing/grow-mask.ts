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
  // Runs of marked pixels along rows, first and last: found before anything grows.
  const runs: number[] = [];
  for (let at = 0; at < data.length; at++) {
    if ((data[at]! & bit) === 0) continue;
    const end = at - (at % width) + width;
    const first = at;
    while (at + 1 < end && (data[at + 1]! & bit) !== 0) at++;
    runs.push(first, at);
  }
  for (let k = 0; k < runs.length; k += 2) {
    const x = runs[k]! % width;
    const y = (runs[k]! - x) / width;
    const last = runs[k + 1]! - y * width;
    for (let dy = -reach; dy <= reach; dy++) {
      const row = y + dy;
      if (row < 0 || row >= height) continue;
      const half = halfWidths[dy + reach]!;
      const end = row * width + Math.min(width - 1, last + half);
      for (let at = row * width + Math.max(0, x - half); at <= end; at++) data[at]! |= bit;
    }
  }
}
