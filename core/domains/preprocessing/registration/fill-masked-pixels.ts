import type { MaskPlane, Plane } from '../../../kernels/index.ts';
import { makePlane } from '../../../kernels/index.ts';

/**
 * Replace masked pixels by their neighbours' level, so that interpolation does not ring on them.
 *
 * Layer by layer from the edge of each masked region: a pixel becomes the mean of those of its eight neighbours that
 * are known. Only as deep as a kernel can reach: what lies deeper touches masked pixels alone.
 *
 * @param bits mask bits to replace; not-finite pixels are replaced too, and set to 0 when deeper than `depthPx`.
 * @returns a new plane, or `plane` itself when there is nothing to replace.
 */
export function fillMaskedPixels(plane: Plane, mask: MaskPlane, bits: number, depthPx: number): Plane {
  const { width, height, data } = plane;
  const holes: number[] = [];
  for (let k = 0; k < data.length; k++)
    if ((mask.data[k]! & bits) !== 0 || !Number.isFinite(data[k]!)) holes.push(k);
  if (holes.length === 0) return plane;
  const isUnknown = new Uint8Array(data.length);
  for (const k of holes) isUnknown[k] = 1;
  const filled = makePlane(width, height);
  filled.data.set(data);

  const hasKnownNeighbour = (k: number): boolean => {
    const x = k % width;
    const y = (k - x) / width;
    for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++)
      for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++)
        if (isUnknown[j * width + i] === 0) return true;
    return false;
  };
  let front = holes.filter(hasKnownNeighbour);
  for (let depth = 0; depth < depthPx && front.length > 0; depth++) {
    const levels = front.map((k) => meanOfKnown(filled, isUnknown, k));
    front.forEach((k, at) => {
      filled.data[k] = levels[at]!;
      isUnknown[k] = 0;
    });
    const next = new Set<number>();
    for (const k of front) {
      const x = k % width;
      const y = (k - x) / width;
      for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++)
        for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++)
          if (isUnknown[j * width + i] === 1) next.add(j * width + i);
    }
    front = [...next];
  }
  for (const k of holes) if (!Number.isFinite(filled.data[k]!)) filled.data[k] = 0;
  return filled;
}

function meanOfKnown({ width, height, data }: Plane, isUnknown: Uint8Array, k: number): number {
  const x = k % width;
  const y = (k - x) / width;
  let sum = 0;
  let count = 0;
  for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++)
    for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++)
      if (isUnknown[j * width + i] === 0) {
        sum += data[j * width + i]!;
        count++;
      }
  return sum / count;
}
