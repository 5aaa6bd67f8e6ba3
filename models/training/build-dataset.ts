import type { Detection, DetectionConfig } from '../../core/domains/detection/index.ts';
import {
  DEFAULT_DETECTION_CONFIG,
  detectOnDifference,
  orderFeatures,
} from '../../core/domains/detection/index.ts';
import type { DifferencingConfig } from '../../core/domains/differencing/index.ts';
import { DEFAULT_DIFFERENCING_CONFIG, differenceImages } from '../../core/domains/differencing/index.ts';
import type {
  Difficulty,
  SimulatedImage,
  SkyRecipe,
  TruthKind,
  TruthRow,
} from '../../core/domains/observations/index.ts';
import {
  parseWcs,
  readExposureFacts,
  SKY_RECIPES,
  simulateField,
} from '../../core/domains/observations/index.ts';
import type { CalibratedExposure, PreprocessingConfig } from '../../core/domains/preprocessing/index.ts';
import {
  DEFAULT_PREPROCESSING,
  DEFAULT_REGISTRATION,
  preprocessExposure,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import { createRandom } from '../../core/utils/random.ts';
import type { TaskRunner } from '../../core/utils/tasks.ts';

/** One simulated field to learn from. */
export interface FieldPlan {
  readonly index: number;
  readonly difficulty: Difficulty;
  readonly seed: number;
  readonly sizePx: number;
  readonly transients: number;
  readonly recipe: Partial<SkyRecipe>;
  /** Processed as by someone in a hurry: cosmic rays and streaks stay, the PSF is one for the whole field. */
  readonly isCareless: boolean;
  /** What the headers say of the gain, over the truth. */
  readonly gainError: number;
}

/** One detection of the line on a simulated field, with what the simulator knows of it. */
export interface LabelledDetection {
  readonly field: number;
  readonly features: readonly number[];
  readonly isReal: boolean;
  readonly isVetoed: boolean;
  readonly snr: number;
  /** What it is, if real. */
  readonly kind?: TruthKind | undefined;
}

// Lower than the line's own threshold: there are more bogus detections to learn from below it.
const TRAINING_DETECTION: DetectionConfig = { ...DEFAULT_DETECTION_CONFIG, thresholdSigma: 4.5 };

// A good line leaves few artefacts to learn from; a real night has more kinds of them than a simulator.
const CARELESS_PREPROCESSING: PreprocessingConfig = {
  ...DEFAULT_PREPROCESSING,
  cosmicRayPolicy: 'off',
  streaks: { ...DEFAULT_PREPROCESSING.streaks, minLengthPx: 1e9 },
};
const CARELESS_DIFFERENCING: DifferencingConfig = {
  ...DEFAULT_DIFFERENCING_CONFIG,
  fallsBack: false,
  psf: { ...DEFAULT_DIFFERENCING_CONFIG.psf, starsForLinear: 1e9, starsForQuadratic: 1e9 },
};
const MATCH_PX = 2;
const AMBIGUOUS_PX = 10;
const DIFFICULTIES: readonly Difficulty[] = ['survey', 'hard', 'easy', 'hard'];

/** Plan fields of all difficulties; artefacts are made more frequent than on a good night, by random factors. */
export function planFields(count: number, seed: number, sizePx: number): readonly FieldPlan[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const difficulty = DIFFICULTIES[index % DIFFICULTIES.length]!;
    const base = SKY_RECIPES[difficulty];
    const isCareless = index % 3 === 1;
    const isCrowded = index % 7 === 2 || index % 7 === 5;
    const science = {
      ...base.science,
      fwhmPx: base.science.fwhmPx * (0.85 + 0.5 * random.uniform()),
      skyE: base.science.skyE * (0.5 + random.uniform()),
    };
    return {
      index,
      difficulty,
      seed: seed + 1 + index,
      sizePx,
      transients: Math.round((80 * sizePx * sizePx) / 1e6),
      recipe: {
        science,
        // Beyond any S/N of a faint survey: nothing may look less real for being bright.
        snrRange: [4, 400],
        starsPerMegapixel: base.starsPerMegapixel * (isCrowded ? 2 + 5 * random.uniform() : 1),
        cosmicRaysPerMegapixel: 40 + 160 * random.uniform(),
        hotPixelsPerMegapixel: 20 + 40 * random.uniform(),
        movedStars: (isCareless ? 0.2 : 0.02) * random.uniform(),
        distortionPx: base.distortionPx + (isCareless ? 4 * random.uniform() : 0),
        satelliteTrails: isCareless ? 1 : base.satelliteTrails,
        flatError: 0.02 * random.uniform(),
        badColumns: 2,
      },
      isCareless,
      gainError: isCareless ? 0.6 * (1.6 / 0.6) ** random.uniform() : 1,
    };
  });
}

/** Run the line on a simulated field and label what it detects. */
export async function labelField(plan: FieldPlan, runner: TaskRunner): Promise<readonly LabelledDetection[]> {
  const field = simulateField(plan);
  const science = calibrate(field.science, 'science', plan);
  const template = await registerImages(
    science,
    calibrate(field.template, 'template', plan),
    DEFAULT_REGISTRATION,
    runner,
  );
  const difference = await differenceImages(
    science,
    template,
    plan.isCareless ? CARELESS_DIFFERENCING : DEFAULT_DIFFERENCING_CONFIG,
    runner,
  );
  const detections = detectOnDifference({ difference, science, template }, TRAINING_DETECTION);
  return detections.flatMap((detection) => {
    const label = labelDetection(detection, field.truth);
    if (label === 'ambiguous') return [];
    return {
      field: plan.index,
      features: [...orderFeatures(detection.features)],
      isReal: label !== undefined,
      isVetoed: detection.vetoes.length > 0,
      snr: detection.snr,
      kind: label?.kind,
    };
  });
}

function calibrate({ pixels, header }: SimulatedImage, name: string, plan: FieldPlan): CalibratedExposure {
  const told = header.map((card) =>
    card.keyword === 'GAIN' ? { ...card, value: (card.value as number) * plan.gainError } : card,
  );
  const exposure = {
    name,
    pixels,
    header: told,
    facts: readExposureFacts(told, pixels),
    wcs: parseWcs(told),
  };
  return preprocessExposure(exposure, {}, plan.isCareless ? CARELESS_PREPROCESSING : DEFAULT_PREPROCESSING);
}

/** Find the event that a detection is; near one, but not it, is ambiguous (its wing, its trail). */
function labelDetection(
  detection: Detection,
  truth: readonly TruthRow[],
): TruthRow | 'ambiguous' | undefined {
  const near = truth
    .map((row) => ({ row, distance: Math.hypot(row.xPx - detection.xPx, row.yPx - detection.yPx) }))
    .filter(({ distance }) => distance < AMBIGUOUS_PX)
    .sort((a, b) => a.distance - b.distance);
  const own = near.find(
    ({ row, distance }) => distance < MATCH_PX && row.isNegative === detection.isNegative,
  );
  if (own) return own.row;
  return near.length > 0 ? 'ambiguous' : undefined;
}
