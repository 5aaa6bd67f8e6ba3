import { listMarked, type MaskPlane, withScratch } from '../../../kernels/index.ts';
import type { Task, TaskContext } from '../../../utils/index.ts';
import { type ImageSource, loadMask, MaskBit, samplePlane } from '../../observations/index.ts';
import { medianInPlace } from '../robust-statistics.ts';

/** A group of connected saturated pixels. */
export interface Core {
  /** Indices into the image. */
  readonly pixels: readonly number[];
  /** Middle of the largest disc in it: of the star, without its bleed trails. */
  readonly x: number;
  readonly y: number;
  /** Radius of that disc, px. */
  readonly radius: number;
}

/** A group of pixels that are saturated in one image or the other. */
export interface SharedCore extends Omit<Core, 'pixels'> {
  /** Radius of what is saturated in each image, px; absent where nothing is. */
  readonly ownRadius: { readonly science?: number | undefined; readonly template?: number | undefined };
}

/** What is known of two images' saturated stars before any profile is. */
export interface FoundCores {
  readonly cores: readonly SharedCore[];
  /** Usual variance of a pixel, each image's own e-^2. */
  readonly variance: { readonly science: number; readonly template: number };
}

interface ImagePair {
  readonly science: ImageSource;
  readonly template: ImageSource;
}

/** Finds saturated cores on a thread. */
export const findCoresTask: Task<ImagePair, FoundCores> = {
  name: 'differencing.find-cores',
  run: surveyCores,
};

/** Pixels that tell an image's usual variance. */
const VARIANCES = 10_000;
/** A smaller group is a cosmic ray or a hot pixel. */
const SMALLEST = 3;

/** Find saturated cores in two images, in memory or in files, and what tells how well stars around them can be fitted. */
export function surveyCores({ science, template }: ImagePair, context: TaskContext = {}): FoundCores {
  const typicalVariance = ({ variance }: ImageSource): number => {
    const step = Math.max(1, Math.floor((variance.width * variance.height) / VARIANCES));
    const sample = Float64Array.from(samplePlane(variance, step, context));
    return medianInPlace(sample, sample.length);
  };
  const variance = { science: typicalVariance(science), template: typicalVariance(template) };
  return withScratch((scratch) => {
    const [inScience, inTemplate] = [science, template].map(({ mask }) => loadMask(mask, scratch, context));
    return { cores: findCores(inScience, inTemplate), variance };
  });
}

/** Find the groups of pixels that are saturated in either image. */
export function findCores(science: MaskPlane, template: MaskPlane): readonly SharedCore[] {
  const { width, height } = science;
  const seen = new Uint8Array(width * height);
  const isFull = (k: number) => ((science.data[k] | template.data[k]) & MaskBit.SAT) !== 0;
  const cores: SharedCore[] = [];
  for (const start of listMarked(science, template, MaskBit.SAT)) {
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
    if (pixels.length < SMALLEST) continue;
    const core = describeCore(pixels, width);
    const [own, other] = [science, template].map(({ data }) => {
      const saturated = pixels.filter((k) => (data[k] & MaskBit.SAT) !== 0);
      return saturated.length > 0 ? describeCore(saturated, width) : undefined;
    });
    // The template's pixels have grown by its resampling: trails to nearly the width of their star.
    const middle = own && own.pixels.length >= SMALLEST ? own : core;
    const ownRadius = { science: own?.radius, template: other?.radius };
    cores.push({ x: middle.x, y: middle.y, radius: core.radius, ownRadius });
  }
  return cores;
}

/** Steps of a distance along an axis and across the corner, in units of a third of a pixel: within 6 % of the straight line. */
const STEP = 3;
const CORNER = 4;

/**
 * Find the largest disc in a group of saturated pixels: its star.
 *
 * Bleed trails are narrower than the star they come from, whichever way and however far they run, and so are the cores of
 * fainter stars that have grown together with it.
 *
 * @see Borgefors 1986, Computer Vision, Graphics and Image Processing 34, 344: distances by steps of 3 and 4
 */
function describeCore(pixels: readonly number[], width: number): Core {
  let [x0, x1, y0, y1] = [Number.POSITIVE_INFINITY, -1, Number.POSITIVE_INFINITY, -1];
  for (const k of pixels) {
    const x = k % width;
    const y = Math.floor(k / width);
    [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
  }
  // A frame of empty pixels, from which distances are counted.
  const pitch = x1 - x0 + 3;
  const at = (k: number) => (Math.floor(k / width) - y0 + 1) * pitch + (k % width) - x0 + 1;
  const depth = new Int32Array(pitch * (y1 - y0 + 3));
  for (const k of pixels) depth[at(k)] = STEP * depth.length;
  const inOrder = Int32Array.from(pixels, at).sort();
  const deepen = (i: number, way: 1 | -1) => {
    const beside = depth[i - way] + STEP;
    const before = depth[i - way * pitch] + STEP;
    const corners = Math.min(depth[i - way * (pitch + 1)], depth[i - way * (pitch - 1)]) + CORNER;
    depth[i] = Math.min(depth[i], beside, before, corners);
  };
  for (const i of inOrder) deepen(i, 1);
  for (let n = inOrder.length - 1; n >= 0; n--) deepen(inOrder[n], -1);
  const deepest = inOrder.reduce((most, i) => Math.max(most, depth[i]), 0);
  // From a pixel's middle to that of the first empty one; half of the last step lies outside.
  const radius = deepest / STEP - 0.5;
  const middles = inOrder.filter((i) => depth[i] === deepest);
  const one = middles[middles.length >> 1];
  const own = middles.filter(
    (i) => Math.hypot((i % pitch) - (one % pitch), Math.floor(i / pitch) - Math.floor(one / pitch)) <= radius,
  );
  const mean = (values: Int32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    pixels,
    x: x0 - 1 + mean(own.map((i) => i % pitch)),
    y: y0 - 1 + mean(own.map((i) => Math.floor(i / pitch))),
    radius,
  };
}
