export { type CoaddConfig, DEFAULT_COADD } from './coadd-config.ts';
export { combineExposures } from './combine-exposures.ts';
export { combineRowsTask } from './combine-rows.ts';
export { measureFluxScale } from './measure-flux-scale.ts';
export type { Coadd, CoaddInput, CoaddLayer, CoaddMethod } from './model.ts';
