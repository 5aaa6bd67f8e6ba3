import { withScratch } from '../../kernels/index.ts';
import type { Task } from '../../utils/index.ts';
import type { DetectionConfig } from './config.ts';
import { cutTriplet } from './cut-triplet.ts';
import { detectOnDifference } from './detect-on-difference.ts';
import { holdMasks } from './hold-masks.ts';
import type { Detection, DetectionInput, Triplet } from './model.ts';

/** `detectOnDifference` and the triplets of what it found, as a task for a thread. */
export const detectTask: Task<
  { readonly input: DetectionInput; readonly config: DetectionConfig },
  { readonly detections: readonly Detection[]; readonly triplets: readonly Triplet[] }
> = {
  name: 'detection.detect',
  run: ({ input, config }, context) =>
    withScratch((scratch) => {
      const held = holdMasks(input, scratch, context);
      const detections = detectOnDifference(held, config, context);
      return {
        detections,
        triplets: detections.map(({ xPx, yPx }) => cutTriplet(held, xPx, yPx, context)),
      };
    }),
};
