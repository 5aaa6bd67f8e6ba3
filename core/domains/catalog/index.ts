export { mergeStars } from './merge-stars.ts';
export * from './model.ts';
export { julianYear, propagateStars } from './propagate-stars.ts';
export { recogniseColumns, wantedColumn } from './recognise-columns.ts';
export { brightestFirst, brightnessOf, selectReference } from './select-reference.ts';
export { starsInCone, TILE_DEG, tileArea, tileOf, tilesOfCone } from './tile-sky.ts';
