/** A star to put into a science image of which everything is known. */
export interface Injection {
  /** 0, 1, 2 ... in the order of their making; with the seed it fixes the star's photons. */
  readonly id: number;
  /** Zero-based pixels of the science grid. */
  readonly xPx: number;
  readonly yPx: number;
  /** Science e-; negative for a star that faded. */
  readonly fluxE: number;
  /** Its expected |flux| / error in this difference, own photons included, sigma. */
  readonly snr: number;
  readonly kind: 'hostless' | 'hosted';
  /** Light beneath it in the science image, e- per pixel; about 0 without a host. */
  readonly surfaceE: number;
  /** Which copy of the image it goes into: those of one pass keep clear of each other. */
  readonly pass: number;
}

/** A star as a detector would have counted it: electrons on the pixels around (xPx, yPx). */
export interface DrawnStar {
  /** The middle pixel. */
  readonly xPx: number;
  readonly yPx: number;
  /** Odd side of the stamp, px. */
  readonly size: number;
  /** (size, size) e-, Poisson noise in it; negative for a star that faded. */
  readonly data: Float32Array;
}

/** Where, how bright and how many stars are injected. */
export interface InjectionConfig {
  /** Stars injected in all, in as many passes as they need. Default 200. */
  readonly injections: number;
  /** Seed of places, fluxes and photons. Default 1. */
  readonly seed: number;
  /** Part of them that lies on extended sources, 0..1, as far as there are any. Default 0.3. */
  readonly hostedFraction: number;
  /** Which changes are injected: `positive`, `negative` (a star that faded) or `both` by turns. Default `positive`. */
  readonly sign: 'positive' | 'negative' | 'both';
  /** Faintest and brightest expected S/N; most lie where completeness rises, from 3.5 to 7. Default 2 to 15. */
  readonly minSnr: number;
  readonly maxSnr: number;
}

export const DEFAULT_INJECTION_CONFIG: InjectionConfig = {
  injections: 200,
  seed: 1,
  hostedFraction: 0.3,
  sign: 'positive',
  minSnr: 2,
  maxSnr: 15,
};
