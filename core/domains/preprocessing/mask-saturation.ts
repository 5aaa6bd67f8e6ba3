import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listMarked } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';

/** How far the effects of saturation are followed. */
export interface SaturationConfig {
  /** A saturated run along a column (or row) this long bleeds, px (default 6). */
  readonly bleedLengthPx: number;
  /** A bleeding column stands this far above those beside it, sigma (default 10). */
  readonly bleedSigma: number;
  /** Only saturated cores this large have their spikes looked for, px (default 9). */
  readonly spikeMinAreaPx: number;
  /** A spike stands this far above the star's other directions, sigma of a whole ray (default 4). */
  readonly spikeSigma: number;
  /** A spike is masked as far out as it stands this far above what is beside it, sigma of a pixel (default 0.7). */
  readonly spikeEndSigma: number;
  /** Least half width of a masked spike, px (default 2). */
  readonly spikeHalfWidthPx: number;
}

/** The defaults of `maskBleeding` and `maskSpikes`. */
export const DEFAULT_SATURATION: SaturationConfig = {
  bleedLengthPx: 6,
  bleedSigma: 10,
  spikeMinAreaPx: 9,
  spikeSigma: 4,
  spikeEndSigma: 0.7,
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
  const saturated = listMarked(mask, mask, MaskBit.SAT);
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
