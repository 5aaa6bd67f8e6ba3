import type { DetectionConfig } from '../config.ts';
import type { CompletenessConfig } from './config.ts';
import { describeGroup } from './describe-group.ts';
import { fitEfficiency, type Trial } from './fit-efficiency.ts';
import type {
  CellCompleteness,
  Completeness,
  Estimate,
  HostCompleteness,
  Outcome,
  RecoveredInjection,
} from './model.ts';
import type { Recoveries, Recovery } from './recover-injections.ts';

/** What turns injections into limits. */
export interface SummaryFacts {
  readonly width: number;
  readonly height: number;
  /** s; magnitudes are of e-/s, or of e- where it is not known. */
  readonly exposureS?: number | undefined;
  /** Magnitude of a flux at a place, where the exposure has a zeropoint. */
  readonly magnitudeAt?: ((fluxE: number, xPx: number, yPx: number) => number | undefined) | undefined;
  /** The model's score of each recovery's detection, in order; absent without a model. */
  readonly scores?: readonly (number | undefined)[] | undefined;
  /** Scores from which the model keeps a detection, and calls it real. */
  readonly minScore: number;
  readonly realScore: number;
}

const SNR_EDGES = [2, 3, 4, 4.5, 5, 5.5, 6, 7, 8, 10, 15];
/** A matched filter at five sigma rises within this width. */
const SNR_WIDTH = 0.6;
/** ... which is so many magnitudes at S/N 5. */
const MAG_WIDTH = 0.15;
const WIDTH_FACTOR = 1.6;
/** Injections that a cell, or a class of hosts, should hold at least. */
const PER_CELL = 12;
const MOST_CELLS = 4;
const HOST_CLASSES = 3;

/** Turn recovered injections into curves, limits by place and by host, and biases. */
export function summariseCompleteness(
  { recoveries, usableFraction }: Recoveries,
  config: CompletenessConfig,
  detection: Pick<DetectionConfig, 'thresholdSigma'>,
  facts: SummaryFacts,
): Completeness {
  const injections = recoveries.map((recovery, k) => judge(recovery, facts.scores?.[k], facts));
  const hostless = injections.filter(({ kind }) => kind === 'hostless');
  const hosted = injections.filter(({ kind }) => kind === 'hosted');
  const atSnr = (reaches: (outcome: Outcome) => boolean) =>
    fitEfficiency(
      hostless.map((star): Trial => ({ at: star.snr, isFound: reaches(star.outcome) })),
      { width: SNR_WIDTH, widthFactor: WIDTH_FACTOR, edges: SNR_EDGES, isRising: true },
    );
  const exposureS = facts.exposureS !== undefined && facts.exposureS > 0 ? facts.exposureS : 1;
  const magOf = ({ fluxE, xPx, yPx }: RecoveredInjection): number =>
    facts.magnitudeAt?.(fluxE, xPx, yPx) ?? -2.5 * Math.log10(Math.abs(fluxE) / exposureS);
  const mags = injections.map(magOf);
  const bySnr = atSnr(isCandidate);
  const group = (stars: readonly RecoveredInjection[]) => describeGroup(stars, bySnr, magOf);
  const vetoes: Record<string, number> = {};
  for (const { measured } of injections) {
    if (measured?.veto !== undefined) vetoes[measured.veto] = (vetoes[measured.veto] ?? 0) + 1;
  }
  const count = (reaches: (outcome: Outcome) => boolean) =>
    injections.filter(({ outcome }) => reaches(outcome)).length;
  return {
    seed: config.seed,
    thresholdSigma: detection.thresholdSigma,
    injected: injections.length,
    detected: count((outcome) => outcome !== 'missed'),
    found: count(isCandidate),
    calledReal: facts.scores && count((outcome) => outcome === 'found'),
    usableFraction,
    bySnr,
    detectedBySnr: atSnr((outcome) => outcome !== 'missed'),
    realBySnr: facts.scores && atSnr((outcome) => outcome === 'found'),
    byMag: fitEfficiency(
      injections.map((star, k): Trial => ({ at: mags[k]!, isFound: isCandidate(star.outcome) })),
      { width: MAG_WIDTH, widthFactor: WIDTH_FACTOR, edges: magnitudeEdges(mags), isRising: false },
    ),
    magnitudes: facts.magnitudeAt === undefined ? 'instrumental' : 'calibrated',
    hostless: group(hostless),
    hosted: hosted.length > 0 ? group(hosted) : undefined,
    cells: cutCells(injections, facts.width, facts.height, group),
    hosts: sortHosts(hosted, group),
    ...measureFluxes(hostless, injections),
    vetoes,
    injections,
  };
}

function isCandidate(outcome: Outcome): boolean {
  return outcome === 'doubted' || outcome === 'found';
}

function judge(
  { injection, detection, triplet: _triplet, ...forced }: Recovery,
  score: number | undefined,
  facts: SummaryFacts,
): RecoveredInjection {
  if (!detection) return { ...injection, ...forced, outcome: 'missed' };
  const isUnlikely = score !== undefined && score < facts.minScore;
  const veto = detection.vetoes[0]?.rule ?? (isUnlikely ? 'unlikely' : undefined);
  const isDoubted = score !== undefined && score < facts.realScore;
  const { xPx, yPx, fluxE, fluxErrE, scorr } = detection;
  return {
    ...injection,
    ...forced,
    outcome: veto !== undefined ? 'vetoed' : isDoubted ? 'doubted' : 'found',
    measured: { xPx, yPx, fluxE, fluxErrE, scorr, veto, score },
  };
}

/** Steps of half a magnitude over what was injected. */
function magnitudeEdges(mags: readonly number[]): readonly number[] {
  if (mags.length === 0) return [];
  const first = Math.floor(2 * Math.min(...mags)) / 2;
  const last = Math.ceil(2 * Math.max(...mags) + 1e-9) / 2;
  return Array.from({ length: Math.round(2 * (last - first)) + 1 }, (_, k) => first + k / 2);
}

/** Cut the image into as many cells as have a dozen injections each, at most 4 x 4. */
function cutCells(
  injections: readonly RecoveredInjection[],
  width: number,
  height: number,
  group: (stars: readonly RecoveredInjection[]) => Omit<CellCompleteness, 'x' | 'y' | 'width' | 'height'>,
): readonly CellCompleteness[] {
  const side = Math.max(1, Math.min(MOST_CELLS, Math.floor(Math.sqrt(injections.length / PER_CELL))));
  return Array.from({ length: side * side }, (_, n) => {
    const x = Math.round(((n % side) * width) / side);
    const y = Math.round((Math.floor(n / side) * height) / side);
    const cell = {
      x,
      y,
      width: Math.round((((n % side) + 1) * width) / side) - x,
      height: Math.round(((Math.floor(n / side) + 1) * height) / side) - y,
    };
    const inside = injections.filter(
      ({ xPx, yPx }) =>
        xPx >= x - 0.5 && yPx >= y - 0.5 && xPx < x + cell.width - 0.5 && yPx < y + cell.height - 0.5,
    );
    return { ...cell, ...group(inside) };
  });
}

/** Sort hosted stars into classes of equal size by what shines beneath them. */
function sortHosts(
  hosted: readonly RecoveredInjection[],
  group: (stars: readonly RecoveredInjection[]) => Omit<HostCompleteness, 'fromE' | 'toE'>,
): readonly HostCompleteness[] {
  const sorted = [...hosted].sort((a, b) => a.surfaceE - b.surfaceE);
  const classes = Math.min(HOST_CLASSES, Math.floor(sorted.length / PER_CELL));
  return Array.from({ length: classes }, (_, k) => {
    const stars = sorted.slice(
      Math.round((k * sorted.length) / classes),
      Math.round(((k + 1) * sorted.length) / classes),
    );
    return { fromE: stars[0]!.surfaceE, toE: stars.at(-1)!.surfaceE, ...group(stars) };
  });
}

/** Found stars this bright have a flux that their being found did not choose. */
const BIAS_SNR = 8;

function measureFluxes(
  hostless: readonly RecoveredInjection[],
  all: readonly RecoveredInjection[],
): Pick<Completeness, 'fluxBias' | 'positionRmsPx' | 'pullMean' | 'pullSigma'> {
  const pulls = hostless.map((star) => (star.forcedFluxE - star.expectedFluxE) / star.forcedErrE);
  const n = Math.max(1, pulls.length);
  const mean = pulls.reduce((sum, pull) => sum + pull, 0) / n;
  const sigma = robustSigma(pulls);
  const bright = all.flatMap((star) =>
    star.snr >= BIAS_SNR && star.measured && isCandidate(star.outcome)
      ? [{ ...star, measured: star.measured }]
      : [],
  );
  const ratios = bright.map(({ fluxE, measured }) => measured.fluxE / fluxE - 1);
  const offsets = bright.flatMap(({ xPx, yPx, measured }) => [measured.xPx - xPx, measured.yPx - yPx]);
  const rms = Math.sqrt(offsets.reduce((sum, offset) => sum + offset * offset, 0) / offsets.length);
  // Errors of a median and of a MAD sigma of normal deviates.
  const fluxBias: Estimate | undefined =
    ratios.length >= 5
      ? { value: medianOf(ratios), error: (1.2533 * robustSigma(ratios)) / Math.sqrt(ratios.length) }
      : undefined;
  return {
    fluxBias,
    positionRmsPx:
      bright.length >= 5 ? { value: rms, error: rms / Math.sqrt(2 * offsets.length) } : undefined,
    pullMean: { value: mean, error: sigma / Math.sqrt(n) },
    pullSigma: { value: sigma, error: (1.1664 * sigma) / Math.sqrt(n) },
  };
}

function robustSigma(values: readonly number[]): number {
  const centre = medianOf(values);
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - centre)));
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
