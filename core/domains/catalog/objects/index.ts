export { associateDetections } from './associate-detections.ts';
export * from './config.ts';
export { averagePlaces, estimatePositionError, separationArcsec } from './measure-place.ts';
export type * from './model.ts';
export { nameObject, placeOfName } from './name-object.ts';
