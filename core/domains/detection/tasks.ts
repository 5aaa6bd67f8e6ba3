import type { Task } from '../../utils/index.ts';
import type { DetectionConfig } from './config.ts';
import { cutTriplet } from './cut-triplet.ts';
import { detectOnDifference } from './detect-on-difference.ts';
import type { Detection, DetectionInput, Triplet } from './model.ts';

/** `detectOnDifference` and the triplets of what it found, as a task for a thread. */
export const detectTask: Task<
  { readonly input: DetectionInput; readonly config: DetectionConfig },
  { readonly detections: readonly Detection[]; readonly triplets: readonly Triplet[] }
> = {
  name: 'detection.detect',
  run: ({ input, config }, context) => {
    const detections = detectOnDifference(input, config, context);
    return { detections, triplets: detections.map(({ xPx, yPx }) => cutTriplet(input, xPx, yPx, context)) };
  },
};
