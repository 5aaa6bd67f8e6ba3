import type { TaskContext, TaskRunner } from '../../utils/index.ts';
import type { ImageSource } from '../observations/index.ts';
import type { DifferencingConfig } from './config.ts';
import type { ImageMatch } from './match/image-match.ts';
import type { DifferencingMethod, KernelMetrics, MeasuredStar, SpatialPsf } from './model.ts';
import type { BrightStar } from './saturated/model-saturated.ts';
import type { AssembledDifference } from './tiles/assemble-difference.ts';
import type { StarLists } from './tiles/find-bright-stars.ts';

/** Two images on one grid and all that was measured of them: what every engine starts from. */
export interface MeasuredPair {
  /** The exposure's name, for messages. */
  readonly name: string;
  /** e-, background-subtracted; the template its own e-. May move from memory to files: tasks are given `pixelsOf`. */
  readonly science: ImageSource;
  readonly template: ImageSource;
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  readonly stars: StarLists;
  /** Clean stars of the science image whose flux is what the template says: not variable. */
  readonly constantStars: readonly MeasuredStar[];
  readonly match: ImageMatch;
  /** Astrometric noise of a single star relative to the template, per axis, px. */
  readonly sigmaXPx: number;
  readonly sigmaYPx: number;
  /** Noise per pixel of the resampled template over that of the original, <= 1. */
  readonly noiseCorrelationFactor: number;
}

/** One engine's difference of a pair, before its background is removed and its score calibrated. */
export interface EngineProduct {
  readonly method: DifferencingMethod;
  readonly assembled: AssembledDifference;
  /** PSF of the difference. */
  readonly psf: SpatialPsf;
  /** Profiles and flux ratio it was subtracted with in the end. */
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  readonly match: ImageMatch;
  /** Stars whose cores were rebuilt, as in the science image. */
  readonly saturated: readonly BrightStar[];
  /** How its kernel came about; absent where there is none. */
  readonly kernel?: KernelMetrics | undefined;
}

/** A way to subtract a template; all of them take the same pair and give the same planes. */
export type Engine = (
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
) => Promise<EngineProduct>;
