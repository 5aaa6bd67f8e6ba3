export type { DetectionConfig } from './config.ts';
export { DEFAULT_DETECTION_CONFIG } from './config.ts';
export { detectOnDifference } from './detect-on-difference.ts';
export { FEATURE_NAMES, orderFeatures } from './features.ts';
export * from './model.ts';
export { detectTask } from './tasks.ts';
