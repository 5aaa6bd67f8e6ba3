import type { MaskPlane } from '../../kernels/index.ts';
import {
  type Deal,
  type Done,
  runShares,
  type Task,
  type TaskContext,
  type TaskRunner,
  takeShares,
} from '../../utils/index.ts';
import { pixelsOf } from '../observations/index.ts';
import type { Source } from '../preprocessing/index.ts';
import type { DetectionConfig } from './config.ts';
import { cutTriplet } from './cut-triplet.ts';
import { findAllPeaks, makeContext, measureDetection, type WholeFacts } from './detect-on-difference.ts';
import { listAbove } from './find-footprints.ts';
import type { Peak } from './find-peaks.ts';
import { findStreaks } from './find-streaks.ts';
import { withSharedMasks } from './hold-masks.ts';
import { indexSources } from './index-sources.ts';
import { SOURCE_REACH_FWHM } from './measure-features.ts';
import { measureStarError } from './measure-star-error.ts';
import type { Detection, DetectionImage, DetectionInput, Triplet } from './model.ts';
import { chooseShapes, measureShape, measureShapes } from './shape/measure-shapes.ts';

/** Rows that are searched for pixels over threshold at once. */
const ROWS = 128;
/** A position is up to so far from its peak, px. */
const SLACK_PX = 8;

/** What changed, strongest first, and the triplet of each. */
export interface Changes {
  readonly detections: readonly Detection[];
  readonly triplets: readonly Triplet[];
}

/**
 * Do what `detectOnDifference` does on all of the runner's threads, and cut the triplets of what is found.
 *
 * Threads search rows and measure peaks; what needs all of the image, but little time, is done here meanwhile.
 */
export async function detectChanges(
  input: DetectionInput,
  config: DetectionConfig,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<Changes> {
  const { score, psf } = input.difference;
  const { thresholdSigma } = config;
  const rows = Math.ceil(score.height / ROWS);
  const searching = runShares(searchRowsTask, { score, thresholdSigma }, rows, runner, context);
  const starError = measureStarError(input, indexSources(input.template.sources), config);
  const peaks = findAllPeaks(input, config, (await searching).flat());
  const whole = { starError, streaks: findStreaks(score, peaks, psf.fwhmPx) };
  const lean = leaveOut(input, peaks);
  return withSharedMasks(input, runner, context, async (masks) => {
    const measured = await runShares(
      measurePeaksTask,
      { input: lean(masks), config, peaks, whole },
      peaks.length,
      runner,
      context,
    );
    const detections = measured.map(({ detection }) => detection);
    // What a fit adds does not change what is chosen.
    const left = chooseShapes(detections, config.shape).filter((k) => !isSurelyFitted(k, config));
    const fitted = await runShares(
      fitShapesTask,
      { input: lean(masks), config, detections: left.map((k) => detections[k]!) },
      left.length,
      runner,
      context,
    );
    left.forEach((k, i) => {
      detections[k] = fitted[i]!;
    });
    return { detections, triplets: measured.map(({ triplet }) => triplet) };
  });
}

/** So many of the strongest may all look like something: each of them is fitted where it is measured. */
function isSurelyFitted(place: number, config: DetectionConfig): boolean {
  return place < config.shape.maxFits;
}

/** Lists the pixels of rows that are over threshold. */
export const searchRowsTask: Task<
  {
    readonly score: DetectionInput['difference']['score'];
    readonly thresholdSigma: number;
    readonly deal: Deal;
  },
  readonly Done<readonly number[]>[]
> = {
  name: 'detection.search-rows',
  run: ({ score, thresholdSigma, deal }) =>
    takeShares(deal, (share) =>
      listAbove(score, thresholdSigma, share * ROWS, Math.min(score.height, (share + 1) * ROWS)),
    ),
};

/** Measures peaks, judges them, fits what the strongest look like, and cuts their triplets. */
export const measurePeaksTask: Task<
  {
    readonly input: DetectionInput;
    readonly config: DetectionConfig;
    readonly peaks: readonly Peak[];
    readonly whole: WholeFacts;
    readonly deal: Deal;
  },
  readonly Done<{ readonly detection: Detection; readonly triplet: Triplet }>[]
> = {
  name: 'detection.measure-peaks',
  run: ({ input, config, peaks, whole, deal }, reading) => {
    const context = makeContext(input, config, whole, reading);
    return takeShares(deal, (share) => {
      const plain = [measureDetection(context, peaks[share]!)];
      const [detection] = isSurelyFitted(share, config)
        ? measureShapes(input, plain, config.shape, reading)
        : plain;
      return { detection: detection!, triplet: cutTriplet(input, detection!.xPx, detection!.yPx, reading) };
    });
  },
};

/** Fits what other detections look like. */
export const fitShapesTask: Task<
  {
    readonly input: DetectionInput;
    readonly config: DetectionConfig;
    readonly detections: readonly Detection[];
    readonly deal: Deal;
  },
  readonly Done<Detection>[]
> = {
  name: 'detection.fit-shapes',
  run: ({ input, config, detections, deal }, reading) =>
    takeShares(deal, (share) => measureShape(input, detections[share]!, config.shape, reading)),
};

/**
 * Leave out what peaks are not measured with: to tell a thread of all sources takes longer than to measure with them.
 *
 * @returns gives the input with the images as they are held at that moment, in memory or in files.
 */
function leaveOut({ difference, science, template }: DetectionInput, peaks: readonly Peak[]) {
  const reach = SOURCE_REACH_FWHM * difference.psf.fwhmPx + SLACK_PX;
  const near = (sources: readonly Source[]) => {
    const index = indexSources(sources);
    const kept = new Set(
      peaks.flatMap(({ xPx, yPx }) => index.within(xPx, yPx, reach).map(({ source }) => source)),
    );
    return sources.filter((source) => kept.has(source));
  };
  const [ofScience, ofTemplate] = [near(science.sources), near(template.sources)];
  const imageOf = (image: DetectionImage, mask: MaskPlane, sources: readonly Source[]) => ({
    ...pixelsOf(image),
    mask,
    sources,
    wcs: image.wcs,
  });
  return (masks: { readonly science: MaskPlane; readonly template: MaskPlane }): DetectionInput => ({
    difference: { ...difference, responses: [], starScores: undefined, tournament: undefined },
    science: imageOf(science, masks.science, ofScience),
    template: imageOf(template, masks.template, ofTemplate),
  });
}
