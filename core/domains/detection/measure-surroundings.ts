import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { MaskBit, type Part, UNUSABLE } from '../observations/index.ts';

/** How far spoiled pixels are looked for, px. */
export const SPOIL_REACH_PX = 64;

/** Distances from a pixel to what spoils it, px, at most 64. */
export interface SpoilDistances {
  /** To the border of the image or the end of either image's coverage. */
  readonly edge: number;
  /** To a saturated pixel of either image. */
  readonly saturation: number;
}

/** Find how far the edge and the nearest saturated pixel are in an image of some size, of whose masks some are in memory. */
export function measureSpoilDistances(
  masks: readonly (MaskPlane & Part)[],
  { width, height }: { readonly width: number; readonly height: number },
  xPx: number,
  yPx: number,
): SpoilDistances {
  let edge = Math.min(SPOIL_REACH_PX, xPx + 1, yPx + 1, width - xPx, height - yPx) ** 2;
  let saturation = SPOIL_REACH_PX * SPOIL_REACH_PX;
  // Rows near the pixel first: what is found there bounds how far the others have to be looked along.
  for (let k = 0; k <= 2 * SPOIL_REACH_PX; k++) {
    const dy = k % 2 === 0 ? k / 2 : -(k + 1) / 2;
    const y = yPx + dy;
    const left = Math.max(edge, saturation) - dy * dy;
    if (y < 0 || y >= height || left <= 0) continue;
    const reach = Math.ceil(Math.sqrt(left)) - 1;
    const end = Math.min(width - 1, xPx + reach);
    for (const mask of masks) {
      const row = (y - mask.bottom) * mask.width - mask.left;
      for (let x = Math.max(0, xPx - reach); x <= end; x++) {
        const bits = mask.data[row + x]!;
        if ((bits & (MaskBit.SAT | MaskBit.EDGE | MaskBit.NO_DATA)) === 0) continue;
        const r2 = dy * dy + (x - xPx) ** 2;
        if ((bits & MaskBit.SAT) !== 0) saturation = Math.min(saturation, r2);
        if ((bits & (MaskBit.EDGE | MaskBit.NO_DATA)) !== 0) edge = Math.min(edge, r2);
      }
    }
  }
  return { edge: Math.sqrt(edge), saturation: Math.sqrt(saturation) };
}

/** Share of unusable pixels within a radius, 0..1; pixels outside the image count as unusable. */
export function measureMaskedFraction(mask: MaskPlane, xPx: number, yPx: number, radius: number): number {
  let bad = 0;
  let all = 0;
  const reach = Math.ceil(radius);
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy > radius * radius) continue;
      const x = xPx + dx;
      const y = yPx + dy;
      all++;
      if (x < 0 || y < 0 || x >= mask.width || y >= mask.height) bad++;
      else if ((mask.data[y * mask.width + x]! & UNUSABLE) !== 0) bad++;
    }
  }
  return bad / all;
}

/** Robust rms (1.4826 x the median size) of the score image in a ring, unmasked pixels; 1 where there are too few. */
export function measureLocalRms(
  score: Plane,
  mask: MaskPlane,
  xPx: number,
  yPx: number,
  inner: number,
  outer: number,
): number {
  const reach = Math.ceil(outer);
  const sizes = new Float32Array((reach + 1) ** 2);
  let found = 0;
  // The score image is smooth over two pixels: every other one tells as much.
  for (let dy = -reach; dy <= reach; dy += 2) {
    for (let dx = -reach; dx <= reach; dx += 2) {
      const r2 = dx * dx + dy * dy;
      const x = xPx + dx;
      const y = yPx + dy;
      if (r2 < inner * inner || r2 > outer * outer) continue;
      if (x < 0 || y < 0 || x >= score.width || y >= score.height) continue;
      const i = y * score.width + x;
      if ((mask.data[i]! & UNUSABLE) === 0 && Number.isFinite(score.data[i]!))
        sizes[found++] = Math.abs(score.data[i]!);
    }
  }
  if (found < 20) return 1;
  return 1.4826 * sizes.subarray(0, found).sort()[found >> 1]!;
}

/** Strongest score of the opposite sign within a radius, as a positive number; 0 if none. */
export function findOppositeScore(
  score: Plane,
  xPx: number,
  yPx: number,
  radius: number,
  sign: number,
): number {
  let strongest = 0;
  const reach = Math.ceil(radius);
  for (let y = Math.max(0, yPx - reach); y <= Math.min(score.height - 1, yPx + reach); y++) {
    for (let x = Math.max(0, xPx - reach); x <= Math.min(score.width - 1, xPx + reach); x++) {
      if ((x - xPx) ** 2 + (y - yPx) ** 2 > radius * radius) continue;
      strongest = Math.max(strongest, -sign * score.data[y * score.width + x]!);
    }
  }
  return strongest;
}
