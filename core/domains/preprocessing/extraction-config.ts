import { MaskBit, UNUSABLE } from '../observations/index.ts';
import type { DetectionFilter, FilterMode } from './threshold-image.ts';

/** How sources are found and measured. */
export interface ExtractionConfig {
  /** Detection threshold on the filtered image, sigma (default 1.5). */
  readonly threshold: number;
  /** Smallest footprint, px (default 5). */
  readonly minAreaPx: number;
  /** Detection filter (default the 3 x 3 pyramid 1 2 1, 2 4 2, 1 2 1). */
  readonly filter: DetectionFilter;
  /** Weight pixels by their noise (`matched`, default) or not (`convolution`). */
  readonly filterMode: FilterMode;
  /** Levels of deblending between threshold and peak (default 32; 1 switches it off). */
  readonly deblendLevels: number;
  /** A branch with this fraction of a blend's flux is an object (default 0.005). */
  readonly deblendMinContrast: number;
  /** Moffat exponent of cleaning (default 1; 0 switches it off). */
  readonly cleanBeta: number;
  /** Kron aperture in Kron radii (default 2.5) and its least size in rms axes (default 3.5). */
  readonly kronFactor: number;
  readonly kronMinRadius: number;
  /** Replace pixels of a neighbour's footprint by those opposite (default true; SEP's default is not to). */
  readonly maskNeighbours: boolean;
  /** Samples per pixel side on the rim of elliptical apertures (default 5). */
  readonly subpixels: number;
  /** Electrons in one unit of the image, for the error of a source's own light when no variance is given. */
  readonly gainEPerUnit: number;
  /** Mask bits of pixels that count as nothing (default all unusable ones but SAT: saturated stars are stars). */
  readonly excludedBits: number;
}

/** The defaults of `extractSources`. */
export const DEFAULT_EXTRACTION: ExtractionConfig = {
  threshold: 1.5,
  minAreaPx: 5,
  filter: { width: 3, height: 3, weights: [1, 2, 1, 2, 4, 2, 1, 2, 1] },
  filterMode: 'matched',
  deblendLevels: 32,
  deblendMinContrast: 0.005,
  cleanBeta: 1,
  kronFactor: 2.5,
  kronMinRadius: 3.5,
  maskNeighbours: true,
  subpixels: 5,
  gainEPerUnit: 1,
  excludedBits: UNUSABLE & ~MaskBit.SAT,
};
