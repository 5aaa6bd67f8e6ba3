/** How detections of many epochs become sky objects. */
export interface AssociationConfig {
  /** Farthest that a detection may lie from an object, in sigma of both positions together. Default 4. */
  readonly maxSigma: number;
  /** Farthest that it may lie whatever the errors say, in FWHM of its image: nearer, two stars are one. Default 1. */
  readonly maxFwhm: number;
  /** Part of the FWHM by which positions differ from epoch to epoch beyond their noise, per axis. Default 0.1. */
  readonly floorFwhm: number;
  /** The same as an angle, where coordinates are the limit and not the image, arcsec. Default 0.1. */
  readonly floorArcsec: number;
}

/** The defaults of `associateDetections`. */
export const DEFAULT_ASSOCIATION_CONFIG: AssociationConfig = {
  maxSigma: 4,
  maxFwhm: 1,
  floorFwhm: 0.1,
  floorArcsec: 0.1,
};
