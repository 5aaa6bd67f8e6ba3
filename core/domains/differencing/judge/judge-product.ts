import type { MaskPlane } from '../../../kernels/index.ts';
import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { DifferencingConfig } from '../config.ts';
import type { EngineProduct, MeasuredPair } from '../engine.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import type { Difference, DifferenceMetrics, ScienceResponse } from '../model.ts';
import { oneOfEachCell } from '../tiles/assemble-difference.ts';
import { calibratePlanes } from './calibrate-planes.ts';
import { gradeDifference } from './grade-difference.ts';
import { testStars } from './test-stars.ts';

/** What of a pair a product is judged by. */
export type JudgedPair = Pick<
  MeasuredPair,
  'sciencePsf' | 'templatePsf' | 'constantStars' | 'match' | 'sigmaXPx' | 'sigmaYPx'
>;

/**
 * Finish one engine's product: take off its background, calibrate its score on the sky and on constant stars, grade it.
 *
 * The product's planes are changed in place and become the difference's.
 */
export async function judgeProduct(
  product: EngineProduct,
  pair: JudgedPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<Difference> {
  const { assembled, saturated, match } = product;
  const { tiles, ...canvas } = assembled;
  const { width, height } = canvas.difference;
  const broadest = Math.max(pair.sciencePsf.fwhmPx, pair.templatePsf.fwhmPx);
  const cells = oneOfEachCell(tiles);
  const { calibration, whiteness, backgroundRemovedE, answers } = await calibratePlanes(
    {
      canvas,
      tiles,
      cells,
      sciencePsf: product.sciencePsf,
      constantStars: pair.constantStars,
      saturated,
      expectedError: Math.hypot(
        pair.sciencePsf.mismatch,
        pair.templatePsf.mismatch,
        pair.match.fluxRatioScatter,
      ),
      radiusPx: broadest,
      backgroundCellPx: config.backgroundCellPx,
    },
    runner,
    context,
  );
  const stars = testStars(
    assembled.score,
    assembled.mask,
    pair.constantStars,
    config.starThreshold,
    broadest,
  );
  const fluxRatio = evaluatePolynomial(match.fluxRatio, (width - 1) / 2, (height - 1) / 2, width, height);
  const metrics: DifferenceMetrics = {
    fluxRatio,
    fluxRatioErr: match.fluxRatioErr,
    fluxRatioScatter: match.fluxRatioScatter,
    fluxRatioStars: match.starsUsed,
    astrometricSigmaXPx: pair.sigmaXPx,
    astrometricSigmaYPx: pair.sigmaYPx,
    modelError: calibration.modelError,
    wingError: calibration.wingError,
    rebuildError: calibration.rebuildError,
    backgroundRemovedE,
    scorrMadStd: calibration.madStd,
    scorrMedian: calibration.median,
    scorrRescale: calibration.madStd,
    starsTested: stars.tested,
    kernelStarsBeyond5Sigma: stars.beyond,
    psfStarsScience: pair.sciencePsf.starsUsed,
    psfStarsTemplate: pair.templatePsf.starsUsed,
    fwhmSciencePx: pair.sciencePsf.fwhmPx,
    fwhmTemplatePx: pair.templatePsf.fwhmPx,
    whiteness,
    usableFraction: measureUsable(assembled.mask),
    kernel: product.kernel,
  };
  const { grade, reasons } = gradeDifference(metrics);
  return {
    method: product.method,
    difference: assembled.difference,
    variance: assembled.variance,
    score: assembled.score,
    // Where the shared light was.
    flux: assembled.shared,
    fluxErr: assembled.fluxErr,
    mask: assembled.mask,
    psf: product.psf,
    sciencePsf: product.sciencePsf,
    templatePsf: product.templatePsf,
    responses: cells.map(({ response }, k) => calibrateResponse(response, answers[k], calibration.madStd)),
    fluxRatio,
    fluxRatioTerms: match.fluxRatio,
    grade,
    gradeReasons: reasons,
    metrics,
    starScores: stars.scores,
  };
}

/** Rows that tell the share of usable pixels. */
const ROWS_LOOKED_AT = 512;

/** Share of a mask's pixels that can be used, 0..1, from rows at equal distances. */
function measureUsable({ data, width, height }: MaskPlane): number {
  const step = Math.ceil(height / ROWS_LOOKED_AT);
  let usable = 0;
  let looked = 0;
  for (let y = 0; y < height; y += step) {
    const end = (y + 1) * width;
    for (let k = y * width; k < end; k++) if ((data[k] & UNUSABLE) === 0) usable++;
    looked += width;
  }
  return usable / looked;
}

/** Give a cell's response what the fluxes were divided by and the factor that the calibration gave the errors. */
function calibrateResponse(
  response: ScienceResponse,
  answer: readonly number[],
  rescale: number,
): ScienceResponse {
  return {
    ...response,
    answer,
    fluxVarianceFactor: response.fluxVarianceFactor * rescale ** 2,
    differenceVarianceFactor: response.differenceVarianceFactor * rescale ** 2,
  };
}
