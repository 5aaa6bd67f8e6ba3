import { MaskBit, UNUSABLE } from '../observations/index.ts';
import { SourceFlag } from './measure-source.ts';
import type { Source } from './model.ts';

/** Which sources count as stars to measure with. */
export interface StarSelectionConfig {
  /** Least signal-to-noise (default 20). */
  readonly minSnr: number;
  /** Most stars, brightest first (default 1000). */
  readonly maxStars: number;
  /** Largest 1 - b/a (default 0.35) beyond the field's own median ellipticity. */
  readonly maxEllipticity: number;
  /** FWHM within this fraction of the stars' own (default 0.25). */
  readonly fwhmTolerance: number;
  /** No neighbour above a tenth of its flux within this many FWHM (default 3). */
  readonly isolationFwhm: number;
}

/** The defaults of `selectStars`. */
export const DEFAULT_STARS: StarSelectionConfig = {
  minSnr: 20,
  maxStars: 1000,
  maxEllipticity: 0.35,
  fwhmTolerance: 0.25,
  isolationFwhm: 3,
};

/**
 * Pick isolated, unsaturated, star-like sources, brightest first.
 *
 * @param fwhmPx the point sources' FWHM, from `measureSeeing`.
 */
export function selectStars<S extends Source>(
  sources: readonly S[],
  fwhmPx: number,
  config: StarSelectionConfig = DEFAULT_STARS,
): S[] {
  const shapes = sources.filter((source) => isClean(source) && source.snr >= config.minSnr);
  const typical = medianOfNumbers(shapes.map(ellipticity)) ?? 0;
  const radius = config.isolationFwhm * fwhmPx;
  const grid = makeGrid(sources, Math.max(radius, 1));
  const stars: S[] = [];
  const byFlux = [...shapes].sort((first, second) => second.fluxE - first.fluxE);
  for (const source of byFlux) {
    if (stars.length >= config.maxStars) break;
    if (Math.abs(source.fwhmPx / fwhmPx - 1) > config.fwhmTolerance) continue;
    if (ellipticity(source) > typical + config.maxEllipticity) continue;
    if (grid.hasBrightNeighbour(source, radius, 0.1 * source.fluxE)) continue;
    stars.push(source);
  }
  return stars;
}

/** Width of the kernel that finds the stars' size, in ln(FWHM). */
const SIZE_BANDWIDTH = 0.06;
/** A pile counts if it is at least this dense, compared with the densest. */
const PILE_FRACTION = 0.5;

/**
 * Measure the FWHM of point sources: the mode of the sizes of bright clean sources.
 *
 * Stars pile up at one size while galaxies, blends and defects scatter. Piles are peaks of a density estimate of
 * ln(FWHM) in which a source weighs by its signal-to-noise up to 100: bright stars have the truest sizes.
 *
 * @returns px, or `undefined` with fewer than three usable sources.
 */
export function measureSeeing(sources: readonly Source[], minSnr = 20): number | undefined {
  for (const least of [minSnr, minSnr / 2, 0]) {
    const sized = sources.filter(
      (source) => isClean(source) && source.snr >= least && source.fwhmPx > MIN_FWHM_PX,
    );
    if (sized.length >= 3) return sizeOfMost(sized.slice(0, 1000));
  }
  return undefined;
}

/** A profile narrower than this is no star's: a hot pixel or a cosmic ray. */
const MIN_FWHM_PX = 0.8;

function sizeOfMost(sources: readonly Source[]): number {
  const sizes = sources.map((source) => Math.log(source.fwhmPx));
  const weights = sources.map((source) => Math.min(100, Math.max(1, source.snr)));
  const densities = Float64Array.from(weights);
  for (let i = 0; i < sizes.length; i++) {
    for (let j = 0; j < i; j++) {
      const u = (sizes[i]! - sizes[j]!) / SIZE_BANDWIDTH;
      if (!(u > -4 && u < 4)) continue;
      const kernel = Math.exp(-0.5 * u * u);
      densities[i]! += weights[j]! * kernel;
      densities[j]! += weights[i]! * kernel;
    }
  }
  // Nothing real is sharper than a star: of several piles the sharpest one is theirs.
  const needed = PILE_FRACTION * Math.max(...densities);
  const piles = sizes.filter((_size, i) => densities[i]! >= needed);
  const sharpest = Math.min(...piles);
  let mode = sharpest;
  let densest = 0;
  sizes.forEach((size, i) => {
    if (size > sharpest + 3 * SIZE_BANDWIDTH || densities[i]! <= densest) return;
    densest = densities[i]!;
    mode = size;
  });
  let sum = 0;
  let total = 0;
  for (let i = 0; i < sizes.length; i++) {
    if (Math.abs(sizes[i]! - mode) > 1.5 * SIZE_BANDWIDTH) continue;
    sum += weights[i]! * sizes[i]!;
    total += weights[i]!;
  }
  return Math.exp(sum / total);
}

function isClean(source: Source): boolean {
  const isWhole = (source.flags & (SourceFlag.SATURATED | SourceFlag.TRUNCATED)) === 0;
  return isWhole && (source.maskBits & UNUSABLE & ~MaskBit.CR) === 0;
}

function ellipticity(source: Source): number {
  return 1 - source.bPx / source.aPx;
}

function medianOfNumbers(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

interface NeighbourGrid {
  hasBrightNeighbour(source: Source, radius: number, flux: number): boolean;
}

/** Sources by cells as large as the search radius, so that only nine cells are looked at. */
function makeGrid(sources: readonly Source[], cell: number): NeighbourGrid {
  const cells = new Map<string, Source[]>();
  const keyOf = (x: number, y: number): string => `${x},${y}`;
  for (const source of sources) {
    const key = keyOf(Math.floor(source.xPx / cell), Math.floor(source.yPx / cell));
    const list = cells.get(key);
    if (list === undefined) cells.set(key, [source]);
    else list.push(source);
  }
  return {
    hasBrightNeighbour: (source, radius, flux) => {
      const column = Math.floor(source.xPx / cell);
      const row = Math.floor(source.yPx / cell);
      for (let y = row - 1; y <= row + 1; y++) {
        for (let x = column - 1; x <= column + 1; x++) {
          for (const other of cells.get(keyOf(x, y)) ?? []) {
            if (other === source || other.fluxE < flux) continue;
            if (Math.hypot(other.xPx - source.xPx, other.yPx - source.yPx) < radius) return true;
          }
        }
      }
      return false;
    },
  };
}
