export { type Celestial, type CelestialFrame, fromIcrs, toIcrs } from './convert-frame.ts';
export { firstPlaceOf, makeShape, type ShapeDress, type SkyNotation } from './make-shape.ts';
export type * from './model.ts';
export { parseRegions } from './parse-regions.ts';
export { placeShape } from './place-shape.ts';
export { propertyOf } from './read-properties.ts';
export { joinRegions, REGION_FILE_HEAD, writeRegions, writeShape } from './write-regions.ts';
