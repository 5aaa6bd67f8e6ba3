export * from './model.ts';
export { psfComponentsAt } from './model-psf.ts';
export { DEFAULT_SIMULATE_CONFIG, SKY_RECIPES } from './presets.ts';
export { renderSource } from './render-source.ts';
export { simulateField } from './simulate-field.ts';
