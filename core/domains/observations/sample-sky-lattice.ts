import type { Wcs } from './wcs/index.ts';
import { pixelScaleArcsec, pixelToSky } from './wcs/index.ts';

/** Sky positions on a lattice of pixels; node (i, j), row-major, is at pixel (i * stepPx, j * stepPx). */
export interface SkyLattice {
  readonly stepPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly raDeg: readonly number[];
  readonly decDeg: readonly number[];
  readonly pixelScaleArcsec: number;
}

/**
 * Sample a WCS on a lattice that covers an image, for readers that must not carry projections.
 *
 * Interpolating unit vectors between nodes errs by about (step / R)^2 / 8 of a step, where R is the radius of
 * curvature of the projection in pixels: 32 px keep it below 0.01 px on survey cameras.
 */
export function sampleSkyLattice(wcs: Wcs, width: number, height: number, stepPx = 32): SkyLattice {
  const columns = Math.ceil((width - 1) / stepPx) + 1;
  const rows = Math.ceil((height - 1) / stepPx) + 1;
  const raDeg: number[] = [];
  const decDeg: number[] = [];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const sky = pixelToSky(wcs, i * stepPx, j * stepPx);
      raDeg.push(sky.raDeg);
      decDeg.push(sky.decDeg);
    }
  }
  return { stepPx, columns, rows, raDeg, decDeg, pixelScaleArcsec: pixelScaleArcsec(wcs) };
}
