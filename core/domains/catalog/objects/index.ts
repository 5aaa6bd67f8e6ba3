export { associateDetections } from './associate-detections.ts';
export * from './config.ts';
export { averagePlaces, estimatePositionError, separationArcsec } from './measure-place.ts';
export type * from './model.ts';
export { nameObject } from './name-object.ts';
