import { giveBackPlanes } from '../../../kernels/index.ts';
import type { TaskContext } from '../../../utils/index.ts';
import {
  drawStar,
  type Injection,
  makeStarResponder,
  placeInjections,
  type RespondedPair,
  type SpatialPsf,
  type StarResponder,
} from '../../differencing/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import type { DetectionConfig } from '../config.ts';
import { cutTriplet } from '../cut-triplet.ts';
import { detectNear } from '../detect-near.ts';
import { describeWhole, type WholeFacts } from '../detect-on-difference.ts';
import type { Detection, DetectionInput, Triplet } from '../model.ts';
import type { CompletenessConfig } from './config.ts';

/** An injected star and the detection it made, if any. */
export interface Recovery {
  readonly injection: Injection;
  readonly detection?: Detection | undefined;
  /** Of the detection, for the score model. */
  readonly triplet?: Triplet | undefined;
  readonly forcedFluxE: number;
  readonly expectedFluxE: number;
  readonly forcedErrE: number;
}

/** Everything that injecting told. */
export interface Recoveries {
  readonly recoveries: readonly Recovery[];
  readonly usableFraction: number;
}

/** Detection looks this far around a place, px and FWHM. */
const REACH_PX = 64;
const REACH_FWHM = 8;

/**
 * Inject stars into a pair and detect each as the line would.
 *
 * Each star is put into its own copy of its surroundings, so that they do not crowd each other; the difference answers
 * without subtracting again (see `makeStarResponder`), and detection measures and vetoes as it does for the sky.
 */
export function recoverInjections(
  input: DetectionInput,
  detection: DetectionConfig,
  config: CompletenessConfig,
  context: TaskContext = {},
): Recoveries {
  const responder = makeStarResponder(input, context);
  const injections = placeInjections(input, responder, config, context);
  return {
    recoveries: recoverStars(input, responder, injections, detection, config),
    usableFraction: measureUsable(input),
  };
}

/**
 * Detect given stars, each alone.
 *
 * @param psf that they are drawn with; the difference's own of the science image if absent.
 */
export function recoverStars(
  input: DetectionInput,
  responder: StarResponder,
  injections: readonly Injection[],
  detection: DetectionConfig,
  config: Pick<CompletenessConfig, 'seed' | 'matchRadiusPx'>,
  psf: SpatialPsf = input.difference.sciencePsf,
): readonly Recovery[] {
  const whole = describeWhole(input, detection);
  const { difference } = input;
  const radiusPx = Math.max(config.matchRadiusPx, 0.5 * difference.psf.fwhmPx);
  const reachPx = Math.ceil(Math.max(REACH_PX, REACH_FWHM * difference.psf.fwhmPx) + radiusPx) + 2;
  return injections.map((injection) => {
    const star = drawStar(injection, psf, config.seed);
    const part = responder.respond(star, reachPx);
    const found = findStar(input, part, injection, whole, radiusPx, detection);
    const forced = measureForced(part, injection, responder);
    // They are the star's own, and what was found in them was copied out.
    const { difference, variance, score, flux, fluxErr, mask } = part.difference;
    giveBackPlanes([difference, variance, score, flux, fluxErr, mask]);
    return { injection, ...found, ...forced };
  });
}

function findStar(
  input: DetectionInput,
  part: RespondedPair,
  injection: Injection,
  whole: WholeFacts,
  radiusPx: number,
  config: DetectionConfig,
): Pick<Recovery, 'detection' | 'triplet'> {
  const { x: left, y: bottom, width, height } = part.box;
  const nearby = (sources: readonly Source[]) =>
    sources
      .filter(
        ({ xPx, yPx }) =>
          xPx >= left - 0.5 && yPx >= bottom - 0.5 && xPx < left + width && yPx < bottom + height,
      )
      .map((source) => ({ ...source, xPx: source.xPx - left, yPx: source.yPx - bottom }));
  const partInput: DetectionInput = {
    difference: part.difference,
    science: { ...part.science, sources: nearby(input.science.sources) },
    template: { ...part.template, sources: nearby(input.template.sources) },
  };
  const streaks = whole.streaks.map((streak) => ({
    ...streak,
    offset: streak.offset - bottom * streak.cos + left * streak.sin,
  }));
  const place = { xPx: injection.xPx - left, yPx: injection.yPx - bottom, radiusPx };
  const detection = detectNear(partInput, { ...whole, streaks }, place, config).find(
    ({ isNegative }) => isNegative === injection.fluxE < 0,
  );
  if (!detection) return {};
  return {
    triplet: cutTriplet(partInput, detection.xPx, detection.yPx),
    detection: { ...detection, xPx: detection.xPx + left, yPx: detection.yPx + bottom },
  };
}

/** Read the difference at the star's pixel: free of what detection chooses. */
function measureForced(
  part: RespondedPair,
  { xPx, yPx, fluxE }: Injection,
  responder: StarResponder,
): Pick<Recovery, 'forcedFluxE' | 'expectedFluxE' | 'forcedErrE'> {
  const k = (Math.round(yPx) - part.box.y) * part.box.width + Math.round(xPx) - part.box.x;
  return {
    forcedFluxE: part.difference.flux.data[k]!,
    forcedErrE: part.difference.fluxErr.data[k]!,
    expectedFluxE: fluxE * responder.pixelAnswer(xPx, yPx),
  };
}

function measureUsable({ difference }: DetectionInput): number {
  const { data } = difference.mask;
  let usable = 0;
  for (let k = 0; k < data.length; k++) if ((data[k]! & UNUSABLE) === 0) usable++;
  return usable / data.length;
}
