import type { Isophote } from './measure-isophote.ts';
import { measureIsophote } from './measure-isophote.ts';

/** How blends are taken apart. */
export interface DeblendConfig {
  /** Levels between threshold and peak, exponentially spaced. */
  readonly levels: number;
  /** A branch is an object of its own if it holds this fraction of the blend's flux. */
  readonly minContrast: number;
  /** Smallest branch, px: fewer than a source needs, since a branch is only its source's core. */
  readonly minAreaPx: number;
}

/** One connected set of pixels above one level; its sons are the sets above the next level. */
interface Branch {
  readonly level: number;
  /** Any pixel of it, as an index into the footprint. */
  readonly seed: number;
  readonly area: number;
  readonly flux: number;
  readonly sons: Branch[];
  isWhole: boolean;
}

/** Working memory that is shared by all footprints of one image. */
export interface DeblendScratch {
  /** 1 for each pixel of the image above the threshold: footprints, and groups too small to be one. */
  readonly above: Uint8Array;
  /** For each pixel of the image: 1 + its index in the footprint at hand, or 0. */
  readonly indexOf: Int32Array;
}

/**
 * Split a footprint into the objects it is made of.
 *
 * The tree of connected sets above each level is built from the top down in one pass with a union-find
 * forest; a node with two or more significant sons is cut. Pixels outside the cores go to the object that
 * a Gaussian model makes likely, by a draw that depends on the pixel's place alone, so that faint wings are shared
 * in proportion and the same image always gives the same objects.
 *
 * @param pixels the footprint, y * width + x.
 * @param threshold detection threshold of the footprint, in the unit of `smoothed`.
 * @returns at least one object; together they own every pixel of the footprint.
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 6.
 */
export function deblendFootprint(
  pixels: Int32Array,
  width: number,
  image: Float32Array,
  smoothed: Float32Array,
  threshold: number,
  config: DeblendConfig,
  scratch: DeblendScratch,
): Isophote[] {
  const whole = (): Isophote[] => [measureIsophote(pixels, width, image, smoothed, threshold)];
  if (pixels.length < 2 * config.minAreaPx || config.levels < 2) return whole();
  // With one summit, what lies above any level is in one piece.
  if (!hasTwoSummits(pixels, width, smoothed, scratch.above)) return whole();
  let peak = Number.NEGATIVE_INFINITY;
  let flux = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = smoothed[pixels[i]!]!;
    flux += value;
    if (value > peak) peak = value;
  }
  if (!(peak > threshold) || !(threshold > 0)) return whole();

  const thresholds = new Float32Array(config.levels);
  for (let k = 0; k < config.levels; k++)
    thresholds[k] = threshold * (peak / threshold) ** (k / config.levels);
  const levelOf = levelPixels(pixels, smoothed, thresholds);

  for (let i = 0; i < pixels.length; i++) scratch.indexOf[pixels[i]!] = i + 1;
  const root = buildTree(pixels, width, smoothed, levelOf, config, flux, scratch.indexOf);
  const cores = cutTree(root, thresholds, flux * config.minContrast);
  let objects: Isophote[];
  if (cores.length === 0) {
    objects = whole();
  } else {
    const owner = new Int32Array(pixels.length).fill(-1);
    cores.forEach((core, n) => {
      floodBranch(core, n, pixels, width, levelOf, owner, scratch.indexOf);
    });
    objects = shareWings(cores, owner, pixels, width, image, smoothed, thresholds);
  }
  for (let i = 0; i < pixels.length; i++) scratch.indexOf[pixels[i]!] = 0;
  return objects;
}

/**
 * Tell whether two pixels of a footprint are no lower than all their neighbours in it; of equal neighbours the first
 * counts. Marked pixels that touch are of one footprint.
 */
function hasTwoSummits(
  pixels: Int32Array,
  width: number,
  smoothed: Float32Array,
  above: Uint8Array,
): boolean {
  let summits = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    const value = smoothed[at]!;
    const x = at % width;
    let isSummit = true;
    for (let dy = -1; dy <= 1 && isSummit; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const other = at + dy * width + dx;
        if (other === at || above[other] !== 1 || x + dx < 0 || x + dx >= width) continue;
        const height = smoothed[other]!;
        if (height > value || (height === value && other < at)) {
          isSummit = false;
          break;
        }
      }
    }
    if (isSummit && ++summits === 2) return true;
  }
  return false;
}

/** The highest level that each pixel is above; level 0 holds the whole footprint. */
function levelPixels(pixels: Int32Array, smoothed: Float32Array, thresholds: Float32Array): Uint16Array {
  const levels = thresholds.length;
  const result = new Uint16Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const value = smoothed[pixels[i]!]!;
    let low = 0;
    let high = levels;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value > thresholds[middle]!) low = middle;
      else high = middle;
    }
    result[i] = low;
  }
  return result;
}

function buildTree(
  pixels: Int32Array,
  width: number,
  smoothed: Float32Array,
  levelOf: Uint16Array,
  config: DeblendConfig,
  totalFlux: number,
  indexOf: Int32Array,
): Branch {
  const n = pixels.length;
  const order = sortByLevel(levelOf, config.levels);
  const { parent, area, flux, roots, branchOf } = roomForForest(n);
  parent.fill(-1, 0, n);
  let above: Branch[] = [];
  let count = 0;
  for (let level = config.levels - 1; level >= 1; level--) {
    for (let at = order.starts[level]!; at < order.starts[level + 1]!; at++) {
      const i = order.sorted[at]!;
      parent[i] = i;
      area[i] = 1;
      flux[i] = smoothed[pixels[i]!]!;
      roots[count++] = i;
      joinNeighbours(i, pixels[i]!, width, indexOf, parent, area, flux);
    }
    let kept = 0;
    for (let k = 0; k < count; k++) if (parent[roots[k]!] === roots[k]) roots[kept++] = roots[k]!;
    count = kept;
    const here: Branch[] = [];
    for (let k = 0; k < count; k++) {
      const i = roots[k]!;
      if (area[i]! < config.minAreaPx) continue;
      branchOf[i] = here.length;
      here.push({ level, seed: i, area: area[i]!, flux: flux[i]!, sons: [], isWhole: true });
    }
    // What holds a branch is as large as that, and one itself.
    for (const son of above) here[branchOf[findRoot(parent, son.seed)]!]!.sons.push(son);
    above = here;
  }
  return { level: 0, seed: 0, area: n, flux: totalFlux, sons: above, isWhole: true };
}

/** Pixels of a footprint as a union-find forest, in memory that every call uses again. */
interface Forest {
  readonly parent: Int32Array;
  readonly area: Int32Array;
  readonly flux: Float64Array;
  readonly roots: Int32Array;
  /** Of roots: their place among the branches of a level. */
  readonly branchOf: Int32Array;
}

let forest = makeForest(256);
/** Memory for more is not kept: a nebula would hold it for good. */
const MOST_KEPT_PX = 1 << 16;

function roomForForest(pixels: number): Forest {
  if (pixels > MOST_KEPT_PX) return makeForest(pixels);
  if (forest.parent.length < pixels) forest = makeForest(2 * pixels);
  return forest;
}

function makeForest(pixels: number): Forest {
  return {
    parent: new Int32Array(pixels),
    area: new Int32Array(pixels),
    flux: new Float64Array(pixels),
    roots: new Int32Array(pixels),
    branchOf: new Int32Array(pixels),
  };
}

function findRoot(parent: Int32Array, pixel: number): number {
  let root = pixel;
  while (parent[root] !== root) {
    parent[root] = parent[parent[root]!]!;
    root = parent[root]!;
  }
  return root;
}

/** Join a pixel, a tree of its own, with the trees of those around it. */
function joinNeighbours(
  i: number,
  at: number,
  width: number,
  indexOf: Int32Array,
  parent: Int32Array,
  area: Int32Array,
  flux: Float64Array,
): void {
  const x = at % width;
  let own = i;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const place = at + dy * width + dx;
      if (x + dx < 0 || x + dx >= width || place < 0 || place >= indexOf.length) continue;
      const j = indexOf[place]! - 1;
      if (j < 0 || j === i || parent[j] === -1) continue;
      const other = findRoot(parent, j);
      if (other === own) continue;
      const keep = area[own]! >= area[other]! ? own : other;
      const drop = keep === own ? other : own;
      parent[drop] = keep;
      area[keep]! += area[drop]!;
      flux[keep]! += flux[drop]!;
      own = keep;
    }
  }
}

/** Counting sort of footprint indices by level. */
function sortByLevel(levelOf: Uint16Array, levels: number): { sorted: Int32Array; starts: Int32Array } {
  const starts = new Int32Array(levels + 1);
  for (let i = 0; i < levelOf.length; i++) starts[levelOf[i]! + 1]!++;
  for (let k = 0; k < levels; k++) starts[k + 1]! += starts[k]!;
  const cursor = starts.slice();
  const sorted = new Int32Array(levelOf.length);
  for (let i = 0; i < levelOf.length; i++) sorted[cursor[levelOf[i]!]!++] = i;
  return { sorted, starts };
}

/** Cut the tree where a node has two or more significant sons; returns the objects, none if it stays whole. */
function cutTree(root: Branch, thresholds: Float32Array, minFlux: number): Branch[] {
  const cores: Branch[] = [];
  // Post-order without recursion: a footprint may have many levels, but its depth is at most `levels`.
  const visit = (branch: Branch): void => {
    let significant = 0;
    for (const son of branch.sons) {
      visit(son);
      if (isSignificant(son)) significant++;
      if (!son.isWhole) branch.isWhole = false;
    }
    if (significant > 1) {
      for (const son of branch.sons) if (son.isWhole && isSignificant(son)) cores.push(son);
      branch.isWhole = false;
    }
  };
  const isSignificant = (branch: Branch): boolean =>
    branch.flux - thresholds[branch.level]! * branch.area > minFlux;
  visit(root);
  return root.isWhole ? [] : cores;
}

/** Mark the pixels of a branch as owned by object `n`. */
function floodBranch(
  branch: Branch,
  n: number,
  pixels: Int32Array,
  width: number,
  levelOf: Uint16Array,
  owner: Int32Array,
  indexOf: Int32Array,
): void {
  const stack = [branch.seed];
  owner[branch.seed] = n;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    const x = pixels[i]! % width;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (x + dx < 0 || x + dx >= width) continue;
        const place: number = pixels[i]! + dy * width + dx;
        const j = place < 0 || place >= indexOf.length ? -1 : indexOf[place]! - 1;
        if (j < 0 || owner[j] !== -1 || levelOf[j]! < branch.level) continue;
        owner[j] = n;
        stack.push(j);
      }
    }
  }
}

/** Give each pixel outside the cores to one of them and measure the objects. */
function shareWings(
  cores: readonly Branch[],
  owner: Int32Array,
  pixels: Int32Array,
  width: number,
  image: Float32Array,
  smoothed: Float32Array,
  thresholds: Float32Array,
): Isophote[] {
  const threshold = thresholds[0]!;
  const models = groupByOwner(pixels, owner, cores.length).map((own, n) =>
    measureIsophote(own, width, image, smoothed, thresholds[cores[n]!.level]!),
  );
  const amplitude = Float64Array.from(models, (model) => {
    const extent = model.pixels.length / (2 * Math.PI * model.areaCorrection * model.a * model.b);
    return Math.min(4 * model.smoothedPeak, extent < 70 ? threshold * Math.exp(extent) : Number.MAX_VALUE);
  });
  const shared = owner.slice();
  const cumulative = new Float64Array(cores.length);
  const xFirst = pixels[0]! % width;
  const yFirst = (pixels[0]! - xFirst) / width;
  for (let i = 0; i < pixels.length; i++) {
    if (owner[i] !== -1) continue;
    const x = pixels[i]! % width;
    const y = (pixels[i]! - x) / width;
    let total = 0;
    let nearest = Number.POSITIVE_INFINITY;
    let chosen = 0;
    for (let n = 0; n < models.length; n++) {
      const model = models[n]!;
      const dx = x - model.x;
      const dy = y - model.y;
      const distance =
        (0.5 * (model.cxx * dx * dx + model.cyy * dy * dy + model.cxy * dx * dy)) / model.areaCorrection;
      if (distance < 70) total += amplitude[n]! * Math.exp(-distance);
      cumulative[n] = total;
      if (distance < nearest) {
        nearest = distance;
        chosen = n;
      }
    }
    if (total > 1e-31) {
      const draw = total * drawForPixel(x - xFirst, y - yFirst);
      const drawn = cumulative.findIndex((sum) => sum >= draw);
      if (drawn >= 0) chosen = drawn;
    }
    shared[i] = chosen;
  }
  return groupByOwner(pixels, shared, cores.length).map((own, n) =>
    measureIsophote(own, width, image, smoothed, threshold, models[n]!),
  );
}

/** The pixels of each owner, in raster order; owners below zero are left out. */
function groupByOwner(pixels: Int32Array, owner: Int32Array, owners: number): Int32Array[] {
  const counts = new Int32Array(owners);
  for (let i = 0; i < owner.length; i++) if (owner[i]! >= 0) counts[owner[i]!]!++;
  const groups = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < owner.length; i++) {
    const n = owner[i]!;
    if (n >= 0) groups[n]![counts[n]!++] = pixels[i]!;
  }
  return groups;
}

/** A number in [0, 1) that is fixed for a pixel of a footprint and unrelated to its neighbours'. */
function drawForPixel(x: number, y: number): number {
  let hash = Math.imul(x + 0x7f4a7c15, 0x85ebca6b) ^ Math.imul(y + 0x165667b1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296;
}
