import type { Card } from '../model.ts';

const RAD = Math.PI / 180;

/** The simulator's own tangent-plane grid: kept apart from the WCS code so that each can test the other. */
export interface SkyGrid {
  readonly raDeg: number;
  readonly decDeg: number;
  /** Zero-based pixel of the tangent point. */
  readonly xPx: number;
  readonly yPx: number;
  /** Degrees per pixel: [[xx, xy], [yx, yy]] takes pixel offsets to the tangent plane. */
  readonly cd: readonly [number, number, number, number];
}

/** Make a grid from its pixel scale and position angle; x runs against right ascension. */
export function makeSkyGrid(
  raDeg: number,
  decDeg: number,
  xPx: number,
  yPx: number,
  scaleArcsec: number,
  rotationDeg: number,
): SkyGrid {
  const s = scaleArcsec / 3600;
  const cos = Math.cos(rotationDeg * RAD);
  const sin = Math.sin(rotationDeg * RAD);
  return { raDeg, decDeg, xPx, yPx, cd: [-s * cos, s * sin, s * sin, s * cos] };
}

/** Sky position (deg) of a pixel. @see Calabretta & Greisen 2002, A&A 395, 1077, 5.1.3 */
export function gridToSky(grid: SkyGrid, xPx: number, yPx: number): readonly [number, number] {
  const [xx, xy, yx, yy] = grid.cd;
  const xi = (xx * (xPx - grid.xPx) + xy * (yPx - grid.yPx)) * RAD;
  const eta = (yx * (xPx - grid.xPx) + yy * (yPx - grid.yPx)) * RAD;
  const dec0 = grid.decDeg * RAD;
  const down = Math.cos(dec0) - eta * Math.sin(dec0);
  const ra = grid.raDeg + Math.atan2(xi, down) / RAD;
  const dec = Math.atan2(Math.sin(dec0) + eta * Math.cos(dec0), Math.hypot(xi, down));
  return [((ra % 360) + 360) % 360, dec / RAD];
}

/** Pixel of a sky position (deg) on the tangent point's side of the sky. */
export function skyToGrid(grid: SkyGrid, raDeg: number, decDeg: number): readonly [number, number] {
  const dec = decDeg * RAD;
  const dec0 = grid.decDeg * RAD;
  const dra = (raDeg - grid.raDeg) * RAD;
  const cosine = Math.sin(dec) * Math.sin(dec0) + Math.cos(dec) * Math.cos(dec0) * Math.cos(dra);
  const xi = (Math.cos(dec) * Math.sin(dra)) / cosine / RAD;
  const eta =
    (Math.sin(dec) * Math.cos(dec0) - Math.cos(dec) * Math.sin(dec0) * Math.cos(dra)) / cosine / RAD;
  const [xx, xy, yx, yy] = grid.cd;
  const determinant = xx * yy - xy * yx;
  return [grid.xPx + (yy * xi - xy * eta) / determinant, grid.yPx + (xx * eta - yx * xi) / determinant];
}

/** The cards that write a grid down (CRPIX one-based, as FITS wants). */
export function gridCards(grid: SkyGrid): readonly Card[] {
  const [xx, xy, yx, yy] = grid.cd;
  return [
    { keyword: 'WCSAXES', value: 2 },
    { keyword: 'CTYPE1', value: 'RA---TAN' },
    { keyword: 'CTYPE2', value: 'DEC--TAN' },
    { keyword: 'CUNIT1', value: 'deg' },
    { keyword: 'CUNIT2', value: 'deg' },
    { keyword: 'CRVAL1', value: grid.raDeg },
    { keyword: 'CRVAL2', value: grid.decDeg },
    { keyword: 'CRPIX1', value: grid.xPx + 1 },
    { keyword: 'CRPIX2', value: grid.yPx + 1 },
    { keyword: 'CD1_1', value: xx },
    { keyword: 'CD1_2', value: xy },
    { keyword: 'CD2_1', value: yx },
    { keyword: 'CD2_2', value: yy },
    { keyword: 'RADESYS', value: 'ICRS' },
  ];
}
