export type {
  FitsArray,
  FitsImage,
  FitsOverview,
  HduKind,
  HduSelector,
  HduSummary,
  PixelRegion,
  ReadImageOptions,
} from './model.ts';
export { FitsFile, openFits, openFitsBytes } from './open-fits.ts';
