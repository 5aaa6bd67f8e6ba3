export { cropHeader } from './crop-header.ts';
export { pixelsToPixels, pixelsToSky, pixelToSky, skyToPixel, skyToPixels } from './map-sky.ts';
export type { Orientation } from './measure-scale.ts';
export { measureOrientation, pixelScaleArcsec } from './measure-scale.ts';
export type {
  Distortion,
  PixelPosition,
  PlanePolynomial,
  Projection,
  SkyFrame,
  SkyPosition,
  Wcs,
} from './model.ts';
export { isWcsKeyword, parseWcs } from './parse-wcs.ts';
export { type RepairedHeader, repairWcsHeader } from './repair-header.ts';
export type { TangentPlane } from './write-wcs-cards.ts';
export { makeTanWcs, writeWcsCards } from './write-wcs-cards.ts';
