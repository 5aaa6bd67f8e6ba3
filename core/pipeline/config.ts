import { type CatalogConfig, DEFAULT_CATALOG_CONFIG } from '../domains/catalog/index.ts';
import {
  type CompletenessConfig,
  DEFAULT_COMPLETENESS_CONFIG,
  DEFAULT_DETECTION_CONFIG,
  type DetectionConfig,
} from '../domains/detection/index.ts';
import { DEFAULT_DIFFERENCING_CONFIG, type DifferencingConfig } from '../domains/differencing/index.ts';
import {
  DEFAULT_PREPROCESSING,
  DEFAULT_REGISTRATION,
  type PreprocessingConfig,
  type RegistrationConfig,
} from '../domains/preprocessing/index.ts';

/** Frames to calibrate both exposures with; an empty path means none. */
export interface CalibrationPaths {
  readonly biasPath: string;
  readonly darkPath: string;
  readonly flatPath: string;
}

/** What becomes of scores. */
export interface ScoringConfig {
  /** Detections scored below this are vetoed, 0..1. Default 0.1; 0 keeps all. */
  readonly minScore: number;
}

/** Everything that shapes the line's results, each part the configuration of one domain function. */
export interface LineConfig {
  readonly calibration: CalibrationPaths;
  readonly preprocessing: PreprocessingConfig;
  readonly registration: RegistrationConfig;
  readonly differencing: DifferencingConfig;
  readonly detection: DetectionConfig;
  readonly scoring: ScoringConfig;
  readonly completeness: CompletenessConfig;
  readonly catalog: CatalogConfig;
}

/** The line as it runs when told nothing. */
export const DEFAULT_LINE_CONFIG: LineConfig = {
  calibration: { biasPath: '', darkPath: '', flatPath: '' },
  preprocessing: DEFAULT_PREPROCESSING,
  registration: DEFAULT_REGISTRATION,
  differencing: DEFAULT_DIFFERENCING_CONFIG,
  detection: DEFAULT_DETECTION_CONFIG,
  scoring: { minScore: 0.1 },
  completeness: DEFAULT_COMPLETENESS_CONFIG,
  catalog: DEFAULT_CATALOG_CONFIG,
};
