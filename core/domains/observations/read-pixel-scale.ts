import { headerNumber } from './header.ts';
import type { Header } from './model.ts';

/** Keywords that hold the size of a pixel, arcsec. */
const ARCSEC = [
  'PIXSCALE',
  'PIXSCAL',
  'PIXSCAL1',
  'SECPIX',
  'SECPIX1',
  'PXSCALE',
  'PIXELSCL',
  'SCALE',
  'PLTSCALE',
];
/** Sizes that a pixel of a telescope or a camera lens may have, arcsec. */
const RANGE = [0.005, 900] as const;
/** Arcsec in a radian over micrometres in a millimetre. */
const ARCSEC_PER_MICROMETRE_OVER_MM = 206.264806;

/**
 * Read the size of a pixel from what a header says beside its WCS, arcsec.
 *
 * A keyword of its own, CD or CDELT without the rest of a WCS, or pixel size over focal length (XPIXSZ counts
 * binning in, as most acquisition programs write it).
 */
export function readPixelScale(header: Header): number | undefined {
  const isSound = (value: number | undefined): value is number =>
    value !== undefined && Math.abs(value) >= RANGE[0] && Math.abs(value) <= RANGE[1];
  const named = ARCSEC.map((keyword) => headerNumber(header, keyword)).find(isSound);
  if (named !== undefined) return Math.abs(named);
  const element = (name: string): number => headerNumber(header, name) ?? 0;
  const determinant = element('CD1_1') * element('CD2_2') - element('CD1_2') * element('CD2_1');
  const degrees = [
    Math.sqrt(Math.abs(determinant)),
    headerNumber(header, 'CDELT2'),
    headerNumber(header, 'CDELT1'),
  ];
  const fromWcs = degrees.map((value) => value && Math.abs(value) * 3600).find(isSound);
  // CDELT = 1 stands for "not set".
  if (fromWcs !== undefined && fromWcs !== 3600) return fromWcs;
  const sizeMicrometre = headerNumber(header, 'XPIXSZ') ?? headerNumber(header, 'PIXSIZE1');
  const focalMm = headerNumber(header, 'FOCALLEN');
  if (sizeMicrometre === undefined || focalMm === undefined || !(focalMm > 0)) return undefined;
  const scale = (ARCSEC_PER_MICROMETRE_OVER_MM * sizeMicrometre) / focalMm;
  return isSound(scale) ? scale : undefined;
}
