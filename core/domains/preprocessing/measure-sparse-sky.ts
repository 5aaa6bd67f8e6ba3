import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { sortFloats } from '../../kernels/index.ts';

/** Values so many sigma from the mean are none of the sky's. */
const CLIP_SIGMAS = 5;

/** What the sky's pixels lie between, and how they scatter. */
interface Limits {
  readonly low: number;
  readonly high: number;
  readonly sigma: number;
}

/**
 * Measure the sky where most pixels hold one and the same value, as counts of single photons do: clipping at two sigma
 * leaves meshes nothing else, and no rms.
 *
 * The rms of such meshes becomes the standard deviation of all usable pixels of the image, clipped at five sigma; their
 * level the mean of their own within the same limits. Nothing changes where all usable pixels are equal.
 *
 * @param level, rms of meshes of `meshPx`, row by row: changed where rms is not above zero.
 */
export function measureSparseSky(
  plane: Plane,
  mask: MaskPlane | undefined,
  excludedBits: number,
  meshPx: number,
  level: Float32Array,
  rms: Float32Array,
): void {
  const { width, height, data } = plane;
  const isUsable = (at: number): boolean =>
    data[at]! - data[at]! === 0 && (mask === undefined || (mask.data[at]! & excludedBits) === 0);
  const limits = findLimits(sortFloats(data.filter((_, at) => isUsable(at))));
  if (limits === undefined) return;
  const { low, high, sigma } = limits;
  const columns = Math.max(1, Math.ceil(width / meshPx));
  for (let mesh = 0; mesh < rms.length; mesh++) {
    if (rms[mesh]! > 0) continue;
    const x0 = (mesh % columns) * meshPx;
    const y0 = Math.floor(mesh / columns) * meshPx;
    let count = 0;
    let sum = 0;
    for (let y = y0; y < Math.min(height, y0 + meshPx); y++) {
      for (let x = x0; x < Math.min(width, x0 + meshPx); x++) {
        const at = y * width + x;
        if (!isUsable(at) || data[at]! < low || data[at]! > high) continue;
        count++;
        sum += data[at]!;
      }
    }
    if (count > 0) level[mesh] = sum / count;
    rms[mesh] = sigma;
  }
}

/** Clip sorted values to convergence, though never the values next to their median: these are all the scatter there is. */
function findLimits(values: Float32Array): Limits | undefined {
  let first = 0;
  let end = values.length;
  for (;;) {
    let sum = 0;
    for (let i = first; i < end; i++) sum += values[i]!;
    const mean = sum / (end - first);
    let squares = 0;
    for (let i = first; i < end; i++) squares += (values[i]! - mean) ** 2;
    const sigma = Math.sqrt(squares / (end - first));
    if (!(sigma > 0)) return undefined;
    const median = values[(first + end) >> 1]!;
    const below = values.subarray(first, end).findLastIndex((value) => value < median);
    const above = values.subarray(first, end).findIndex((value) => value > median);
    const low = Math.min(mean - CLIP_SIGMAS * sigma, below < 0 ? median : values[first + below]!);
    const high = Math.max(mean + CLIP_SIGMAS * sigma, above < 0 ? median : values[first + above]!);
    let [nextFirst, nextEnd] = [first, end];
    while (values[nextFirst]! < low) nextFirst++;
    while (values[nextEnd - 1]! > high) nextEnd--;
    if (nextFirst === first && nextEnd === end) return { low, high, sigma };
    [first, end] = [nextFirst, nextEnd];
  }
}
