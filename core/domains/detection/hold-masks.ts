import type { Scratch } from '../../kernels/index.ts';
import type { TaskContext } from '../../utils/index.ts';
import { loadMask } from '../observations/index.ts';
import type { DetectionInput } from './model.ts';

/** Give an input with both masks in memory: they are looked at all over the image, far around every place. */
export function holdMasks(input: DetectionInput, scratch: Scratch, context: TaskContext): DetectionInput {
  const { science, template } = input;
  return {
    ...input,
    science: { ...science, mask: loadMask(science.mask, scratch, context) },
    template: { ...template, mask: loadMask(template.mask, scratch, context) },
  };
}
