import type { Plane } from '../../../kernels/index.ts';
import type { Header } from '../model.ts';
import type { SpikeRecipe } from './draw-spikes.ts';

/** How unkind the simulated sky is: `easy` for unit tests, `survey` a good night, `hard` a bad one. */
export type Difficulty = 'easy' | 'survey' | 'hard';

/** What to simulate; everything else follows from the seed. */
export interface SimulateConfig {
  /** Side of both images, px; default 2048, 128 at least. */
  readonly sizePx: number;
  /** Injected changes of all kinds; default 60. */
  readonly transients: number;
  /** Seed of every random number; default 1. */
  readonly seed: number;
  /** Preset of the recipe; default `survey`. */
  readonly difficulty: Difficulty;
  /** Stars in the science field; default from the recipe's density. */
  readonly stars?: number | undefined;
  /** Which exposure of this very sky: other photons, all else the same; default 0. */
  readonly exposure?: number | undefined;
  /** Fields of the preset to replace, for experiments. */
  readonly recipe?: Partial<SkyRecipe> | undefined;
}

/** One camera on one night. */
export interface CameraRecipe {
  readonly gainEPerAdu: number;
  readonly readNoiseE: number;
  /** Level where a pixel is full, e-. */
  readonly fullWellE: number;
  readonly exposureS: number;
  /** Mean sky per pixel, e-. */
  readonly skyE: number;
  /** Peak-to-centre change of the sky over the field, fraction of `skyE`. */
  readonly skyGradient: number;
  /** Electrons of this camera for one electron of the science camera. */
  readonly throughput: number;
  /** FWHM of the Moffat profile at the field's centre, px; the pixel itself adds 1/12 px^2 to its variance. */
  readonly fwhmPx: number;
  /** Moffat exponent: 4.77 is pure Kolmogorov, real cameras have 2.5 to 3.5. */
  readonly beta: number;
  /** Fractional change of the FWHM from centre to edge. */
  readonly fwhmVariation: number;
  /** Ellipticity (a^2 - b^2)/(a^2 + b^2) at the centre, and how much it changes to the edge. */
  readonly ellipticity: number;
  readonly ellipticityVariation: number;
}

/** The sky and the accidents of one pair of images. */
export interface SkyRecipe {
  readonly science: CameraRecipe;
  readonly template: CameraRecipe;
  readonly starsPerMegapixel: number;
  readonly galaxiesPerMegapixel: number;
  /** Slope a of the star counts dN/dm ~ 10^(a m). */
  readonly starCountSlope: number;
  /** Largest shift between the two grids, px. */
  readonly ditherPx: number;
  /** Largest rotation between the two grids, degrees. */
  readonly rotationDeg: number;
  /** Largest |scale ratio - 1| of the two grids. */
  readonly scaleDifference: number;
  /** Cubic distortion of the template at the corner that its WCS does not know, px. */
  readonly distortionPx: number;
  /** Error of the template's header WCS, px. */
  readonly templateWcsErrorPx: number;
  /** Smooth error of the flat field between the two images, fraction, peak. */
  readonly flatError: number;
  /** Fraction of stars that moved between the epochs, by 0.1 to 0.5 px. */
  readonly movedStars: number;
  readonly cosmicRaysPerMegapixel: number;
  readonly hotPixelsPerMegapixel: number;
  readonly badColumns: number;
  readonly satelliteTrails: number;
  /** Diffraction spikes of both telescopes; absent from all presets. */
  readonly spikes?: SpikeRecipe | undefined;
  /** Fraction of the charge over the full well that bleeds along the column; the rest is lost. */
  readonly bleedFraction: number;
  /** Range of the injected changes' S/N; drawn uniformly in its logarithm. */
  readonly snrRange: readonly [number, number];
}

export type TruthKind = 'hostless' | 'hosted' | 'variable' | 'moving';

/** One thing that changed between template and science. */
export interface TruthRow {
  readonly kind: TruthKind;
  /** Zero-based pixels of the science grid. */
  readonly xPx: number;
  readonly yPx: number;
  readonly raDeg: number;
  readonly decDeg: number;
  /** Science minus template on the science image's flux scale, e-; negative if it faded. */
  readonly fluxE: number;
  /** |expected S_corr| at the true position; see `expectSnr`. */
  readonly snr: number;
  readonly isNegative: boolean;
  /** Flux of the unchanged source beneath (star or galaxy within the PSF), science e-; 0 if none. */
  readonly underlyingFluxE: number;
}

export type ArtefactKind = 'cosmic-ray' | 'hot-pixel' | 'bad-column' | 'satellite-trail';

/** Something that a detector or the sky did and no astronomer wants; one point of it. */
export interface Artefact {
  readonly kind: ArtefactKind;
  readonly xPx: number;
  readonly yPx: number;
}

/** A star or galaxy that was drawn: position in both images and flux on the science scale. */
export interface SkySource {
  readonly kind: 'star' | 'galaxy';
  readonly xPx: number;
  readonly yPx: number;
  readonly xTemplatePx: number;
  readonly yTemplatePx: number;
  readonly fluxE: number;
}

/** One of the two images, as a camera would have written it: whole ADU in 0..65535. */
export interface SimulatedImage {
  readonly pixels: Plane;
  /** Without the cards that only a file has (SIMPLE, BITPIX, NAXISn). */
  readonly header: Header;
}

/** A pair of images of the same sky and everything that is true of it. */
export interface SimulatedField {
  readonly science: SimulatedImage;
  readonly template: SimulatedImage;
  readonly truth: readonly TruthRow[];
  readonly artefacts: readonly Artefact[];
  readonly sources: readonly SkySource[];
  /** The PSFs as drawn, for tests that want the true ones. */
  readonly sciencePsf: PsfField;
  readonly templatePsf: PsfField;
  /** Science e- for one template e-. */
  readonly fluxRatio: number;
}

/** An elliptical Moffat PSF whose size and shape vary over the image; plain data. */
export interface PsfField {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly beta: number;
  /** FWHM = c0 + c1 u + c2 v + c3 (u^2 + v^2), with u and v in [-1, 1] over the image; px. */
  readonly fwhmPx: readonly [number, number, number, number];
  /** Both ellipticity components as c0 + c1 u + c2 v. */
  readonly e1: readonly [number, number, number];
  readonly e2: readonly [number, number, number];
}
