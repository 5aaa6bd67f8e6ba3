import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listMarked } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';
import { labelFootprints } from './label-footprints.ts';
import { DEFAULT_SATURATION, type SaturationConfig } from './mask-saturation.ts';
import { selectRanks } from './select-ranks.ts';

/** Directions about a star, one degree apart. */
const ANGLES = 360;
const HALF_TURN = ANGLES / 2;
/** Spikes are farther from each other than so many degrees. */
const APART = 10;
/** Telescopes have one to four pairs of spikes; more is a crowd of stars. */
const MOST_PAIRS = 4;
/** No star counts for more than so many sigma where the directions of all are summed, nor against by more. */
const MOST_SIGMA = 10;
const LEAST_SIGMA = -2;
/** Stars whose spikes are looked for, largest cores first. */
const MOST_STARS = 300;
/** A star that happens to lie on a ray has no more say than so many sigma. */
const CLIP_SIGMA = 4;
/** Part of a ray that must be seen; what a ray weighs otherwise. */
const LEAST_SEEN = 0.6;
const UNSEEN = -1e3;
/** A spike without its opposite must be so much stronger. */
const ALONE = 1.5;
/** A spike is followed outwards by pieces of this length, px; one weak piece is a star's or chance's doing. */
const PIECE_PX = 8;

/** A saturated star and the radii between which its spikes are looked for, px. */
interface Core {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly near: number;
  readonly far: number;
}

/**
 * Find diffraction spikes around saturated cores and mark them SPIKE.
 *
 * Spikes come in opposite pairs, and in the same directions from all stars of an image, as the vanes that make them are
 * one telescope's. The light along each ray is compared with that at the same radii all around the star, in sigma; the
 * weaker of two opposite rays counts, summed over the stars. Then each star's own spikes are followed outwards.
 *
 * @param science e-, background-subtracted; `rms` its noise.
 * @param fwhmPx of the stars: spikes are as wide.
 * @returns how many pairs were masked.
 */
export function maskSpikes(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  config: SaturationConfig = DEFAULT_SATURATION,
  fwhmPx = 3,
): number {
  const cores = findCores(science, mask, config.spikeMinAreaPx, fwhmPx);
  const directions = Array.from({ length: ANGLES }, (_, k) => rayOf(k));
  const rays = cores.map((core) => weighRays(science, rms, mask, core, directions, fwhmPx));
  const pairs = rays.map((weights) =>
    weights.subarray(0, HALF_TURN).map((own, k) => Math.min(own, weights[k + HALF_TURN]!)),
  );
  const angles = findAngles(pairs, config.spikeSigma);
  if (angles.length > MOST_PAIRS) return 0;
  let masked = 0;
  cores.forEach((core, i) => {
    const own = angles.map((angle) => strongestNear(pairs[i]!, angle));
    // One spike is enough where the other is hidden by bled charge or beyond the image's edge.
    const alone = own.flatMap((k) => [rays[i]![k]!, rays[i]![k + HALF_TURN]!]);
    const isSpiked =
      own.some((k) => pairs[i]![k]! >= config.spikeSigma) ||
      alone.some((weight, a) => weight >= ALONE * config.spikeSigma && alone[a ^ 1] === UNSEEN);
    if (!isSpiked) return;
    for (const k of own)
      for (const direction of [k, k + HALF_TURN])
        maskArm(science, rms, mask, core, rayOf(direction), config, fwhmPx);
    masked += own.length;
  });
  return masked;
}

function findCores(science: Plane, mask: MaskPlane, minArea: number, fwhmPx: number): readonly Core[] {
  const { width, height } = science;
  const saturated = new Uint8Array(mask.data.length);
  for (const at of listMarked(mask, mask, MaskBit.SAT)) saturated[at] = 1;
  const groups = labelFootprints(saturated, width, height, minArea);
  const cores: (Core & { readonly area: number })[] = [];
  for (let i = 0; i < groups.count; i++) {
    const pixels = groups.pixels.subarray(groups.starts[i]!, groups.starts[i + 1]!);
    let [x, y] = [0, 0];
    let [x0, x1, y0, y1] = [width, 0, height, 0];
    for (const at of pixels) {
      const column = at % width;
      const row = (at - column) / width;
      x += column / pixels.length;
      y += row / pixels.length;
      [x0, x1, y0, y1] = [Math.min(x0, column), Math.max(x1, column), Math.min(y0, row), Math.max(y1, row)];
    }
    // Bled charge lengthens a core, and makes it no wider.
    const radius = Math.min(x1 - x0 + 1, y1 - y0 + 1) / 2;
    const near = Math.ceil(radius + 1.5 * fwhmPx);
    cores.push({ x, y, radius, near, far: near + Math.ceil(3 * radius + 4 * fwhmPx), area: pixels.length });
  }
  return cores.sort((a, b) => b.area - a.area).slice(0, MOST_STARS);
}

/** For each direction, how many sigma its ray stands above the star's others; `UNSEEN` where too little of it is to be seen. */
function weighRays(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  core: Core,
  rays: readonly Ray[],
  fwhmPx: number,
): Float64Array {
  const sums = new Float64Array(ANGLES);
  const counts = new Uint16Array(ANGLES);
  const under = new Uint16Array(ANGLES);
  const ring = new Float64Array(ANGLES);
  const room = new Float64Array(ANGLES);
  for (let r = core.near; r < core.far; r++) {
    let count = 0;
    for (let k = 0; k < ANGLES; k++) {
      ring[k] = levelAcross(science, mask, core, rays[k]!, r);
      if (Number.isFinite(ring[k])) room[count++] = ring[k]!;
    }
    if (count < ANGLES / 2) continue;
    const [level, quartile] = selectRanks(room.subarray(0, count), [
      count >> 1,
      Math.floor(0.75 * count),
    ]) as [number, number];
    const noise = Math.sqrt((rms * rms + Math.max(0, level)) / (2 * ACROSS_PX + 1));
    // Stars about this one make a ring uneven, and their light is the same over a FWHM of the ray.
    const upper = (quartile - level) / 0.6745;
    const sigma = Math.sqrt(noise ** 2 + fwhmPx * Math.max(0, upper ** 2 - noise ** 2));
    for (let k = 0; k < ANGLES; k++) {
      if (!Number.isFinite(ring[k])) continue;
      const pull = (ring[k]! - level) / sigma;
      sums[k]! += Math.max(-CLIP_SIGMA, Math.min(CLIP_SIGMA, pull));
      counts[k]!++;
      if (pull < 0) under[k]!++;
    }
  }
  const least = LEAST_SEEN * (core.far - core.near);
  return sums.map((sum, k) => {
    if (counts[k]! < least) return UNSEEN;
    // A spike is unbroken: hardly a piece of it lies under the star's other directions.
    return 3 * under[k]! > counts[k]! ? LEAST_SIGMA : sum / Math.sqrt(counts[k]!);
  });
}

/** A direction from a star. */
interface Ray {
  readonly cos: number;
  readonly sin: number;
}

function rayOf(degrees: number): Ray {
  const angle = (2 * Math.PI * degrees) / ANGLES;
  return { cos: Math.cos(angle), sin: Math.sin(angle) };
}

/** Pixels to either side of a ray that are taken together with its own. */
const ACROSS_PX = 1;

/** Mean of the pixels across a ray; NaN beyond the image and where a detector's defects lie. */
function levelAcross(
  { width, height, data }: Plane,
  mask: MaskPlane,
  { x, y }: Pick<Core, 'x' | 'y'>,
  { cos, sin }: Ray,
  r: number,
  aside = 0,
): number {
  let sum = 0;
  for (let o = -ACROSS_PX; o <= ACROSS_PX; o++) {
    // Not minus zero, which the engine does not expect of a place.
    const px = Math.round(x + r * cos - (o + aside) * sin) | 0;
    const py = Math.round(y + r * sin + (o + aside) * cos) | 0;
    if (px < 0 || py < 0 || px >= width || py >= height) return Number.NaN;
    const at = py * width + px;
    if ((mask.data[at]! & SPOILED) !== 0) return Number.NaN;
    sum += data[at]!;
  }
  return sum / (2 * ACROSS_PX + 1);
}

const SPOILED = MaskBit.SAT | MaskBit.BAD | MaskBit.NO_DATA;

/** Find the directions in which the stars together have spikes. */
function findAngles(pairs: readonly Float64Array[], leastSigma: number): readonly number[] {
  const sum = Float64Array.from({ length: HALF_TURN }, (_, k) =>
    pairs.reduce((total, pair) => total + Math.max(LEAST_SIGMA, Math.min(MOST_SIGMA, pair[k]!)), 0),
  );
  const best = Float64Array.from({ length: HALF_TURN }, (_, k) =>
    pairs.reduce((most, pair) => Math.max(most, pair[k]!), 0),
  );
  const found: number[] = [];
  for (let k = 0; k < HALF_TURN; k++) {
    if (best[k]! < leastSigma || sum[k]! < leastSigma) continue;
    let isHighest = true;
    for (let step = 1; step <= APART; step++) {
      const [before, after] = [(k + HALF_TURN - step) % HALF_TURN, (k + step) % HALF_TURN];
      if (sum[before]! > sum[k]! || sum[after]! >= sum[k]!) isHighest = false;
    }
    if (isHighest) found.push(k);
  }
  return found;
}

/** A star's own direction within two degrees of that of all. */
function strongestNear(pair: Float64Array, angle: number): number {
  let best = angle;
  for (let step = -2; step <= 2; step++) {
    const k = (angle + step + HALF_TURN) % HALF_TURN;
    if (pair[k]! > pair[best]!) best = k;
  }
  return best;
}

/** Mask one spike from the core outwards, as far and as wide as it stands out. */
function maskArm(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  core: Core,
  ray: Ray,
  { spikeEndSigma, spikeHalfWidthPx }: SaturationConfig,
  fwhmPx: number,
): void {
  const aside = 2.5 * fwhmPx;
  let weak = 0;
  for (let from = core.near; from < 8 * core.far && weak < 2; from += PIECE_PX) {
    const [on, beside]: [number[], number[]] = [[], []];
    for (let r = from; r < from + PIECE_PX; r++) {
      on.push(levelAcross(science, mask, core, ray, r));
      beside.push(levelAcross(science, mask, core, ray, r, aside));
      beside.push(levelAcross(science, mask, core, ray, r, -aside));
    }
    const ridge = middleOf(on) - middleOf(beside);
    if (Number.isNaN(ridge)) {
      // Under bled charge; beyond the edge there is nothing to come.
      if (from > core.far) break;
      continue;
    }
    if (ridge < spikeEndSigma * rms) {
      weak++;
      continue;
    }
    // As far aside as its wings, of a star's profile, are brighter than that.
    const wings = 0.6 * fwhmPx * Math.sqrt((ridge / (spikeEndSigma * rms)) ** 0.4 - 1);
    const half = Math.max(spikeHalfWidthPx, Math.min(2 * fwhmPx, wings));
    const start = weak > 0 ? from - weak * PIECE_PX : from === core.near ? core.radius : from;
    markRay(mask, core, ray, start, from + PIECE_PX, half);
    weak = 0;
  }
}

function middleOf(values: readonly number[]): number {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  return sorted.length < 3 ? Number.NaN : sorted[sorted.length >> 1]!;
}

function markRay(
  mask: MaskPlane,
  { x, y }: Core,
  { cos, sin }: Ray,
  from: number,
  to: number,
  halfWidth: number,
): void {
  for (let r = from; r <= to; r += 0.5)
    for (let o = -halfWidth; o <= halfWidth; o += 0.5) {
      const px = Math.round(x + r * cos - o * sin);
      const py = Math.round(y + r * sin + o * cos);
      if (px >= 0 && py >= 0 && px < mask.width && py < mask.height)
        mask.data[py * mask.width + px]! |= MaskBit.SPIKE;
    }
}
