import type { CalibrationConfig } from './calibrate-exposure.ts';
import { DEFAULT_CALIBRATION } from './calibrate-exposure.ts';
import type { CosmicRayConfig } from './clean-cosmic-rays.ts';
import { DEFAULT_COSMIC_RAYS } from './clean-cosmic-rays.ts';
import type { ExtractionConfig } from './extraction-config.ts';
import { DEFAULT_EXTRACTION } from './extraction-config.ts';
import type { BadPixelConfig } from './find-bad-pixels.ts';
import { DEFAULT_BAD_PIXELS } from './find-bad-pixels.ts';
import type { StruckStarConfig } from './judge-struck-star.ts';
import { DEFAULT_STRUCK_STARS } from './judge-struck-star.ts';
import type { SaturationConfig } from './mask-saturation.ts';
import { DEFAULT_SATURATION } from './mask-saturation.ts';
import type { StreakConfig } from './mask-streaks.ts';
import { DEFAULT_STREAKS } from './mask-streaks.ts';
import type { BackgroundConfig } from './measure-background.ts';
import { DEFAULT_BACKGROUND } from './measure-background.ts';
import type { StarSelectionConfig } from './select-stars.ts';
import { DEFAULT_STARS } from './select-stars.ts';

/** When cosmic rays are searched for: never, always, or only in single integrations as the detector saw them. */
export type CosmicRayPolicy = 'off' | 'on' | 'single-frames';

/** Everything `preprocessExposure` can be told; each part is the configuration of one function. */
export interface PreprocessingConfig {
  readonly calibration: CalibrationConfig;
  readonly badPixels: BadPixelConfig;
  readonly saturation: SaturationConfig;
  /** Default `single-frames`. */
  readonly cosmicRayPolicy: CosmicRayPolicy;
  readonly cosmicRays: CosmicRayConfig;
  /** Of the cosmic rays that L.A.Cosmic takes for structure of stars. */
  readonly struckStars: StruckStarConfig;
  readonly streaks: StreakConfig;
  /** `meshPx` is what large frames get; small ones get a smaller mesh, large galaxies a larger one. */
  readonly background: BackgroundConfig;
  readonly extraction: ExtractionConfig;
  readonly stars: StarSelectionConfig;
}

/** The defaults of `preprocessExposure`. */
export const DEFAULT_PREPROCESSING: PreprocessingConfig = {
  calibration: DEFAULT_CALIBRATION,
  badPixels: DEFAULT_BAD_PIXELS,
  saturation: DEFAULT_SATURATION,
  cosmicRayPolicy: 'single-frames',
  cosmicRays: DEFAULT_COSMIC_RAYS,
  struckStars: DEFAULT_STRUCK_STARS,
  streaks: DEFAULT_STREAKS,
  background: DEFAULT_BACKGROUND,
  extraction: DEFAULT_EXTRACTION,
  stars: DEFAULT_STARS,
};
