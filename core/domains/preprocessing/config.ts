import type { CalibrationConfig } from './calibrate-exposure.ts';
import { DEFAULT_CALIBRATION } from './calibrate-exposure.ts';
import type { ExtractionConfig } from './extract-sources.ts';
import { DEFAULT_EXTRACTION } from './extract-sources.ts';
import type { BackgroundConfig } from './measure-background.ts';
import { DEFAULT_BACKGROUND } from './measure-background.ts';
import type { StarSelectionConfig } from './select-stars.ts';
import { DEFAULT_STARS } from './select-stars.ts';

/** Everything `preprocessExposure` can be told; each part is the configuration of one function. */
export interface PreprocessingConfig {
  readonly calibration: CalibrationConfig;
  /** `meshPx` is the largest mesh; small frames get a smaller one. */
  readonly background: BackgroundConfig;
  readonly extraction: ExtractionConfig;
  readonly stars: StarSelectionConfig;
}

/** The defaults of `preprocessExposure`. */
export const DEFAULT_PREPROCESSING: PreprocessingConfig = {
  calibration: DEFAULT_CALIBRATION,
  background: DEFAULT_BACKGROUND,
  extraction: DEFAULT_EXTRACTION,
  stars: DEFAULT_STARS,
};
