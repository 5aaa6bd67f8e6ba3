export * from './astrometry/index.ts';
export {
  calibrateField,
  coneOfField,
  type FieldCalibration,
  type FieldToCalibrate,
  hintOfField,
  type NearbyCatalog,
} from './calibrate-field.ts';
export { circleLattice } from './circle-lattice.ts';
export * from './columns/index.ts';
export * from './config.ts';
export * from './exports/index.ts';
export { type ColourMatch, matchColours, type SkyPlace } from './match-colours.ts';
export { mergeStars } from './merge-stars.ts';
export * from './model.ts';
export * from './objects/index.ts';
export { pairBySky, type SkyPairs } from './pair-by-sky.ts';
export * from './photometry/index.ts';
export { julianYear, propagateStars } from './propagate-stars.ts';
export { recogniseColumns, wantedColumn } from './recognise-columns.ts';
export { brightestFirst, brightnessOf, selectReference } from './select-reference.ts';
export * from './tasks.ts';
export { createTiling, SKY_TILES, starsInCone, TILE_DEG, type Tiling } from './tile-sky.ts';
