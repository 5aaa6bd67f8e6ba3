import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import type { PsfConfig } from '../config.ts';
import { median } from '../robust-statistics.ts';

/** Source Extractor's bits that spoil a star for the profile: truncated, aperture incomplete; and saturated. */
const CUT = 8 | 16;
const SATURATED = 4;
/** Cells per side among which the stars are spread. */
const CELLS = 4;

/** With fewer stars than this, fainter or saturated ones are better than none. */
const TOO_FEW = 5;
/** Together so bright that they tell the width to two per cent. */
const ENOUGH_SNR = 50;
/** So many of one size are hardly galaxies. */
const FEW_AGREE = 3;
/** Saturated stars that serve where others are few: how many, and how bright. */
const MOST_SATURATED = 5;
const SATURATED_SNR = 200;
/** How much of a saturated star may be hidden, as a part of its area: little if there are such, else up to a quarter. */
const LITTLE_HIDDEN = 0.12;
const MOST_HIDDEN = 0.25;
/** Charge that bled makes a star longer than wide; beyond this there is more of it than of the star. */
const LONGEST = 4;
/** Sizes of stars agree to this in ln(size), and to twice the inverse of their S/N. */
const SAME_SIZE = 0.06;
/** So many sources are a crowd whose density tells. */
const MANY = 12;
/** How much smaller outweighs brighter: as the sky under a source grows with its size, and once more. */
const SHARPNESS = 3;

/**
 * Choose the sources that look like single unsaturated stars, best of each corner first.
 *
 * Stars are the tightest crowd in size: the densest half-light radius of bright sources is theirs, however many
 * galaxies (scattered, larger) and cosmic rays (smaller) there are. Blended stars stay eligible,
 * because neighbours are subtracted later, but isolated ones come first.
 *
 * A handful is no crowd, and the faint sources of an empty field are galaxies. There nothing but sharpness tells stars:
 * they are what is smallest. Stars with a saturated core are brighter than all others, and what is not saturated of them
 * shows the profile's width better than a galaxy of S/N 10.
 *
 * @returns indices into `sources`; may be empty.
 */
export function selectPsfStars(
  image: MaskedImage,
  sources: readonly Source[],
  config: PsfConfig,
): readonly number[] {
  const { width, height } = image.science;
  const stellar = findStellar(image, sources, config);
  const contamination = measureContamination(sources, stellar);
  const quality = new Map(
    stellar.map((k, i) => [k, Math.min(sources[k].snr, 300) / (1 + 5 * contamination[i])] as const),
  );
  return spreadOverCells(sources, stellar, quality, width, height);
}

function findStellar(
  image: MaskedImage,
  sources: readonly Source[],
  { minSnr }: PsfConfig,
): readonly number[] {
  const bright = keepStellar(sources, findUsable(image, sources, minSnr));
  if (bright.length >= TOO_FEW) return bright;
  const saturated = findSaturated(image, sources);
  // Saturation makes a star look larger: what is larger still is none.
  const largest = Math.min(...saturated.map((k) => sources[k].halfLightRadiusPx));
  const isSmaller = (k: number) => sources[k].halfLightRadiusPx < largest * (1 + sizeError(sources[k]));
  let crowd: readonly number[] = [];
  let light = 0;
  // Among faint sources galaxies are the larger crowd: look there only if there is nothing brighter.
  for (const relax of [1, 2, 4]) {
    const usable = findUsable(image, sources, minSnr / relax).filter(isSmaller);
    crowd = usable.length < MANY ? keepSharpest(sources, usable) : keepStellar(sources, usable);
    light = Math.hypot(...crowd.map((k) => sources[k].snr));
    if (light >= ENOUGH_SNR || (crowd.length > 0 && (relax > 1 || saturated.length > 0))) break;
  }
  // A few may be galaxies all the same.
  return crowd.length >= FEW_AGREE && light >= ENOUGH_SNR ? crowd : [...crowd, ...saturated];
}

/** Relative error of a half-light radius, and what stars differ by. */
function sizeError({ snr }: Source): number {
  return SAME_SIZE + 2 / snr;
}

/** Keep the sources that may be as small as the smallest: the group of most S/N for its size. */
function keepSharpest(sources: readonly Source[], usable: readonly number[]): readonly number[] {
  let best: readonly number[] = [];
  let highest = 0;
  for (const c of usable) {
    const size = sources[c].halfLightRadiusPx;
    const group = usable.filter(
      (k) => Math.abs(Math.log(sources[k].halfLightRadiusPx / size)) <= sizeError(sources[k]),
    );
    const merit = group.reduce((sum, k) => sum + Math.min(sources[k].snr, 100), 0) / size ** SHARPNESS;
    if (merit > highest) [highest, best] = [merit, group];
  }
  return best;
}

/** Bright stars whose middle is saturated, and no more; those with the least hidden first. */
function findSaturated(image: MaskedImage, sources: readonly Source[]): readonly number[] {
  const hidden = new Map<number, number>();
  sources.forEach((source, k) => {
    const { snr, flags, fluxE, aPx, bPx, areaPx } = source;
    if (snr < SATURATED_SNR || (flags & SATURATED) === 0 || (flags & CUT) !== 0) return;
    if (!(fluxE > 0) || aPx > LONGEST * bPx || !isInside(image, source)) return;
    const masked = countMasked(image, source, 1.5);
    if (masked < MOST_HIDDEN * areaPx) hidden.set(k, masked);
  });
  const found = [...hidden.keys()].sort((a, b) => hidden.get(a)! - hidden.get(b)!);
  const mild = found.filter((k) => hidden.get(k)! < LITTLE_HIDDEN * sources[k].areaPx);
  return (mild.length > 0 ? mild : found).slice(0, MOST_SATURATED);
}

function findUsable(image: MaskedImage, sources: readonly Source[], minSnr: number): readonly number[] {
  const usable: number[] = [];
  sources.forEach((source, k) => {
    if (source.snr < minSnr || (source.flags & (CUT | SATURATED)) !== 0 || !(source.fluxE > 0)) return;
    if (isInside(image, source) && countMasked(image, source, 1) === 0) usable.push(k);
  });
  return usable;
}

function isInside({ science: { width, height } }: MaskedImage, source: Source): boolean {
  const { xPx, yPx, halfLightRadiusPx } = source;
  const margin = Math.max(3, 1.5 * halfLightRadiusPx);
  return (
    halfLightRadiusPx > 0 &&
    xPx >= margin &&
    yPx >= margin &&
    xPx <= width - 1 - margin &&
    yPx <= height - 1 - margin
  );
}

/** Count the masked pixels of the square about some half-light radii of a source. */
function countMasked(image: MaskedImage, source: Source, radii: number): number {
  const { width, height, data } = image.mask;
  const radius = Math.max(1, Math.round(radii * source.halfLightRadiusPx));
  const x0 = Math.round(source.xPx);
  const y0 = Math.round(source.yPx);
  let masked = 0;
  for (let y = Math.max(0, y0 - radius); y <= Math.min(height - 1, y0 + radius); y++)
    for (let x = Math.max(0, x0 - radius); x <= Math.min(width - 1, x0 + radius); x++)
      if ((data[y * width + x] & UNUSABLE) !== 0) masked++;
  return masked;
}

/** Keep sources whose size and shape agree with the tightest crowd; with very few, keep them all. */
function keepStellar(sources: readonly Source[], usable: readonly number[]): readonly number[] {
  if (usable.length < 6) return usable;
  const sizes = usable.map((k) => Math.log(sources[k].halfLightRadiusPx));
  const mode = densestSize(
    sizes,
    usable.map((k) => Math.sqrt(Math.min(sources[k].snr, 400))),
  );
  const scatter = Math.max(0.04, 1.4826 * median(sizes.filter((s) => s < mode).map((s) => mode - s)) || 0);
  const allowed = Math.min(0.25, 2.5 * scatter);
  const bySize = usable.filter((_, i) => Math.abs(sizes[i] - mode) <= allowed);
  // Tracking errors lengthen every star alike: compare shapes with the crowd's own, not with a circle.
  const shapes = bySize.map((k) => ellipticity(sources[k]));
  const e1 = median(shapes.map((shape) => shape[0]));
  const e2 = median(shapes.map((shape) => shape[1]));
  const round = bySize.filter((_, i) => Math.hypot(shapes[i][0] - e1, shapes[i][1] - e2) < 0.2);
  return round.length >= 5 ? round : bySize;
}

function ellipticity(source: Source): readonly [number, number] {
  const e = source.aPx > 0 ? (source.aPx - source.bPx) / (source.aPx + source.bPx) : 0;
  return [e * Math.cos(2 * source.thetaRad), e * Math.sin(2 * source.thetaRad)];
}

/** Width of the kernel that finds the crowd, in ln(size): stars of one image scatter by a few percent. */
const KERNEL = 0.04;
/** Values nearer than this count as one. */
const BIN = KERNEL / 16;

/** Find where weighted values crowd most closely: the peak of their kernel density. */
function densestSize(values: readonly number[], weights: readonly number[]): number {
  const lowest = Math.min(...values);
  const bins = new Float64Array(Math.floor((Math.max(...values) - lowest) / BIN) + 1);
  values.forEach((value, k) => {
    bins[Math.floor((value - lowest) / BIN)] += weights[k];
  });
  const reach = Math.ceil((4 * KERNEL) / BIN);
  const kernel = Float64Array.from({ length: reach + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k * BIN) / KERNEL) ** 2),
  );
  const density = new Float64Array(bins.length);
  bins.forEach((weight, k) => {
    if (weight === 0) return;
    const to = Math.min(bins.length - 1, k + reach);
    for (let at = Math.max(0, k - reach); at <= to; at++) density[at] += weight * kernel[Math.abs(at - k)];
  });
  const best = density.reduce((first, value, at) => (value > density[first] ? at : first), 0);
  return lowest + (best + 0.5) * BIN;
}

/** Light of neighbours within a few half-light radii, as a fraction of each star's own. */
function measureContamination(sources: readonly Source[], chosen: readonly number[]): readonly number[] {
  const xs = Float64Array.from(sources, ({ xPx }) => xPx);
  const ys = Float64Array.from(sources, ({ yPx }) => yPx);
  return chosen.map((k) => {
    const star = sources[k];
    const reach = 6 * star.halfLightRadiusPx;
    let light = 0;
    for (let j = 0; j < xs.length; j++) {
      if (j === k) continue;
      const dx = xs[j] - xs[k];
      const dy = ys[j] - ys[k];
      if (dx * dx + dy * dy >= reach * reach) continue;
      light += Math.max(0, sources[j].fluxE) * (1 - Math.hypot(dx, dy) / reach);
    }
    return light / star.fluxE;
  });
}

/** Take the best star of each cell in turn, so that no corner is without one. */
function spreadOverCells(
  sources: readonly Source[],
  chosen: readonly number[],
  quality: ReadonlyMap<number, number>,
  width: number,
  height: number,
): readonly number[] {
  const cells: number[][] = Array.from({ length: CELLS * CELLS }, () => []);
  for (const k of [...chosen].sort((a, b) => quality.get(b)! - quality.get(a)! || a - b)) {
    const column = Math.min(CELLS - 1, Math.floor((CELLS * sources[k].xPx) / width));
    const row = Math.min(CELLS - 1, Math.floor((CELLS * sources[k].yPx) / height));
    cells[row * CELLS + column].push(k);
  }
  const spread: number[] = [];
  for (let rank = 0; spread.length < chosen.length; rank++) {
    for (const cell of cells) if (rank < cell.length) spread.push(cell[rank]);
  }
  return spread;
}
