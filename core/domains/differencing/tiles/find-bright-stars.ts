import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import { pixelsOf } from '../../observations/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import { type MatchedStar, pairStars } from '../match/match-images.ts';
import type { MeasuredStar } from '../model.ts';
import type { FoundCores } from '../saturated/find-cores.ts';
import { measureSeenTask } from '../saturated/measure-seen-share.ts';
import {
  type BrightStar,
  type ModelSaturatedInput,
  modelSaturatedTask,
  type SaturatedStars,
} from '../saturated/model-saturated.ts';
import type { TileInput } from './subtracted-tile.ts';

/** What all tiles of one subtraction have in common. */
export type CommonInput = Omit<
  TileInput,
  'tile' | 'brightStars' | 'correlation' | 'noiseCorrelationFactor' | 'maxLagPx'
>;

/** All stars that were measured, each image's own e-. */
export interface StarLists {
  readonly science: readonly MeasuredStar[];
  readonly template: readonly MeasuredStar[];
  /** Cores that are saturated in one of the images: their stars were not. */
  readonly saturated: FoundCores;
}

/** A star on a saturated core, or so near to it, is that core's, px. */
const SAME_PX = 1;

/** A star whose fluxes differ by more is variable, or parted otherwise, sigma. */
const CONSTANT_SIGMA = 4;

/** An image that sees less of a star than this leaves it to the other. */
const HARDLY_SEEN = 0.5;

/** Saturated stars as the present profiles tell them, and all others, which only lose their halos. */
export async function findBrightStars(
  input: Omit<ModelSaturatedInput, 'found'>,
  stars: StarLists,
  runner: TaskRunner,
  context: TaskContext,
): Promise<SaturatedStars> {
  const { sciencePsf, templatePsf, match } = input;
  const pairs = pairStars(stars.science, stars.template);
  const doubtful = pairs.filter((pair) => !isClean(pair));
  const placeOf = ({ xPx, yPx }: MeasuredStar) => ({ xPx, yPx });
  const [saturated, [seen, seenByOther]] = await Promise.all([
    runner.run(
      modelSaturatedTask,
      {
        science: pixelsOf(input.science),
        template: pixelsOf(input.template),
        sciencePsf,
        templatePsf,
        match,
        found: stars.saturated,
      },
      context,
    ),
    runner.run(
      measureSeenTask,
      {
        images: [
          {
            mask: input.science.mask,
            places: doubtful.map((pair) => placeOf(pair.science)),
            fwhmPx: sciencePsf.fwhmPx,
          },
          {
            mask: input.template.mask,
            places: doubtful.map((pair) => placeOf(pair.template)),
            fwhmPx: templatePsf.fwhmPx,
          },
        ],
      },
      context,
    ),
  ]);
  const shares = new Map(doubtful.map((pair, k) => [pair, { seen: seen[k], seenByOther: seenByOther[k] }]));
  const agreed = agree(pairs, shares, input);
  return {
    science: [...saturated.science, ...listOthers(stars.science, saturated.science, agreed)],
    template: [...saturated.template, ...listOthers(stars.template, saturated.template, agreed)],
  };
}

/** What both images say of a star together. */
type Agreed = Pick<BrightStar, 'x' | 'y' | 'flux' | 'isPoint'>;

/**
 * Give the stars that both images know one flux, and those that one of them hardly sees one place, each image's own e-.
 *
 * A crowd is parted into stars otherwise in each image; what two fluxes of one star differ by must not become a change. A
 * star beneath bad rows of one image is told by the other: its own image saw but its wings.
 *
 * @param shares of each star that is not clean in both: what both images see of it.
 */
function agree(
  pairs: readonly MatchedStar[],
  shares: ReadonlyMap<MatchedStar, { readonly seen: number; readonly seenByOther: number }>,
  input: Omit<ModelSaturatedInput, 'found'>,
): ReadonlyMap<MeasuredStar, Agreed> {
  const { match } = input;
  const { width, height } = input.science.science;
  const agreed = new Map<MeasuredStar, Agreed>();
  for (const pair of pairs) {
    const { xPx, yPx } = pair.science;
    const at = (polynomial: readonly number[]) => evaluatePolynomial(polynomial, xPx, yPx, width, height);
    const ratio = at(match.fluxRatio);
    const tell = (x: number, y: number, flux: number, isPoint: boolean) => {
      agreed.set(pair.science, { x, y, flux, isPoint });
      agreed.set(pair.template, {
        x: x - at(match.shiftX),
        y: y - at(match.shiftY),
        flux: flux / ratio,
        isPoint,
      });
    };
    const share = shares.get(pair);
    if (!share) {
      const flux = constantFlux(pair, ratio, match.fluxRatioScatter);
      if (flux === undefined) continue;
      agreed.set(pair.science, { x: xPx, y: yPx, flux, isPoint: true });
      agreed.set(pair.template, {
        x: pair.template.xPx,
        y: pair.template.yPx,
        flux: flux / ratio,
        isPoint: true,
      });
      continue;
    }
    const { seen, seenByOther } = share;
    if (Math.min(seen, seenByOther) > HARDLY_SEEN || seen === seenByOther) continue;
    if (seen > seenByOther) tell(xPx, yPx, pair.science.fluxE, false);
    else {
      const { xPx: x, yPx: y, fluxE } = pair.template;
      tell(x + at(match.shiftX), y + at(match.shiftY), ratio * fluxE, false);
    }
  }
  return agreed;
}

function isClean({ science, template }: MatchedStar): boolean {
  return science.isClean && template.isClean;
}

/** Mean of both fluxes of a star, science e-; `undefined` if they differ by too much. */
function constantFlux(pair: MatchedStar, ratio: number, scatter: number): number | undefined {
  const other = ratio * pair.template.fluxE;
  const flux = (pair.science.fluxE + other) / 2;
  const allowed = Math.hypot(pair.science.fluxErrE, ratio * pair.template.fluxErrE, scatter * flux);
  return Math.abs(pair.science.fluxE - other) > CONSTANT_SIGMA * allowed ? undefined : flux;
}

/** Both lists may hold a star that is saturated in one image only: its light must be taken off once. */
function listOthers(
  stars: readonly MeasuredStar[],
  saturated: readonly BrightStar[],
  agreed: ReadonlyMap<MeasuredStar, Agreed>,
): readonly BrightStar[] {
  const isListed = ({ xPx, yPx }: MeasuredStar) =>
    saturated.some(({ x, y, coreRadius }) => {
      const reach = coreRadius + SAME_PX;
      return Math.abs(x - xPx) < reach && Math.hypot(x - xPx, y - yPx) < reach;
    });
  return stars
    .filter((star) => !isListed(star))
    .map((star) => ({
      x: star.xPx,
      y: star.yPx,
      flux: star.fluxE,
      background: 0,
      coreRadius: 0,
      isPoint: false,
      ...agreed.get(star),
    }));
}
