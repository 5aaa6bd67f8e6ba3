import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listUnusable } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';
import { labelFootprints } from './label-footprints.ts';

/** How far the effects of saturation are followed. */
export interface SaturationConfig {
  /** A saturated run along a column (or row) this long bleeds, px (default 6). */
  readonly bleedLengthPx: number;
  /** A bleeding column stands this far above those beside it, sigma (default 10). */
  readonly bleedSigma: number;
  /** Only saturated cores this large have their spikes looked for, px (default 25). */
  readonly spikeMinAreaPx: number;
  /** A spike stands this far above the directions beside it, sigma of a pixel (default 2). */
  readonly spikeSigma: number;
  /** Half the width of a masked spike, px (default 2). */
  readonly spikeHalfWidthPx: number;
}

/** The defaults of `maskBleeding` and `maskSpikes`. */
export const DEFAULT_SATURATION: SaturationConfig = {
  bleedLengthPx: 6,
  bleedSigma: 10,
  spikeMinAreaPx: 25,
  spikeSigma: 2,
  spikeHalfWidthPx: 2,
};

/** Columns this far away are not bled on. */
const ASIDE_PX = 4;
/** The star's own light may hide the trail for this long, px. */
const MAX_BLEED_GAP_PX = 15;

/**
 * Follow charge that bled from saturated pixels along their columns and rows and mark it SAT.
 *
 * @param science e-, background-subtracted; `rms` its noise.
 */
export function maskBleeding(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  config: SaturationConfig = DEFAULT_SATURATION,
): void {
  const { width, height } = science;
  const saturated = listUnusable(science, mask, MaskBit.SAT);
  const marked: number[] = [];
  for (const at of saturated) {
    const x = at % width;
    const y = (at - x) / width;
    followRun(science, rms, mask, at, y, height, width, x, width, 1, config, marked);
    followRun(science, rms, mask, at, x, width, 1, y, height, width, config, marked);
  }
  for (const at of marked) mask.data[at]! |= MaskBit.SAT;
}

/**
 * Follow the charge beyond both ends of the saturated run that starts at a pixel; a pixel inside a run is skipped.
 *
 * @param position,length,step where along the line the pixel is, the line's length and its step in memory.
 * @param across,width,sideStep the same across the line.
 */
function followRun(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  at: number,
  position: number,
  length: number,
  step: number,
  across: number,
  width: number,
  sideStep: number,
  config: SaturationConfig,
  marked: number[],
): void {
  const isSaturated = (k: number): boolean =>
    k >= 0 && k < length && (mask.data[at + (k - position) * step]! & MaskBit.SAT) !== 0;
  if (isSaturated(position - 1)) return;
  let end = position;
  while (isSaturated(end)) end++;
  if (end - position < config.bleedLengthPx) return;
  const stands = (k: number): boolean => {
    if (k < 0 || k >= length) return false;
    const here = at + (k - position) * step;
    const value = science.data[here]!;
    const left = across >= ASIDE_PX ? science.data[here - ASIDE_PX * sideStep]! : value;
    const right = across + ASIDE_PX < width ? science.data[here + ASIDE_PX * sideStep]! : value;
    const beside = Math.max(left, right, 0);
    // A star's own profile falls off as fast across as along: a trail must be far above it.
    return value > 2 * beside + config.bleedSigma * Math.sqrt(rms * rms + beside);
  };
  for (const [from, direction] of [
    [end, 1],
    [position - 1, -1],
  ] as const) {
    let last = from - direction;
    for (let k = from; Math.abs(k - last) <= MAX_BLEED_GAP_PX; k += direction) if (stands(k)) last = k;
    for (let k = from; direction * (last - k) >= 0; k += direction) marked.push(at + (k - position) * step);
  }
}

const ANGLES = 90;
/** Directions this many steps (of two degrees) away are compared with. */
const BESIDE_STEPS = 5;

/**
 * Find diffraction spikes around large saturated cores and mark them SPIKE.
 *
 * Spikes come in opposite pairs: the light along a line through the core, on both sides, against that along
 * lines ten degrees to either side at the same radii.
 *
 * @param science e-, background-subtracted; `rms` its noise.
 * @returns how many pairs were masked.
 */
export function maskSpikes(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  config: SaturationConfig = DEFAULT_SATURATION,
): number {
  const { width, height } = science;
  const saturated = new Uint8Array(mask.data.length);
  for (const at of listUnusable(science, mask, MaskBit.SAT)) {
    if ((mask.data[at]! & MaskBit.SAT) !== 0) saturated[at] = 1;
  }
  const cores = labelFootprints(saturated, width, height, config.spikeMinAreaPx);
  let pairs = 0;
  for (let i = 0; i < cores.count; i++) {
    const pixels = cores.pixels.subarray(cores.starts[i]!, cores.starts[i + 1]!);
    let x = 0;
    let y = 0;
    for (const at of pixels) {
      x += (at % width) / pixels.length;
      y += Math.floor(at / width) / pixels.length;
    }
    const radius = Math.sqrt(pixels.length / Math.PI);
    pairs += maskSpikesOf(science, rms, mask, x, y, radius, config);
  }
  return pairs;
}

function maskSpikesOf(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  x: number,
  y: number,
  radius: number,
  config: SaturationConfig,
): number {
  const near = Math.ceil(1.5 * radius) + 3;
  const far = near + Math.ceil(4 * radius) + 10;
  const light = new Float64Array(ANGLES);
  for (let k = 0; k < ANGLES; k++) light[k] = lightAlong(science, x, y, (k * Math.PI) / ANGLES, near, far);
  const stand = (k: number): number =>
    light[k]! - Math.max(light[(k + BESIDE_STEPS) % ANGLES]!, light[(k + ANGLES - BESIDE_STEPS) % ANGLES]!);
  const found: number[] = [];
  for (let k = 0; k < ANGLES; k++) {
    const excess = stand(k);
    if (excess < config.spikeSigma * rms) continue;
    if (light[k]! < light[(k + 1) % ANGLES]! || light[k]! < light[(k + ANGLES - 1) % ANGLES]!) continue;
    found.push(k);
  }
  // Telescopes have one to four vanes' worth of spikes; more is a crowd of stars.
  if (found.length > 4) return 0;
  for (const k of found) {
    const angle = (k * Math.PI) / ANGLES;
    for (const direction of [angle, angle + Math.PI]) {
      let end = far;
      // On outwards while it still stands out.
      while (end < far * 6 && lightOneWay(science, x, y, direction, end, end + 8) > config.spikeSigma * rms)
        end += 8;
      markRay(mask, x, y, direction, radius, end, config.spikeHalfWidthPx);
    }
  }
  return found.length;
}

/** The weaker of the two levels along opposite rays. */
function lightAlong(science: Plane, x: number, y: number, angle: number, near: number, far: number): number {
  return Math.min(
    lightOneWay(science, x, y, angle, near, far),
    lightOneWay(science, x, y, angle + Math.PI, near, far),
  );
}

function lightOneWay(science: Plane, x: number, y: number, angle: number, near: number, far: number): number {
  const values: number[] = [];
  for (let r = near; r < far; r++) {
    const px = Math.round(x + r * Math.cos(angle));
    const py = Math.round(y + r * Math.sin(angle));
    if (px < 0 || py < 0 || px >= science.width || py >= science.height) break;
    values.push(science.data[py * science.width + px]!);
  }
  // The lower quartile: a spike is unbroken, stars that happen to lie on a ray are not.
  return values.length < 4 ? 0 : values.sort((a, b) => a - b)[values.length >> 2]!;
}

function markRay(
  mask: MaskPlane,
  x: number,
  y: number,
  angle: number,
  from: number,
  to: number,
  halfWidth: number,
): void {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let r = from; r <= to; r += 0.5) {
    for (let o = -halfWidth; o <= halfWidth; o += 0.5) {
      const px = Math.round(x + r * cos - o * sin);
      const py = Math.round(y + r * sin + o * cos);
      if (px >= 0 && py >= 0 && px < mask.width && py < mask.height) {
        mask.data[py * mask.width + px]! |= MaskBit.SPIKE;
      }
    }
  }
}
