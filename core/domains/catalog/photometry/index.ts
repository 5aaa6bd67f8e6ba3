export { chooseBand, type ReferenceMagnitudes } from './choose-band.ts';
export {
  DEFAULT_PHOTOMETRY,
  fitZeropoint,
  type PhotometricStar,
  type PhotometryConfig,
} from './fit-zeropoint.ts';
export { magnitudeOf, measureZeropoint } from './measure-zeropoint.ts';
