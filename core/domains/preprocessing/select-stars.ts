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
  const sorted = sources.toSorted((first, second) => first.fwhmPx - second.fwhmPx);
  // In bandwidths of the kernel.
  const sizes = Float64Array.from(sorted, (source) => Math.log(source.fwhmPx) / SIZE_BANDWIDTH);
  const weights = Float64Array.from(sorted, (source) => Math.min(100, Math.max(1, source.snr)));
  const densities = weights.slice();
  let first = 0;
  for (let i = 0; i < sizes.length; i++) {
    const [size, weight] = [sizes[i]!, weights[i]!];
    while (size - sizes[first]! >= KERNEL_REACH) first++;
    let density = densities[i]!;
    for (let j = first; j < i; j++) {
      const u = size - sizes[j]!;
      const kernel = fallOff(0.5 * u * u);
      density += weights[j]! * kernel;
      densities[j]! += weight * kernel;
    }
    densities[i] = density;
  }
  // Nothing real is sharper than a star: of several piles the sharpest one is theirs.
  const needed = PILE_FRACTION * Math.max(...densities);
  const sharpest = densities.findIndex((density) => density >= needed);
  let densest = sharpest;
  for (let i = sharpest; i < sizes.length && sizes[i]! <= sizes[sharpest]! + 3; i++) {
    if (densities[i]! > densities[densest]!) densest = i;
  }
  let sum = 0;
  let total = 0;
  for (let i = 0; i < sizes.length; i++) {
    if (Math.abs(sizes[i]! - sizes[densest]!) > 1.5) continue;
    sum += weights[i]! * sizes[i]!;
    total += weights[i]!;
  }
  return Math.exp((SIZE_BANDWIDTH * sum) / total);
}

/** The kernel ends at so many bandwidths. */
const KERNEL_REACH = 4;
const STEPS = 64;
const FALL_OFF = Float64Array.from({ length: (STEPS * KERNEL_REACH ** 2) / 2 + 1 }, (_, k) =>
  Math.exp(-k / STEPS),
);

/** exp(-x) to 1e-11, for x from 0 to half the square of the kernel's reach: several times as fast, for half a million pairs. */
function fallOff(x: number): number {
  const step = (x * STEPS) | 0;
  const rest = x - step / STEPS;
  return FALL_OFF[step]! * (1 - rest * (1 - (rest / 2) * (1 - (rest / 3) * (1 - rest / 4))));
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
