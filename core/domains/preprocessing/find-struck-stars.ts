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
const FORESEEN_SIGMA = 2;
const FORESEEN_FRACTION = 0.06;

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
    const view: StruckView = { science, rms, mask, hits, saturated };
    for (let g = 0; g < groups.count; g++) {
      const pixels = groups.pixels.subarray(groups.starts[g]!, groups.starts[g + 1]!);
      if (pixels.some((at) => hits[at] !== 0) || isForeseen(view, pixels, shape)) continue;
      for (const pixel of judgePixels(view, pixels, shape, config)) {
        hits[pixel.at] = 1;
        found.push(pixel);
      }
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
    for (const at of core) {
      x += (at % width) / core.length;
      y += Math.floor(at / width) / core.length;
      peak = Math.max(peak, data[at]!);
    }
    if (peak > 0) found.push({ x, y, peak, radiusPx: Math.sqrt(core.length / Math.PI) });
  }
  return found;
}
