import { type AstrometryConfig, DEFAULT_ASTROMETRY } from './astrometry/index.ts';
import { DEFAULT_PHOTOMETRY, type PhotometryConfig } from './photometry/index.ts';

/** How exposures are compared with reference catalogues. */
export interface CatalogConfig {
  /** Whether the line compares exposures with the workspace's catalogues. Default true. */
  readonly isUsed: boolean;
  /** Most reference stars around a field, brightest first. Default 8000. */
  readonly maxStars: number;
  /** How coordinates are solved. */
  readonly astrometry: AstrometryConfig;
  /** How zeropoints are fitted. */
  readonly photometry: PhotometryConfig;
}

/** The defaults of `calibrateField`. */
export const DEFAULT_CATALOG_CONFIG: CatalogConfig = {
  isUsed: true,
  maxStars: 8000,
  astrometry: DEFAULT_ASTROMETRY,
  photometry: DEFAULT_PHOTOMETRY,
};
