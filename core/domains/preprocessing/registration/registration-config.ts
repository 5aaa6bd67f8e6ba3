import { DEFAULT_PIXEL_MAP, type PixelMapConfig } from './fit-pixel-map.ts';
import { DEFAULT_MATCH, type MatchConfig } from './match-stars.ts';

/** How the template is brought onto the science grid. */
export interface RegistrationConfig {
  /** How stars are recognised. */
  readonly match: MatchConfig;
  /** How the map between the images is fitted. */
  readonly map: PixelMapConfig;
  /** Least fraction of the science image that the template must cover. Default 0.05. */
  readonly minOverlap: number;
  /** Fraction below which a note says how much is covered. Default 0.9. */
  readonly partialOverlap: number;
  /** Rms of the matched stars above which a note warns, px. Default 0.5. */
  readonly poorRmsPx: number;
  /** Stars that must be there on both images, unmatched, to overrule the headers' coordinates. Default 20. */
  readonly starsToRefute: number;
  /** How far from its place by the headers a star may be when there are too few to match, px. Default 3. */
  readonly uncheckedTolerancePx: number;
  /** Error per axis assumed of coordinates that no star could check, px. Default 0.3. */
  readonly uncheckedSigmaPx: number;
  /** Distance of the nodes where the map is evaluated exactly, px; halved until `meshErrorPx` is met. Default 32. */
  readonly meshStepPx: number;
  /** Largest error of interpolating the map between nodes, px. Default 0.003. */
  readonly meshErrorPx: number;
  /** A map within this of a shift by whole pixels, px rms, copies pixels instead of interpolating. Default 0.02. */
  readonly wholePixelPx: number;
  /** How far saturated regions grow in the template's mask, px: as far as resampling can ring. Default 3. */
  readonly saturationGrowthPx: number;
  /** Weight above which a masked template pixel masks the pixel made from it. Default 0.05. */
  readonly maskThreshold: number;
}

/** The defaults of `registerTemplate` and `resampleTemplate`. */
export const DEFAULT_REGISTRATION: RegistrationConfig = {
  match: DEFAULT_MATCH,
  map: DEFAULT_PIXEL_MAP,
  minOverlap: 0.05,
  partialOverlap: 0.9,
  poorRmsPx: 0.5,
  starsToRefute: 20,
  uncheckedTolerancePx: 3,
  uncheckedSigmaPx: 0.3,
  meshStepPx: 32,
  meshErrorPx: 0.003,
  wholePixelPx: 0.02,
  saturationGrowthPx: 3,
  maskThreshold: 0.05,
};
