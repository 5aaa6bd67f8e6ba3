import type { MaskPlane } from '../../kernels/index.ts';
import { centreWindow } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';
import type { ExtractionConfig } from './extraction-config.ts';
import type { Measurable } from './measurable.ts';
import { bitsOf, varianceAt } from './measurable.ts';
import { ellipseReach, measureEllipse } from './measure-aperture.ts';
import { measureCoreWidth } from './measure-core-width.ts';
import type { Isophote } from './measure-isophote.ts';
import { measureFluxRadius, measureKronRadius } from './measure-profile.ts';
import type { Source } from './model.ts';

/** A source together with the footprint it was measured from. */
export interface ExtractedSource extends Source {
  readonly isophote: Isophote;
  /** Radius of the Kron aperture that was used, in units of the rms axes. */
  readonly apertureRadius: number;
}

/** Bits of `Source.flags`, Source Extractor's. */
export const SourceFlag = {
  /** Over a tenth of the aperture belongs to neighbours or is masked. */
  NEIGHBOURS: 1,
  DEBLENDED: 2,
  SATURATED: 4,
  TRUNCATED: 8,
  APERTURE_INCOMPLETE: 16,
} as const;

/** A circle of FWHM 1 has this half-light radius and rms, for a Gaussian. */
const FWHM_PER_SIGMA = 2.3548;
/** In a hurry, footprints this large are merged crowds or galaxies: their windowed position is not worth its time. */
const MAX_HURRIED_AREA_PX = 1000;
const UNSETTLED = { x: 0, y: 0, fwhm: 0, isConverged: false };
/** Neighbours and bad pixels that fill more of the aperture than this are flagged. */
const CROWDED_FRACTION = 0.1;
/** Kron radii are summed this far out, in rms axes. */
const KRON_REACH = 6;

/**
 * Measure an object: windowed position and size, Kron flux, half-light radius.
 *
 * What cannot be measured (its light is not positive) is left with the isophotal numbers.
 *
 * @param own number of the object in `source.owners`.
 * @param gain electrons in one unit of the image for the noise of the source's own light; infinite if the
 *   variance holds it already.
 */
export function measureSource(
  isophote: Isophote,
  own: number,
  source: Measurable,
  mask: MaskPlane | undefined,
  gain: number,
  config: ExtractionConfig,
): ExtractedSource {
  const bits = mask === undefined ? 0 : bitsOf(mask, isophote.pixels);
  const { x, y } = findCentre(isophote, own, source, bits, config);
  const kronRadius = measureKronRadius(source, x, y, isophote, KRON_REACH, own);
  const apertureRadius = Math.max(config.kronFactor * kronRadius, config.kronMinRadius);
  const sum = measureEllipse(source, x, y, isophote, apertureRadius, config.subpixels, own);
  // A neighbour's hole or a mask can make the aperture's light negative; the isophote's is positive.
  const flux = sum.flux > 0 ? sum.flux : isophote.flux;
  const fluxErr = Math.sqrt(sum.fluxErr ** 2 + Math.max(0, flux) / gain);
  const halfLightRadius = measureFluxRadius(source, x, y, 6 * isophote.a, flux, 0.5, own);
  const flags =
    (sum.foreignFraction > CROWDED_FRACTION ? SourceFlag.NEIGHBOURS : 0) |
    (leavesImage(source, x, y, isophote, apertureRadius) ? SourceFlag.APERTURE_INCOMPLETE : 0);
  const described = describeMarked(isophote, own, source, bits, halfLightRadius);
  return {
    ...described,
    fluxE: flux,
    fluxErrE: fluxErr,
    snr: fluxErr > 0 ? flux / fluxErr : 0,
    kronRadius,
    flags: flags | described.flags,
    apertureRadius,
  };
}

/** Tell whether an ellipse reaches beyond the outermost pixels. */
function leavesImage({ image }: Measurable, x: number, y: number, shape: Isophote, radius: number): boolean {
  const reach = ellipseReach(shape);
  const right = image.width - 0.5;
  const top = image.height - 0.5;
  return (
    x - radius * reach.x < -0.5 ||
    y - radius * reach.y < -0.5 ||
    x + radius * reach.x > right ||
    y + radius * reach.y > top
  );
}

/** The isophote's centre, or a windowed one where missing pixels have pulled it away from them. */
function findCentre(
  isophote: Isophote,
  own: number,
  source: Measurable,
  bits: number,
  config: ExtractionConfig,
): { readonly x: number; readonly y: number } {
  if ((bits & config.excludedBits) === 0) return isophote;
  const sigma = Math.sqrt(isophote.a * isophote.b);
  const windowed = centreWindow(source, isophote.x, isophote.y, sigma, own, isophote.a);
  return windowed.isConverged ? windowed : isophote;
}

/**
 * Measure an object in a hurry: windowed position and size; its flux is the isophote's.
 */
export function describeIsophote(
  isophote: Isophote,
  own: number,
  source: Measurable,
  mask: MaskPlane | undefined,
): ExtractedSource {
  return describeMarked(isophote, own, source, mask === undefined ? 0 : bitsOf(mask, isophote.pixels), 0);
}

/**
 * @param bits of the mask that any of its pixels has.
 * @param halfLightRadius px, for the window; 0 takes the isophote's own size.
 */
function describeMarked(
  isophote: Isophote,
  own: number,
  source: Measurable,
  bits: number,
  halfLightRadius: number,
): ExtractedSource {
  const isophotalSigma = Math.sqrt(isophote.a * isophote.b);
  // In a crowd the half-light circle holds the neighbours; the isophote does not.
  const widest = 2 * isophote.a;
  const windowSigma = halfLightRadius > 0 ? Math.min((2 * halfLightRadius) / 2.35, widest) : isophotalSigma;
  const area = isophote.pixels.length;
  const isHurried = halfLightRadius === 0 && area > MAX_HURRIED_AREA_PX;
  const windowed = isHurried
    ? UNSETTLED
    : centreWindow(source, isophote.x, isophote.y, windowSigma, own, 2 * isophote.a);
  const isGood = windowed.isConverged;
  const pixelVariance = varianceAt(source, isophote.pixels[0]!);
  const fluxErr = Math.sqrt(area * pixelVariance + Math.max(0, isophote.flux));
  return {
    xPx: isGood ? windowed.x : isophote.x,
    yPx: isGood ? windowed.y : isophote.y,
    fluxE: isophote.flux,
    fluxErrE: fluxErr,
    peakE: isophote.peak,
    snr: fluxErr > 0 ? isophote.flux / fluxErr : 0,
    aPx: isophote.a,
    bPx: isophote.b,
    thetaRad: isophote.theta,
    fwhmPx:
      isGood && windowed.fwhm > 0
        ? measureCoreWidth(source, windowed.x, windowed.y, windowed.fwhm, own)
        : FWHM_PER_SIGMA * isophotalSigma,
    halfLightRadiusPx: halfLightRadius,
    kronRadius: 0,
    areaPx: area,
    flags: isophoteFlags(isophote, source, bits),
    maskBits: bits,
    isophote,
    apertureRadius: 0,
  };
}

function isophoteFlags({ pixels, isDeblended }: Isophote, source: Measurable, bits: number): number {
  let flags = isDeblended ? SourceFlag.DEBLENDED : 0;
  if ((bits & MaskBit.SAT) !== 0) flags |= SourceFlag.SATURATED;
  return touchesEdge(pixels, source) ? flags | SourceFlag.TRUNCATED : flags;
}

function touchesEdge(pixels: Int32Array, { image }: Measurable): boolean {
  const { width, height } = image;
  for (let k = 0; k < pixels.length; k++) {
    const at = pixels[k]!;
    const x = at % width;
    if (x === 0 || x === width - 1 || at < width || at >= width * (height - 1)) return true;
  }
  return false;
}
