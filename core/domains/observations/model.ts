import type { MaskPlane, Plane } from '../../kernels/index.ts';
import type { Wcs } from './wcs/index.ts';

/** One header card. A CONTINUEd string is joined; HIERARCH keywords keep their spaces. */
export interface Card {
  readonly keyword: string;
  /** `undefined` for commentary cards (whose text is `comment`) and cards without a value; complex numbers stay text. */
  readonly value: string | number | boolean | undefined;
  /** The digits of an integer beyond 2^53, which `value` holds only nearly. */
  readonly raw?: string | undefined;
  readonly comment?: string | undefined;
}

/** The cards of one header in file order. */
export type Header = readonly Card[];

/** What the line needs to know of an exposure, from its header or an instrument profile. */
export interface ExposureFacts {
  readonly gainEPerAdu: number;
  readonly readNoiseE: number;
  /** ADU above which a pixel is saturated; `undefined` if neither header nor profile nor pixels tell. */
  readonly saturationAdu?: number | undefined;
  readonly exposureS?: number | undefined;
  readonly band?: string | undefined;
  readonly midpointMjdTai?: number | undefined;
  readonly instrument?: string | undefined;
  readonly telescope?: string | undefined;
  readonly object?: string | undefined;
  /** Pointing from the header's text, degrees ICRS, when there is no celestial WCS. */
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
  /** One sentence for each fact that had to be assumed or was repaired. */
  readonly notes: readonly string[];
}

/** Pixels and header of one integration by one detector, as read. */
export interface Exposure {
  /** Where it came from, for messages: a path, possibly with `[hdu]`. */
  readonly name: string;
  /** ADU; NaN where BLANK. */
  readonly pixels: Plane;
  readonly header: Header;
  readonly facts: ExposureFacts;
  readonly wcs?: Wcs | undefined;
}

/** Bits of a mask plane; several may be set at once. */
export const MaskBit = {
  BAD: 1,
  SAT: 2,
  EDGE: 4,
  CR: 8,
  NO_DATA: 16,
  DETECTED: 32,
  STREAK: 64,
  SPIKE: 128,
} as const;

/** The bits that make a pixel unfit for measuring. */
export const UNUSABLE =
  MaskBit.BAD | MaskBit.SAT | MaskBit.EDGE | MaskBit.CR | MaskBit.NO_DATA | MaskBit.STREAK | MaskBit.SPIKE;

/** Pixels in electrons with their variance and mask: what every later step works on. */
export interface MaskedImage {
  /** e-, background-subtracted; finite everywhere (masked pixels are filled with 0 or their neighbours' level). */
  readonly science: Plane;
  /** e-^2 per pixel: sky + source + read noise; positive and finite everywhere. */
  readonly variance: Plane;
  readonly mask: MaskPlane;
}
