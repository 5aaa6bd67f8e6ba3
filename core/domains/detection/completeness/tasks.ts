import { withScratch } from '../../../kernels/index.ts';
import type { Task } from '../../../utils/index.ts';
import type { DetectionConfig } from '../config.ts';
import { holdMasks } from '../hold-masks.ts';
import type { DetectionInput } from '../model.ts';
import type { CompletenessConfig } from './config.ts';
import { type Recoveries, recoverInjections } from './recover-injections.ts';

/** `recoverInjections` as a task for a thread. */
export const recoverInjectionsTask: Task<
  {
    readonly input: DetectionInput;
    readonly detection: DetectionConfig;
    readonly config: CompletenessConfig;
  },
  Recoveries
> = {
  name: 'detection.recover-injections',
  run: ({ input, detection, config }, context) =>
    withScratch((scratch) =>
      recoverInjections(holdMasks(input, scratch, context), detection, config, context),
    ),
};
