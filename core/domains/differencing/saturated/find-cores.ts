import type { MaskPlane } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';

/** A group of connected saturated pixels. */
export interface Core {
  /** Indices into the image. */
  readonly pixels: readonly number[];
  /** Middle of the star without its bleed trails. */
  readonly x: number;
  readonly y: number;
  /** Radius of the disc that covers as much as the star without its trails, px. */
  readonly radius: number;
}

/** A smaller group is a cosmic ray or a hot pixel. */
const SMALLEST = 3;

/** Find the groups of pixels that are saturated in either image. */
export function findCores(science: MaskPlane, template: MaskPlane): readonly Core[] {
  const { width, height } = science;
  const seen = new Uint8Array(width * height);
  const isFull = (k: number) => ((science.data[k] | template.data[k]) & MaskBit.SAT) !== 0;
  const cores: Core[] = [];
  for (const start of listFull(science.data, template.data)) {
    if (seen[start] === 1) continue;
    const pixels = [start];
    seen[start] = 1;
    for (let next = 0; next < pixels.length; next++) {
      const x = pixels[next] % width;
      const y = (pixels[next] - x) / width;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const k = v * width + u;
          if (seen[k] === 1 || !isFull(k)) continue;
          seen[k] = 1;
          pixels.push(k);
        }
      }
    }
    if (pixels.length >= SMALLEST) cores.push(describeCore(pixels, width));
  }
  return cores;
}

/** List the pixels that are saturated in either image, rising: few, so that two are looked at together. */
function listFull(science: Uint16Array, template: Uint16Array): readonly number[] {
  const found: number[] = [];
  const pairs = (mask: Uint16Array) => new Uint32Array(mask.buffer, mask.byteOffset, mask.length >> 1);
  const [a, b] = [pairs(science), pairs(template)];
  const either = MaskBit.SAT | (MaskBit.SAT << 16);
  for (let i = 0; i < a.length; i++) {
    if (((a[i] | b[i]) & either) === 0) continue;
    for (const k of [2 * i, 2 * i + 1]) if (((science[k] | template[k]) & MaskBit.SAT) !== 0) found.push(k);
  }
  const last = science.length - 1;
  if (last % 2 === 0 && ((science[last] | template[last]) & MaskBit.SAT) !== 0) found.push(last);
  return found;
}

/**
 * Find the middle and size of a group of saturated pixels.
 *
 * A bleed trail is narrow: only rows at least half as full as the fullest belong to the star.
 */
export function describeCore(pixels: readonly number[], width: number): Core {
  const rows = new Map<number, number>();
  for (const k of pixels) {
    const y = Math.floor(k / width);
    rows.set(y, (rows.get(y) ?? 0) + 1);
  }
  let fullest = 0;
  for (const count of rows.values()) fullest = Math.max(fullest, count);
  let sumX = 0;
  let sumY = 0;
  let area = 0;
  for (const k of pixels) {
    const y = Math.floor(k / width);
    if (rows.get(y)! < 0.5 * fullest) continue;
    sumX += k - y * width;
    sumY += y;
    area++;
  }
  return { pixels, x: sumX / area, y: sumY / area, radius: Math.sqrt(area / Math.PI) };
}
