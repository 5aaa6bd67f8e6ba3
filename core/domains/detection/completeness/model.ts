import type { Injection } from '../../differencing/index.ts';

/** How far an injected star got: each step holds those before it. */
export type Outcome = 'missed' | 'vetoed' | 'doubted' | 'found';

/** An injected star and what became of it. */
export interface RecoveredInjection extends Injection {
  /**
   * `missed`: nothing over threshold with its sign within the matching radius; `vetoed`: by a rule; `doubted`: a
   * candidate that the model calls unreal; `found`: a candidate that it calls real (any candidate without a model).
   */
  readonly outcome: Outcome;
  /** What detection measured, where it was detected. */
  readonly measured?:
    | {
        readonly xPx: number;
        readonly yPx: number;
        readonly fluxE: number;
        readonly fluxErrE: number;
        readonly scorr: number;
        /** The first rule that took it out. */
        readonly veto?: string | undefined;
        readonly score?: number | undefined;
      }
    | undefined;
  /** Flux of the difference at its true pixel, and what a star of this flux has there without noise, e-. */
  readonly forcedFluxE: number;
  readonly expectedFluxE: number;
  readonly forcedErrE: number;
}

/** A number with its 1 sigma error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** Found out of injected in a range, with the central 68.3 % interval (Beta, Jeffreys' prior). */
export interface EfficiencyBin {
  readonly from: number;
  readonly to: number;
  readonly injected: number;
  readonly found: number;
  readonly low: number;
  readonly high: number;
}

/** eps = eps0 / (1 + exp(-(s - centre) / width)) rising with s, or falling: with (s - centre) reversed. */
export interface EfficiencyCurve {
  readonly ceiling: number;
  readonly centre: number;
  readonly width: number;
  /** Where half and nine tenths of what is there are found; absent where the curve does not get so high. */
  readonly at50?: Estimate | undefined;
  readonly at90?: Estimate | undefined;
  readonly bins: readonly EfficiencyBin[];
}

/** Completeness of a part of the injections: a cell of the image, or hosts of like brightness. */
export interface GroupCompleteness {
  readonly injected: number;
  readonly found: number;
  /** Curve of the whole, moved by what this part's own injections say, and no more than they can tell. */
  readonly snr50?: Estimate | undefined;
  readonly snr90?: Estimate | undefined;
  /** The magnitudes of those S/N at this part's own noise. */
  readonly mag50?: number | undefined;
  readonly mag90?: number | undefined;
}

export interface CellCompleteness extends GroupCompleteness {
  /** First pixel and size. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface HostCompleteness extends GroupCompleteness {
  /** Host's light beneath the stars, e- per pixel: from, to. */
  readonly fromE: number;
  readonly toE: number;
}

/** What an image's own injections say of it. */
export interface Completeness {
  readonly seed: number;
  /** |S_corr| from which a peak is a detection. */
  readonly thresholdSigma: number;
  readonly injected: number;
  readonly detected: number;
  /** Candidates: detected and not vetoed. */
  readonly found: number;
  /** Candidates that the model calls real; absent without a model. */
  readonly calledReal?: number | undefined;
  /** Share of the image's pixels that stars could go to, 0..1: limits hold there. */
  readonly usableFraction: number;
  /** Hostless stars only: against expected S/N. */
  readonly bySnr: EfficiencyCurve;
  /** The same for what is over threshold, whatever the vetoes say, and for what the model calls real. */
  readonly detectedBySnr: EfficiencyCurve;
  readonly realBySnr?: EfficiencyCurve | undefined;
  /** All stars, hosted ones too. */
  readonly byMag: EfficiencyCurve;
  /** `instrumental`: -2.5 log10(e-/s); `calibrated`: with the exposure's zeropoint. */
  readonly magnitudes: 'instrumental' | 'calibrated';
  readonly hostless: GroupCompleteness;
  readonly hosted?: GroupCompleteness | undefined;
  readonly cells: readonly CellCompleteness[];
  readonly hosts: readonly HostCompleteness[];
  /** Measured over true flux of the found beyond S/N 8, less one: median and its error. */
  readonly fluxBias?: Estimate | undefined;
  /** Measured less true position of the found beyond S/N 8, rms of one axis, px. */
  readonly positionRmsPx?: Estimate | undefined;
  /** (forced flux - expected) / error of all hostless stars: mean, and robust sigma. */
  readonly pullMean: Estimate;
  readonly pullSigma: Estimate;
  /** Rules that took injected stars out, with how many. */
  readonly vetoes: Readonly<Record<string, number>>;
  readonly injections: readonly RecoveredInjection[];
}
