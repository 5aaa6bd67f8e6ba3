import type { DifferenceGrade } from '../domains/differencing/index.ts';
import type { ErrorRecord } from '../utils/index.ts';

/** A place whose light is followed: on the sky, or on the template's pixels. */
export type CurvePosition =
  | { readonly kind: 'sky'; readonly name: string; readonly raDeg: number; readonly decDeg: number }
  | { readonly kind: 'pixel'; readonly name: string; readonly xPx: number; readonly yPx: number };

/** The brightness of one place over time, on the template's flux scale. */
export interface LightCurve {
  readonly position: CurvePosition;
  /** Zero-based pixels of the template; absent if the place is known only in the science frames. */
  readonly xTemplatePx?: number | undefined;
  readonly yTemplatePx?: number | undefined;
  /** PSF flux of the template here, neighbours left alone, template e-; it is in every point's `fluxE`. */
  readonly templateFluxE?: number | undefined;
  readonly templateFluxErrE?: number | undefined;
  /** Detections whose S/N-weighted mean the position is; absent where it is as it was given. */
  readonly averagedDetections?: number | undefined;
  /** nJy for one template electron here, where the template has a zeropoint. */
  readonly nJyPerE?: number | undefined;
  /** In order of time; those without a time last. */
  readonly points: readonly CurvePoint[];
}

interface PointFacts {
  /** The science file, as it was named. */
  readonly path: string;
  /** Middle of the exposure, MJD TAI. */
  readonly midpointMjdTai?: number | undefined;
  /** Middle of the exposure as the header gives it for the Sun's centre, where it gives no other: MJD of the HJD. */
  readonly midpointMjdHeliocentric?: number | undefined;
  readonly band?: string | undefined;
}

/** What one epoch says: a flux, or why there is none. */
export type CurvePoint = MeasuredPoint | FailedPoint;

export interface FailedPoint extends PointFacts {
  readonly kind: 'failed';
  readonly error: ErrorRecord;
}

export interface MeasuredPoint extends PointFacts {
  readonly kind: 'measured';
  /** Zero-based pixels of the science image. */
  readonly xPx: number;
  readonly yPx: number;
  /** Brightness and its error, template e-: the template's flux (where it has one) plus the change, or the direct flux. */
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** The same in nJy, and as an AB magnitude where it is brighter than nothing; where the template has a zeropoint. */
  readonly fluxNJy?: number | undefined;
  readonly fluxErrNJy?: number | undefined;
  readonly mag?: number | undefined;
  readonly magErr?: number | undefined;
  /** Science minus template, template e-; the error holds noise and the pair's own subtraction error. */
  readonly changeE: number;
  readonly changeErrE: number;
  /** `changeE` over its error, signed. */
  readonly changeSnr: number;
  /** On the science image as it is, neighbours left alone, template e-. */
  readonly directE: number;
  readonly directErrE: number;
  /** Brightness above which a change would have been seen: 3 and 5 times the error, template e-. */
  readonly limit3E: number;
  readonly limit5E: number;
  /** Change that the epoch's own injected stars say is found half the time here, template e-; where they were asked for. */
  readonly limitInjectedE?: number | undefined;
  readonly quality: PointQuality;
}

/** What tells a good point from a bad one. */
export interface PointQuality {
  readonly grade: DifferenceGrade;
  /** Sentences that say why the difference is not green. */
  readonly gradeReasons: readonly string[];
  /** Of the PSF's fit to the difference, per degree of freedom. */
  readonly chi2: number;
  readonly maskedFraction: number;
  readonly negativeFraction: number;
  readonly fwhmPx: number;
  readonly seeingArcsec?: number | undefined;
  /** Fraction of the science image that the template covers. */
  readonly overlap: number;
  readonly registrationRmsPx: number;
  /** Science electrons for one template electron here, and the error of that. */
  readonly fluxRatio: number;
  readonly fluxRatioErr: number;
  readonly noiseFactor: number;
  /** Names of what is unusual: `masked`, `poor-fit`, `yellow`, `red`, `is-template`, `change-only`. */
  readonly flags: readonly string[];
}
