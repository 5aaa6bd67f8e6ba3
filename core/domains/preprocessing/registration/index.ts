export { createNearestFinder, type NearestFinder, type StarPositions } from './find-nearest.ts';
export type { PixelMapConfig, PixelMapFit } from './fit-pixel-map.ts';
export { DEFAULT_PIXEL_MAP, fitPixelMap } from './fit-pixel-map.ts';
export {
  type Correspondences,
  countTerms,
  evaluatePlaneAt,
  fitPlane,
  linearPart,
} from './fit-plane.ts';
export type { PixelPositions } from './map-pixels.ts';
export { mapPixel, mapPixels, pixelScale, unmapPixel } from './map-pixels.ts';
export type { MatchConfig, StarMatch } from './match-stars.ts';
export { DEFAULT_MATCH, matchStars } from './match-stars.ts';
export { planResampling } from './plan-resampling.ts';
export { type Proposal, proposeByQuads, proposeByTriangles } from './propose-alignments.ts';
export { planRegistrationTask, registerImages } from './register-images.ts';
export { registerTemplate } from './register-template.ts';
export type { RegistrationConfig } from './registration-config.ts';
export { DEFAULT_REGISTRATION } from './registration-config.ts';
export { resampleRowsTask, resampleTemplate } from './resample-template.ts';
export {
  type AlignmentLimits,
  createTrial,
  type IndexPairs,
  pairStars,
  radiusOfChance,
  type VerifiedAlignment,
  verifyProposal,
  weighAlignment,
} from './verify-alignment.ts';
