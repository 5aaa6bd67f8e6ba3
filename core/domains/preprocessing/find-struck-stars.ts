import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listUnusable, withScratch } from '../../kernels/index.ts';
import { MaskBit, UNUSABLE } from '../observations/index.ts';
import type { Saturated, StruckView } from './cut-struck-patch.ts';
import {
  DEFAULT_STRUCK_STARS,
  judgePixels,
  type StruckPixel,
  type StruckStarConfig,
} from './judge-struck-star.ts';
import { labelFootprints } from './label-footprints.ts';
import type { ExtractedSource } from './measure-source.ts';
import { evaluateStar, STAR_TERMS, type StarShape } from './measure-star-shape.ts';

/** A pixel is looked at if its Laplacian is this significant: L.A.Cosmic's own threshold. */
const SHARP_SIGMA = 4.5;
/** Pixels that are sharper than a star's by less than that, sigma and as a fraction, are not looked at closely. */
const FORESEEN_SIGMA = 1.3;
const FORESEEN_FRACTION = 0.06;
/** Pixels brighter than a full star's light foresees from those around them, if so many are known, by that: sigma, fraction. */
const MIN_AROUND = 3;
const UNFORESEEN_SIGMA = 2;
const UNFORESEEN_FRACTION = 0.01;
/** They are judged with those this close, px. */
const PART_PX = 2;
/** Hits must be the more significant the worse cores of stars are known: times 1 and this of their error. */
const CARE = 5;
/** Pixels this close to full ones are on a saturated star, FWHM. */
const RIM_FWHM = 2;
/** Stars' full pixels are longer than wide by so much in all where charge runs along columns, px. */
const MIN_LONGER_PX = 3;

/**
 * Find cosmic rays on top of stars and galaxies, which L.A.Cosmic takes for their structure.
 *
 * Pixels of sources with sharp edges, sharper than a star's would be, are held against the stars around them.
 *
 * @param science e-, background-subtracted, with the hits in it; `rms` its noise.
 * @param hits 1 where a cosmic ray is known; those found are added.
 * @param sources footprints that are searched.
 */
export function findStruckStars(
  science: Plane,
  rms: number,
  mask: MaskPlane,
  hits: Uint8Array,
  sources: readonly ExtractedSource[],
  shape: StarShape,
  config: StruckStarConfig = DEFAULT_STRUCK_STARS,
): readonly StruckPixel[] {
  const { width, height } = science;
  const found: StruckPixel[] = [];
  withScratch((scratch) => {
    const marks = scratch.zeroBytes(width * height);
    const saturated = findSaturated(science, mask, marks);
    marks.fill(0);
    const least = (SHARP_SIGMA / 2) * rms;
    for (const { isophote } of sources) {
      for (const at of isophote.pixels) {
        if (!(science.data[at]! > least) || !isSharp(science, rms, at)) continue;
        if (hits[at] === 0 && (mask.data[at]! & UNUSABLE) === 0) marks[at] = 1;
      }
    }
    const groups = labelFootprints(marks, width, height, 1);
    const view: StruckView = { science, rms, mask, hits, saturated, bleeds: whereChargeRuns(saturated) };
    const careful = { ...config, threshold: config.threshold * (1 + CARE * shape.errors[0]!) };
    // What few stars say in half pixels would be noise where a star is a hundred times as bright.
    const none = new Float64Array(shape.correction.length);
    const smooth = { ...shape, correction: none, doubt: none };
    const judge = (pixels: Int32Array, own: StarShape): void => {
      const open = pixels.filter((at) => hits[at] === 0);
      if (open.length === 0) return;
      for (const pixel of judgePixels(view, open, own, careful)) {
        hits[pixel.at] = 1;
        found.push(pixel);
      }
    };
    for (let g = 0; g < groups.count; g++) {
      const pixels = groups.pixels.subarray(groups.starts[g]!, groups.starts[g + 1]!);
      const full = saturatedNear(view, pixels, shape);
      if (full !== undefined) {
        for (const part of unforeseenAround(view, pixels, full, smooth)) judge(part, smooth);
        continue;
      }
      if (!isForeseen(view, pixels, shape)) judge(pixels, shape);
    }
  });
  return found;
}

/** The Laplacian of a pixel twice as fine, of which only what is above its neighbours counts. @see L.A.Cosmic */
function isSharp({ width, height, data }: Plane, rms: number, at: number): boolean {
  const x = at % width;
  const y = (at - x) / width;
  if (x < 1 || y < 1 || x >= width - 1 || y >= height - 1) return false;
  const left = data[at - 1]!;
  const right = data[at + 1]!;
  const above = data[at - width]!;
  const below = data[at + width]!;
  const level = Math.max(0, Math.min(left, right, above, below));
  return edgesOf(data[at]!, left, right, above, below) > 8 * SHARP_SIGMA * Math.sqrt(rms * rms + level);
}

/** Eight times what a pixel on its own stands above nothing. */
function edgesOf(centre: number, left: number, right: number, above: number, below: number): number {
  const twice = 2 * centre;
  return (
    Math.max(0, twice - left - above) +
    Math.max(0, twice - left - below) +
    Math.max(0, twice - right - above) +
    Math.max(0, twice - right - below)
  );
}

/**
 * Tell in a hurry whether sharp pixels are no sharper than those of a star with its peak among them: most are not.
 */
function isForeseen({ science, rms, mask, hits }: StruckView, pixels: Int32Array, shape: StarShape): boolean {
  const { width, data } = science;
  let peak = pixels[0]!;
  for (const at of pixels) if (data[at]! > data[peak]!) peak = at;
  const curveX = 2 * data[peak]! - data[peak - 1]! - data[peak + 1]!;
  const curveY = 2 * data[peak]! - data[peak - width]! - data[peak + width]!;
  if (!(curveX > 0 && curveY > 0)) return false;
  // From the peak's own and its neighbours' light: the top of a parabola.
  const x = (data[peak + 1]! - data[peak - 1]!) / (2 * curveX);
  const y = (data[peak + width]! - data[peak - width]!) / (2 * curveY);
  if (Math.max(Math.abs(x), Math.abs(y)) > 0.6) return false;
  const column = peak % width;
  const row = (peak - column) / width;
  const lightAt = (px: number, py: number): number => {
    evaluateStar(shape, px - x, py - y, terms);
    return terms[0]!;
  };
  const scale = data[peak]! / lightAt(0, 0);
  for (const at of pixels) {
    const px = (at % width) - column;
    const py = Math.floor(at / width) - row;
    for (const near of [at - 1, at + 1, at - width, at + width])
      if (hits[near] !== 0 || (mask.data[near]! & UNUSABLE) !== 0) return false;
    const seen = edgesOf(data[at]!, data[at - 1]!, data[at + 1]!, data[at - width]!, data[at + width]!);
    const foreseen =
      scale *
      edgesOf(
        lightAt(px, py),
        lightAt(px - 1, py),
        lightAt(px + 1, py),
        lightAt(px, py - 1),
        lightAt(px, py + 1),
      );
    const noise = 8 * FORESEEN_SIGMA * Math.sqrt(rms * rms + Math.max(0, data[at]!));
    if (seen - foreseen > noise + FORESEEN_FRACTION * (foreseen + data[at]!)) return false;
  }
  return true;
}

/** Find the saturated star of which the pixels are the rim: they surround it, or lie in its bright wings. */
function saturatedNear(
  { saturated, science }: StruckView,
  pixels: Int32Array,
  { fwhmPx }: StarShape,
): Saturated | undefined {
  const { width } = science;
  let best: Saturated | undefined;
  let least = RIM_FWHM * fwhmPx;
  const first = pixels[0]!;
  for (const full of saturated) {
    const away = Math.max(Math.abs((first % width) - full.x), Math.abs(Math.floor(first / width) - full.y));
    if (away > least + full.radiusPx + pixels.length) continue;
    for (const at of pixels) {
      const distance = Math.hypot((at % width) - full.x, Math.floor(at / width) - full.y) - full.radiusPx;
      if (distance < least) {
        least = distance;
        best = full;
      }
    }
  }
  return best;
}

/** Part the pixels on a saturated star's flanks that are brighter than its light around them foresees: each with those close to it. */
function unforeseenAround(
  { science, rms, mask, hits }: StruckView,
  pixels: Int32Array,
  full: Saturated,
  shape: StarShape,
): readonly Int32Array[] {
  const { width, height, data } = science;
  const lightAt = (px: number, py: number): number => {
    evaluateStar(shape, px - full.x, py - full.y, terms);
    return Math.max(1e-9, terms[0]!);
  };
  const left: { readonly at: number; readonly over: number }[] = [];
  for (const at of pixels) {
    const x = at % width;
    const y = Math.floor(at / width);
    let sum = 0;
    let count = 0;
    for (let py = Math.max(0, y - 1); py <= Math.min(height - 1, y + 1); py++) {
      for (let px = Math.max(0, x - 1); px <= Math.min(width - 1, x + 1); px++) {
        const near = py * width + px;
        if (near === at || hits[near] !== 0 || (mask.data[near]! & UNUSABLE) !== 0) continue;
        sum += data[near]! / lightAt(px, py);
        count++;
      }
    }
    const isKnown = count >= MIN_AROUND;
    const noise = Math.sqrt(rms * rms + Math.max(0, data[at]!));
    const over = isKnown ? data[at]! - (lightAt(x, y) * sum) / count : Number.POSITIVE_INFINITY;
    if (over > UNFORESEEN_SIGMA * noise + UNFORESEEN_FRACTION * data[at]!)
      left.push({ at, over: over / noise });
  }
  left.sort((a, b) => b.over - a.over || a.at - b.at);
  const parts: Int32Array[] = [];
  for (let rest = left; rest.length > 0; ) {
    const x = rest[0]!.at % width;
    const y = Math.floor(rest[0]!.at / width);
    const isNear = ({ at }: { readonly at: number }): boolean =>
      Math.abs((at % width) - x) <= PART_PX && Math.abs(Math.floor(at / width) - y) <= PART_PX;
    parts.push(Int32Array.from(rest.filter(isNear).map(({ at }) => at)));
    rest = rest.filter((pixel) => !isNear(pixel));
  }
  return parts;
}

/** Tell along what charge runs: full pixels are longer than wide there. Where nothing tells, along both. */
function whereChargeRuns(saturated: readonly Saturated[]): StruckView['bleeds'] {
  const longer = saturated.reduce((sum, { heightPx, widthPx }) => sum + heightPx - widthPx, 0);
  return { columns: longer > -MIN_LONGER_PX, rows: longer < MIN_LONGER_PX };
}

const terms = new Float64Array(STAR_TERMS);

/** Find the middles of saturated stars: of what is left of their full pixels without charge that bled; `marks` is room. */
function findSaturated(science: Plane, mask: MaskPlane, marks: Uint8Array): readonly Saturated[] {
  const { width, height, data } = science;
  for (const at of listUnusable(science, mask, MaskBit.SAT)) {
    if ((mask.data[at]! & MaskBit.SAT) !== 0) marks[at] = 1;
  }
  const groups = labelFootprints(marks, width, height, 1);
  const found: Saturated[] = [];
  for (let g = 0; g < groups.count; g++) {
    const pixels = groups.pixels.subarray(groups.starts[g]!, groups.starts[g + 1]!);
    const inner = pixels.filter(
      (at) =>
        marks[at - 1] === 1 && marks[at + 1] === 1 && marks[at - width] === 1 && marks[at + width] === 1,
    );
    const core = inner.length > 0 ? inner : pixels;
    let x = 0;
    let y = 0;
    let peak = 0;
    const columns = pixels.map((at) => at % width);
    const rows = pixels.map((at) => Math.floor(at / width));
    const widthPx = Math.max(...columns) - Math.min(...columns) + 1;
    const heightPx = Math.max(...rows) - Math.min(...rows) + 1;
    for (const at of core) {
      x += (at % width) / core.length;
      y += Math.floor(at / width) / core.length;
      peak = Math.max(peak, data[at]!);
    }
    if (peak > 0) found.push({ x, y, peak, radiusPx: Math.sqrt(core.length / Math.PI), widthPx, heightPx });
  }
  return found;
}
