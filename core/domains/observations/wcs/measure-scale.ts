import { pixelsToSky } from './map-sky.ts';
import type { Wcs } from './model.ts';

const RADIAN = Math.PI / 180;

/** How an image lies on the sky at one pixel. */
export interface Orientation {
  /** Geometric mean size of a pixel, arcsec. */
  readonly pixelScaleArcsec: number;
  /** Position angle of the +y axis, degrees from north through east, in (-180, 180]. */
  readonly positionAngleDeg: number;
  /** True when east is 90 degrees counterclockwise from north, as on the sky: left, when north is up. */
  readonly isEastLeft: boolean;
}

/**
 * Measure scale, rotation and parity of an image at a pixel, distortion included.
 *
 * @param xPx default: the reference pixel, which may lie outside the image.
 * @returns NaN numbers where the projection shows no sky.
 */
export function measureOrientation(wcs: Wcs, xPx = wcs.xRefPx, yPx = wcs.yRefPx): Orientation {
  const half = 0.5;
  const { raDeg, decDeg } = pixelsToSky(
    wcs,
    new Float64Array([xPx, xPx - half, xPx + half, xPx, xPx]),
    new Float64Array([yPx, yPx, yPx, yPx - half, yPx + half]),
  );
  const [ra, dec] = [raDeg[0]! * RADIAN, decDeg[0]! * RADIAN];
  const east = [-Math.sin(ra), Math.cos(ra), 0];
  const north = [-Math.sin(dec) * Math.cos(ra), -Math.sin(dec) * Math.sin(ra), Math.cos(dec)];
  const vector = (i: number): number[] => {
    const [r, d] = [raDeg[i]! * RADIAN, decDeg[i]! * RADIAN];
    return [Math.cos(d) * Math.cos(r), Math.cos(d) * Math.sin(r), Math.sin(d)];
  };
  const step = (from: number, to: number): [number, number] => {
    const [a, b] = [vector(from), vector(to)];
    const along = (axis: readonly number[]): number =>
      axis.reduce((sum, value, k) => sum + value * (b[k]! - a[k]!), 0);
    return [along(east), along(north)];
  };
  const [eastByX, northByX] = step(1, 2);
  const [eastByY, northByY] = step(3, 4);
  const determinant = eastByX * northByY - northByX * eastByY;
  return {
    pixelScaleArcsec: (Math.sqrt(Math.abs(determinant)) / RADIAN) * 3600,
    positionAngleDeg: Math.atan2(eastByY, northByY) / RADIAN,
    isEastLeft: determinant < 0,
  };
}

/** Tell the mean size of a pixel at the reference pixel or another, arcsec. */
export function pixelScaleArcsec(wcs: Wcs, xPx?: number, yPx?: number): number {
  return measureOrientation(wcs, xPx, yPx).pixelScaleArcsec;
}
