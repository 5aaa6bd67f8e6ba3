import type { MaskPlane, Plane } from '../../../kernels/index.ts';
import type { MaskedImage } from '../../observations/index.ts';

/** How exposures are combined. */
export type CoaddMethod = 'clipped' | 'weighted' | 'proper';

/** One exposure that lies on the coadd's grid, without its pixels. */
export interface CoaddLayer {
  readonly name: string;
  /** Its electrons for one of the reference exposure, from stars that both show. */
  readonly fluxScale: number;
  /** Noise of empty sky on large scales, its own e- per pixel: that of one pixel over `noiseCorrelationFactor`. */
  readonly skyNoiseE: number;
  /** See `RegisteredTemplate`: 1 for pixels as a detector gave them. */
  readonly noiseCorrelationFactor: number;
  /** Its point-spread function on the grid: an odd stamp of unit sum. Needed by `proper`. */
  readonly psf?: Plane | undefined;
}

/** A layer whose pixels can be read. */
export interface CoaddInput extends CoaddLayer {
  /** Rows `y0` to `y0 + rows - 1` of the layer, its own e-; as wide as the grid. */
  readonly readRows: (y0: number, rows: number) => Promise<MaskedImage>;
}

/** Many exposures in one image. */
export interface Coadd {
  readonly method: CoaddMethod;
  /** Electrons of the reference exposure, above the sky; 0 where no exposure reaches. */
  readonly science: Plane;
  /** Variance of one pixel; NO_DATA pixels have that of the sky. */
  readonly variance: Plane;
  readonly mask: MaskPlane;
  /** Exposures that each pixel was made from. */
  readonly coverage: Uint16Array;
  /** Odd stamp of unit sum; absent where a layer's is unknown. */
  readonly psf?: Plane | undefined;
  /** Noise of empty sky on large scales where all exposures reach, e- of the reference. */
  readonly skyNoiseE: number;
  /** Noise of one pixel over that, <= 1: what interpolation left. */
  readonly noiseCorrelationFactor: number;
  /** Electrons that were counted for one electron of the reference, where all exposures reach: the gain of the coadd. */
  readonly gain: number;
  /** Share of the weight of each layer; they sum to one. */
  readonly weights: readonly number[];
  /** Pixels of each layer that were clipped as outliers. */
  readonly clipped: readonly number[];
}
