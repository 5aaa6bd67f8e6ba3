import { MaskBit, UNUSABLE } from '../observations/index.ts';
import { SourceFlag } from './extract-sources.ts';
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

/**
 * Measure the FWHM of point sources: the mode of the sizes of bright clean sources.
 *
 * Stars pile up at one size while galaxies, blends and defects scatter; the shortest interval that holds a
 * share of the sizes (the half-sample mode) finds the pile.
 *
 * @returns px, or `undefined` with fewer than three usable sources.
 * @see Robertson & Cryer 1974, JASA 69, 1012 (half-sample mode).
 */
export function measureSeeing(sources: readonly Source[], minSnr = 20): number | undefined {
  for (const least of [minSnr, 10, 0]) {
    const sizes = sources
      .filter((source) => isClean(source) && source.snr >= least && source.fwhmPx > 0.8)
      .slice(0, 500)
      .map((source) => source.fwhmPx)
      .sort((a, b) => a - b);
    if (sizes.length >= 3) return halfSampleMode(sizes);
  }
  return undefined;
}

/** Mode of sorted values by halving the shortest interval until three or fewer are left. */
export function halfSampleMode(sorted: readonly number[]): number {
  let values = sorted;
  while (values.length > 3) {
    const half = Math.ceil(values.length / 2);
    let best = 0;
    for (let i = 1; i + half <= values.length; i++) {
      if (values[i + half - 1]! - values[i]! < values[best + half - 1]! - values[best]!) best = i;
    }
    values = values.slice(best, best + half);
  }
  if (values.length === 3) {
    const [a, b, c] = values as [number, number, number];
    return b - a < c - b ? (a + b) / 2 : c - b < b - a ? (b + c) / 2 : b;
  }
  return values.length === 2 ? (values[0]! + values[1]!) / 2 : values[0]!;
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
