import type { MaskPlane, Plane } from '../../../kernels/index.ts';
import type { ImageSource } from '../../observations/index.ts';
import type { ImageMatch } from '../match/image-match.ts';
import type { ScienceResponse, SpatialPsf } from '../model.ts';
import type { SaturatedStars } from '../saturated/model-saturated.ts';
import type { NoiseCorrelation, NoiseSums } from '../zogy/measure-correlation.ts';
import type { Tile } from '../zogy/plan-tiles.ts';

/**
 * What a tile leaves for the garbage collector, bytes. Its own planes are lent by arena and scratch; but its thread holds
 * the whole image's planes until it collects, which must not wait for the next image but one.
 */
export const TILE_LITTER_BYTES = 4 << 20;

/** What subtracting one tile needs, whichever the engine. */
export interface TileInput {
  readonly science: ImageSource;
  readonly template: ImageSource;
  readonly tile: Tile;
  /** Where the tile is written; every tile has pixels of its own. */
  readonly canvas: DifferenceCanvas;
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  readonly match: ImageMatch;
  /** Stars whose cores are rebuilt and whose halos are taken off; may lie outside the tile. */
  readonly brightStars: SaturatedStars;
  /** Correlation of the difference's noise, measured on tiles that were subtracted without it. */
  readonly correlation?: NoiseCorrelation | undefined;
  /**
   * Noise per pixel of the resampled template over that of the original, <= 1, where no correlation could be
   * measured: resampling hides noise in the correlation of neighbours, and a matched filter sees it again.
   */
  readonly noiseCorrelationFactor: number;
  /** Astrometric noise of a single star relative to the template, per axis, px. */
  readonly sigmaXPx: number;
  readonly sigmaYPx: number;
  /** How far masks of saturated pixels grow, px. */
  readonly saturationGrowthPx: number;
  /** Measure how the noise is correlated up to this distance along an axis, px; absent: not at all. */
  readonly maxLagPx?: number | undefined;
  /** Fluxes, score times error, take the place of the shared light: for who takes tiles as they are, without a judge. */
  readonly hasFluxes?: boolean | undefined;
}

/** Planes of the whole image, into which tiles write their kept parts. */
export interface DifferenceCanvas {
  /** e- on the science flux scale. */
  readonly difference: Plane;
  /** e-^2. */
  readonly variance: Plane;
  /** S_corr without the term of the model's own error, sigma. */
  readonly score: Plane;
  /** Significance of the light that both images share: a model error of 1 % of it adds a hundredth of this to the score's noise. */
  readonly shared: Plane;
  /** Error of the PSF flux at each pixel, e-; the flux is the score times it. */
  readonly fluxErr: Plane;
  readonly mask: MaskPlane;
}

/** Light in a few pixels of an image: all others have none. */
export interface SparseLight {
  /** Indices of the image's pixels, ascending. */
  readonly pixels: Int32Array;
  readonly values: Float32Array;
}

/** What is known of a subtracted tile beside its pixels, which are on the canvas. */
export interface SubtractedTile {
  readonly tile: Tile;
  /** A star of one electron in the difference of its cell, (size, size). */
  readonly psf: Float64Array;
  readonly psfSize: number;
  /** Flux that a uniform residual background of one electron per pixel feigns, e-. */
  readonly fluxPerBackground: number;
  /** How its cell answers to light in the science image, before the score is calibrated. */
  readonly response: ScienceResponse;
  /** What neighbouring pixels' noise has in common, where it was measured. */
  readonly noise?: NoiseSums | undefined;
  /**
   * Significance of light in bright stars' wings, the mean of both images: an error of 10 % of it adds a tenth of this.
   * No plane: two or three pixels of a hundred have any.
   */
  readonly wings: SparseLight;
}
