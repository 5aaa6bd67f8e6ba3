import type { Plane, Scratch } from '../../kernels/index.ts';
import {
  laplacianPositive,
  listUnusable,
  makePlane,
  medianFilter,
  searchCosmicRays,
  selectMedian,
  separableMedianFilter,
  withScratch,
} from '../../kernels/index.ts';
import { copyInside, reflectMarks, reflectPlane } from './reflect-edges.ts';

/** How cosmic rays are told from stars. */
export interface CosmicRayConfig {
  /** Least Laplacian significance of a hit, sigma (default 4.5). */
  readonly threshold: number;
  /** Neighbours of a hit need only this fraction of it (default 0.3). */
  readonly neighbourFraction: number;
  /** Least ratio of Laplacian to fine structure: stars have structure on the scale of the PSF (default 5). */
  readonly contrast: number;
  /** Most rounds; each finds what the last one's cleaning laid bare (default 4). */
  readonly rounds: number;
  /** Separable medians instead of square ones: several times faster, nearly the same (default true). */
  readonly separableMedians: boolean;
  /** Search the outermost pixels too, as if the image went on as in a mirror (default true; astroscrappy does not). */
  readonly searchEdges: boolean;
}

/** The defaults of `cleanCosmicRays`, those of L.A.Cosmic for images. */
export const DEFAULT_COSMIC_RAYS: CosmicRayConfig = {
  threshold: 4.5,
  neighbourFraction: 0.3,
  contrast: 5,
  rounds: 4,
  separableMedians: true,
  searchEdges: true,
};

/** What `cleanCosmicRays` looks at. */
export interface CosmicRayInput {
  /** e-, with the sky in it: the noise is taken from the level. */
  readonly image: Plane;
  /** What is added to it first, e- (default 0). */
  readonly pedestalE?: number | undefined;
  readonly readNoiseE: number;
  /** Level at which stars are saturated and left alone, e-, with the pedestal. */
  readonly saturationE?: number | undefined;
  /** 1 where nothing is searched, else 0; grown by a pixel. */
  readonly excluded?: Uint8Array | undefined;
}

/** The hits and the image without them. */
export interface CleanedImage {
  /** 1 where a cosmic ray hit. */
  readonly hits: Uint8Array;
  /** The image with the hits replaced by the mean of the good pixels within two of them. */
  readonly image: Plane;
  readonly rounds: number;
}

/**
 * A later round looks again only this far around what the last one cleaned: a hit depends on no pixel further away. Two
 * pixels to the candidate it belongs to, three to the median of its significance, three to that of its noise.
 */
const REACH_PX = 8;
/** A hit beside a new one is filled anew: what was cleaned reaches this far beyond the new hits, px. */
const FILLED_PX = 2;
/** What was cleaned is looked at together within cells of this side, px. */
const CELL_PX = 32;

/**
 * Find and clean cosmic rays by the sharpness of their edges.
 *
 * After the first round only the surroundings of new hits are searched again, which gives the same answer.
 *
 * @see van Dokkum 2001, PASP 113, 1420 (L.A.Cosmic), with separable medians as astroscrappy 1.1.0.
 */
export function cleanCosmicRays(
  input: CosmicRayInput,
  config: CosmicRayConfig = DEFAULT_COSMIC_RAYS,
): CleanedImage {
  const { width, height } = input.image;
  return withScratch((scratch) => {
    const { hits, image, margin, rounds } = cleanWithMargin(input, config, scratch);
    const inside = { hits: new Uint8Array(width * height), image: makePlane(width, height), rounds };
    copyInside(hits, width, height, margin, inside.hits);
    copyInside(image.data, width, height, margin, inside.image.data);
    return inside;
  });
}

/** `cleanCosmicRays` for those who need little of its planes: they are larger by the margin on all sides, and in scratch memory. */
export function cleanWithMargin(
  input: CosmicRayInput,
  config: CosmicRayConfig,
  scratch: Scratch,
): CleanedImage & { readonly margin: number } {
  const { width, height } = input.image;
  const margin = config.searchEdges ? BLIND_PX : 0;
  const [outWidth, outHeight] = [width + 2 * margin, height + 2 * margin];
  const image = reflectPlane(input.image, margin, input.pedestalE ?? 0, scratch.plane(outWidth, outHeight));
  const hits = scratch.zeroBytes(outWidth * outHeight);
  const barred = scratch.zeroBytes(outWidth * outHeight);
  withScratch((inner) => {
    const excluded =
      input.excluded &&
      reflectMarks(input.excluded, width, height, margin, inner.bytes(outWidth * outHeight));
    barPixels({ ...input, image, excluded }, config, barred);
  });
  const rounds = cleanInPlace(image, hits, barred, input.readNoiseE, config);
  return { hits, image, margin, rounds };
}

/** Filters are blind this far from an edge, all taken together, px. */
const BLIND_PX = 8;

function cleanInPlace(
  image: Plane,
  hits: Uint8Array,
  barred: Uint8Array,
  readNoiseE: number,
  config: CosmicRayConfig,
): number {
  const { width, height } = image;
  const level = medianOfGood(image.data, barred);
  const all: number[] = [];
  let boxes: Box[] = [{ x0: 0, y0: 0, x1: width, y1: height }];
  let round = 0;
  while (round < config.rounds && boxes.length > 0) {
    round++;
    const found: number[] = [];
    for (const box of boxes) searchBox(image, barred, readNoiseE, box, config, found);
    if (found.length === 0) break;
    for (const at of found) {
      if (hits[at] === 0) all.push(at);
      hits[at] = 1;
    }
    fillHits(image, all, hits, barred, level);
    boxes = round < config.rounds ? boxesAround(found, width, height) : [];
  }
  return round;
}

/** A part of the image, the ends excluded. */
interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Find hits in one box; what the filters see beyond it is read, what they find there is not taken. */
function searchBox(
  image: Plane,
  barred: Uint8Array,
  readNoiseE: number,
  box: Box,
  config: CosmicRayConfig,
  found: number[],
): void {
  const x0 = Math.max(0, box.x0 - REACH_PX);
  const y0 = Math.max(0, box.y0 - REACH_PX);
  const x1 = Math.min(image.width, box.x1 + REACH_PX);
  const y1 = Math.min(image.height, box.y1 + REACH_PX);
  const part = cropPlane(image, x0, y0, x1, y1);
  const { width, height } = part;
  const separable = config.separableMedians;
  if (separable) {
    const quick = searchCosmicRays(part, cropMarks(barred, image.width, x0, y0, part), {
      readNoiseE,
      threshold: config.threshold,
      neighbourThreshold: config.neighbourFraction * config.threshold,
      contrast: config.contrast,
    });
    if (quick !== undefined) {
      for (const at of quick) {
        const x = (at % width) + x0;
        const y = Math.floor(at / width) + y0;
        if (x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1) found.push(y * image.width + x);
      }
      return;
    }
  }
  const smooth = separable ? separableMedianFilter(part, 7) : medianFilter(part, 5);
  const significance = laplacianPositive(part);
  const noise = new Float32Array(part.data.length);
  for (let i = 0; i < noise.length; i++) {
    noise[i] = Math.sqrt(Math.max(1e-5, smooth.data[i]!) + readNoiseE * readNoiseE);
    significance.data[i] = significance.data[i]! / (2 * noise[i]!);
  }
  const large = separable ? separableMedianFilter(significance, 7) : medianFilter(significance, 5);
  const fine = separable ? separableMedianFilter(part, 5) : medianFilter(part, 3);
  const coarse = separable ? separableMedianFilter(fine, 9) : medianFilter(fine, 7);

  const candidate = new Uint8Array(part.data.length);
  const sharp = new Float32Array(part.data.length);
  const usable = new Uint8Array(part.data.length);
  let any = false;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      sharp[i] = significance.data[i]! - large.data[i]!;
      if (barred[(y + y0) * image.width + x + x0] !== 0) continue;
      usable[i] = 1;
      if (!(sharp[i]! > config.threshold)) continue;
      const structure = Math.max(0.01, (fine.data[i]! - coarse.data[i]!) / noise[i]!);
      if (sharp[i]! / structure > config.contrast) {
        candidate[i] = 1;
        any = true;
      }
    }
  }
  if (!any) return;
  const near = keepAbove(growByOne(candidate, width, height), usable, sharp, config.threshold);
  const wide = growByOne(near, width, height);
  const faint = config.neighbourFraction * config.threshold;
  for (let y = Math.max(0, box.y0 - y0); y < Math.min(height, box.y1 - y0); y++) {
    for (let x = Math.max(0, box.x0 - x0); x < Math.min(width, box.x1 - x0); x++) {
      const i = y * width + x;
      if (wide[i] !== 0 && usable[i] !== 0 && sharp[i]! > faint) found.push((y + y0) * image.width + x + x0);
    }
  }
}

function keepAbove(marked: Uint8Array, usable: Uint8Array, values: Float32Array, least: number): Uint8Array {
  for (let i = marked.indexOf(1); i >= 0; i = marked.indexOf(1, i + 1)) {
    if (!(usable[i] !== 0 && values[i]! > least)) marked[i] = 0;
  }
  return marked;
}

/** The pixels marked and their eight neighbours. */
function growByOne(
  marked: Uint8Array,
  width: number,
  height: number,
  out: Uint8Array = new Uint8Array(marked.length),
): Uint8Array {
  for (let i = marked.indexOf(1); i >= 0; i = marked.indexOf(1, i + 1)) {
    const x = i % width;
    const y = (i - x) / width;
    for (let py = Math.max(0, y - 1); py <= Math.min(height - 1, y + 1); py++) {
      for (let px = Math.max(0, x - 1); px <= Math.min(width - 1, x + 1); px++) out[py * width + px] = 1;
    }
  }
  return out;
}

/** Pixels that are not searched: those excluded, grown by one, and saturated stars, grown by four. */
function barPixels(input: CosmicRayInput, config: CosmicRayConfig, barred: Uint8Array): void {
  const { image, excluded, saturationE } = input;
  const { width, height } = image;
  if (excluded !== undefined) growByOne(excluded, width, height, barred);
  for (const at of listUnusable(image, undefined, 0)) barred[at] = 1;
  if (saturationE === undefined) return;
  let saturated = new Uint8Array(width * height);
  let any = false;
  for (let i = 0; i < saturated.length; i++) {
    if (image.data[i]! >= saturationE) {
      saturated[i] = 1;
      any = true;
    }
  }
  if (!any) return;
  // A hit may be that bright too, but then the median around it is not.
  const smooth = config.separableMedians ? separableMedianFilter(image, 7) : medianFilter(image, 5);
  for (let i = 0; i < saturated.length; i++) if (!(smooth.data[i]! > saturationE / 10)) saturated[i] = 0;
  for (let step = 0; step < 2; step++) saturated = growRounded(saturated, width, height);
  for (let i = 0; i < saturated.length; i++) if (saturated[i] !== 0) barred[i] = 1;
}

/** Grow by a 5 x 5 square without its corners. */
function growRounded(marked: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(marked.length);
  for (let i = marked.indexOf(1); i >= 0; i = marked.indexOf(1, i + 1)) {
    const x = i % width;
    const y = (i - x) / width;
    for (let dy = -2; dy <= 2; dy++) {
      const reach = Math.abs(dy) === 2 ? 1 : 2;
      const py = y + dy;
      if (py < 0 || py >= height) continue;
      for (let px = Math.max(0, x - reach); px <= Math.min(width - 1, x + reach); px++)
        out[py * width + px] = 1;
    }
  }
  return out;
}

/** Replace hits by the mean of the good pixels in the 5 x 5 around them; the outermost two rows stay. */
function fillHits(
  image: Plane,
  all: readonly number[],
  hits: Uint8Array,
  barred: Uint8Array,
  level: number,
): void {
  const { width, height, data } = image;
  for (const at of all) {
    const x = at % width;
    const y = (at - x) / width;
    if (x < 2 || y < 2 || x >= width - 2 || y >= height - 2) continue;
    let sum = 0;
    let count = 0;
    for (let py = y - 2; py <= y + 2; py++) {
      for (let px = x - 2; px <= x + 2; px++) {
        const i = py * width + px;
        if (hits[i] !== 0 || barred[i] !== 0) continue;
        sum += data[i]!;
        count++;
      }
    }
    data[at] = count > 0 ? sum / count : level;
  }
}

/** Boxes that hold all pixels within reach of those that were changed. */
function boxesAround(changed: readonly number[], width: number, height: number): Box[] {
  const columns = Math.ceil(width / CELL_PX);
  const cells = new Map<number, Box>();
  const reach = REACH_PX + FILLED_PX;
  for (const at of changed) {
    const x = at % width;
    const y = (at - x) / width;
    const cell = Math.floor(y / CELL_PX) * columns + Math.floor(x / CELL_PX);
    const { x0, y0, x1, y1 } = cells.get(cell) ?? { x0: width, y0: height, x1: 0, y1: 0 };
    cells.set(cell, {
      x0: Math.max(0, Math.min(x0, x - reach)),
      y0: Math.max(0, Math.min(y0, y - reach)),
      x1: Math.min(width, Math.max(x1, x + reach + 1)),
      y1: Math.min(height, Math.max(y1, y + reach + 1)),
    });
  }
  const boxes = [...cells.values()];
  const pixels = boxes.reduce(
    (sum, { x0, y0, x1, y1 }) => sum + (x1 - x0 + 2 * REACH_PX) * (y1 - y0 + 2 * REACH_PX),
    0,
  );
  return pixels < width * height ? boxes : [{ x0: 0, y0: 0, x1: width, y1: height }];
}

function cropPlane(plane: Plane, x0: number, y0: number, x1: number, y1: number): Plane {
  if (x0 === 0 && y0 === 0 && x1 === plane.width && y1 === plane.height) return plane;
  const [width, height] = [x1 - x0, y1 - y0];
  const data = new Float32Array(width * height);
  for (let y = y0; y < y1; y++) {
    data.set(plane.data.subarray(y * plane.width + x0, y * plane.width + x1), (y - y0) * width);
  }
  return { width, height, data };
}

/** The marks of a part of the image. */
function cropMarks(marks: Uint8Array, width: number, x0: number, y0: number, part: Plane): Uint8Array {
  if (marks.length === part.data.length) return marks;
  const out = new Uint8Array(part.data.length);
  for (let y = 0; y < part.height; y++) {
    const from = (y + y0) * width + x0;
    out.set(marks.subarray(from, from + part.width), y * part.width);
  }
  return out;
}

/** Median of the good pixels, of a sample of them if there are many. */
function medianOfGood(data: Float32Array, barred: Uint8Array): number {
  const step = Math.max(1, Math.floor(data.length / 65_536)) | 1;
  const sample = new Float32Array(Math.ceil(data.length / step));
  let count = 0;
  for (let i = 0; i < data.length; i += step) if (barred[i] === 0) sample[count++] = data[i]!;
  return count === 0 ? 0 : selectMedian(sample.subarray(0, count));
}
