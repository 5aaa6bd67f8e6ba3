import type { ExposureFacts, Header, MaskedImage, Wcs } from '../observations/index.ts';

/** One source measured on a science image or template (a star or galaxy; not a detection). */
export interface Source {
  /** Windowed centroid, zero-based pixels. */
  readonly xPx: number;
  readonly yPx: number;
  /** Flux in an adaptive (Kron) aperture and its error, e-. */
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** Brightest pixel above background, e-. */
  readonly peakE: number;
  readonly snr: number;
  /** Isophotal second moments as an ellipse: rms along the axes (px) and angle (rad, counterclockwise from +x). */
  readonly aPx: number;
  readonly bPx: number;
  readonly thetaRad: number;
  readonly fwhmPx: number;
  /** Radius that holds half of `fluxE`, px. */
  readonly halfLightRadiusPx: number;
  readonly kronRadius: number;
  readonly areaPx: number;
  /** Source Extractor's bits: 1 neighbours, 2 deblended, 4 saturated, 8 truncated, 16 aperture incomplete. */
  readonly flags: number;
  /** OR of the mask bits inside the footprint. */
  readonly maskBits: number;
}

/** What turns counts into magnitudes: m = -2.5 log10(e-/s) + `zeropointMag` + the terms of colour and place. */
export interface Zeropoint {
  /** AB magnitude of 1 e-/s, for a star of the middle colour at the middle of the image. */
  readonly zeropointMag: number;
  readonly zeropointMagErr: number;
  /** Robust scatter of the stars about the fit, mag, and the part of it that their errors do not explain. */
  readonly scatterMag: number;
  readonly intrinsicScatterMag: number;
  /** Magnitudes a magnitude of colour beyond `colourMid`; 0 when none was needed. */
  readonly colourTerm: number;
  readonly colourTermErr: number;
  readonly colourName?: string | undefined;
  readonly colourMid?: number | undefined;
  /** Coefficients of U, V, U^2, UV, V^2 with U and V in [-1, 1] over the image; as many as the order wants. */
  readonly spatialOrder: number;
  readonly spatial: readonly number[];
  readonly widthPx: number;
  readonly heightPx: number;
  /** Stars of the fit, and those it left out. */
  readonly stars: number;
  readonly rejected: number;
  readonly band: string;
  readonly catalog: string;
}

/** An exposure after calibration. */
export interface CalibratedExposure extends MaskedImage {
  readonly name: string;
  readonly header: Header;
  readonly facts: ExposureFacts;
  readonly wcs?: Wcs | undefined;
  /** Median sky level, e-, that was subtracted, and the median rms of the background, e-. */
  readonly backgroundE: number;
  readonly backgroundRmsE: number;
  /** As of a `RegisteredTemplate`, of an image that was interpolated before it came here; absent: 1. */
  readonly noiseCorrelationFactor?: number | undefined;
  /** Median FWHM of point sources, px. */
  readonly fwhmPx: number;
  /** Brightest first. */
  readonly sources: readonly Source[];
  /** Absent without a reference catalogue of the field. */
  readonly zeropoint?: Zeropoint | undefined;
  /** Why and how much was masked, for the record and the screen. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/**
 * A polynomial from the plane to the plane.
 *
 * With `X = (x - xMid) / scalePx`, `Y` alike: `x' = sum xCoefficients[k] X^i Y^j` over i + j <= order, the terms in
 * the order 1, X, Y, X^2, XY, Y^2, X^3 ...
 */
export interface PlaneMap {
  readonly order: number;
  readonly xMid: number;
  readonly yMid: number;
  readonly scalePx: number;
  readonly xCoefficients: readonly number[];
  readonly yCoefficients: readonly number[];
  /** What no polynomial of a low order follows, to be added; absent where the stars do not show it. */
  readonly ripple?: SplineSurface | undefined;
}

/**
 * A pair of smooth surfaces over a rectangle, as sums of cubic B-splines; outside, the value of the nearest edge.
 *
 * Coefficient j * columns + i belongs to the spline centred at `xPx + (i - 1) * stepPx`, `yPx + (j - 1) * stepPx`; the
 * rectangle has `columns - 3` by `rows - 3` cells from (xPx, yPx).
 */
export interface SplineSurface {
  readonly xPx: number;
  readonly yPx: number;
  readonly stepPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly xCoefficients: readonly number[];
  readonly yCoefficients: readonly number[];
}

/** Maps pixels of the science grid onto pixels of the template as it was read; plain data, read by `mapPixel`. */
export type PixelMap =
  | { readonly kind: 'affine' | 'polynomial'; readonly plane: PlaneMap }
  | {
      readonly kind: 'wcs';
      readonly science: Wcs;
      readonly template: Wcs;
      /** Template pixels to be added, by science pixel; absent when the coordinates alone are as good. */
      readonly correction?: PlaneMap | undefined;
    };

/** What the map leaves of one star that it was fitted to. */
export interface RegistrationResidual {
  /** The star on the science image. */
  readonly xPx: number;
  readonly yPx: number;
  /** The star of the template less that of the science image, on the science grid, px. */
  readonly dxPx: number;
  readonly dyPx: number;
}

/** How the template was brought onto the science grid. */
export interface Registration {
  readonly method: 'wcs' | 'wcs+stars' | 'stars';
  /** Stars used by the final fit. */
  readonly matched: number;
  /** Two-dimensional rms of matched star offsets after the fit, px: sqrt(mean(dx^2 + dy^2)), weighted by their errors. */
  readonly rmsPx: number;
  /** Scatter per axis of the stars' offsets (robust), px: what ZOGY's astrometric term wants. */
  readonly sigmaXPx: number;
  readonly sigmaYPx: number;
  /** Median offset of matched stars after the fit, px: 0 but for what the map cannot follow. */
  readonly offsetXPx: number;
  readonly offsetYPx: number;
  /** Fraction of the science grid that the template covers, 0..1. */
  readonly overlap: number;
  readonly map: PixelMap;
  /** Of the stars used by the final fit, the best measured first; absent where none was. */
  readonly residuals?: readonly RegistrationResidual[] | undefined;
  readonly notes: readonly string[];
}

/** The template resampled onto the science grid. */
export interface RegisteredTemplate extends MaskedImage {
  /** Units: the template's own electrons per science-grid pixel (Jacobian applied). */
  readonly registration: Registration;
  /**
   * Noise of one pixel over what white noise of the same strength on large scales would have, <= 1 (Lanczos-3:
   * about 0.89; 1 when nothing was interpolated). `variance` is that of one pixel: divide by the square of this.
   */
  readonly noiseCorrelationFactor: number;
  /** Noise of one resampled pixel of empty sky, e-. */
  readonly backgroundRmsE: number;
  readonly fwhmPx: number;
  readonly sources: readonly Source[];
  readonly notes: readonly string[];
}
