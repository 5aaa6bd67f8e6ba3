import type { Header } from '../model.ts';
import type { Wcs } from './model.ts';
import { parseWcs } from './parse-wcs.ts';

/** A gnomonic image of the sky, as a simulator or a fit describes it. */
export interface TangentPlane {
  readonly raDeg: number;
  readonly decDeg: number;
  /** Zero-based pixel of the tangent point. */
  readonly xPx: number;
  readonly yPx: number;
  readonly pixelScaleArcsec: number;
  /** Position angle of the +y axis, degrees from north through east; default 0. */
  readonly positionAngleDeg?: number | undefined;
  /** Default true: east is left when north is up. */
  readonly isEastLeft?: boolean | undefined;
}

/**
 * Give the header cards that describe a WCS, to be written to any image on the same grid.
 *
 * Those of the header it was parsed from, unchanged: nothing is lost in translation.
 */
export function writeWcsCards(wcs: Wcs): Header {
  return wcs.cards;
}

/** Make a TAN WCS (ICRS, CD matrix, no distortion). */
export function makeTanWcs(plane: TangentPlane): Wcs {
  const scale = plane.pixelScaleArcsec / 3600;
  const angle = ((plane.positionAngleDeg ?? 0) * Math.PI) / 180;
  const parity = (plane.isEastLeft ?? true) ? -1 : 1;
  const [cosine, sine] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const cards: Header = [
    { keyword: 'WCSAXES', value: 2 },
    { keyword: 'CTYPE1', value: 'RA---TAN' },
    { keyword: 'CTYPE2', value: 'DEC--TAN' },
    { keyword: 'CUNIT1', value: 'deg' },
    { keyword: 'CUNIT2', value: 'deg' },
    { keyword: 'CRPIX1', value: plane.xPx + 1 },
    { keyword: 'CRPIX2', value: plane.yPx + 1 },
    { keyword: 'CRVAL1', value: plane.raDeg },
    { keyword: 'CRVAL2', value: plane.decDeg },
    { keyword: 'CD1_1', value: parity * cosine },
    { keyword: 'CD1_2', value: sine },
    { keyword: 'CD2_1', value: -parity * sine },
    { keyword: 'CD2_2', value: cosine },
    { keyword: 'RADESYS', value: 'ICRS' },
  ];
  return parseWcs(cards)!;
}
