import { giveBackPlanes, type MaskPlane, makeMaskPlane, type Scratch } from '../../kernels/index.ts';
import type { Task, TaskContext, TaskRunner } from '../../utils/index.ts';
import { copyPixels, type ImageSource, loadMask } from '../observations/index.ts';
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

type AnyMask = ImageSource['mask'];

/** Read a mask from its file into memory that all threads see. */
export const shareMaskTask: Task<{ readonly mask: AnyMask }, MaskPlane> = {
  name: 'detection.share-mask',
  run: ({ mask }, { readFile }) => {
    const { width, height } = mask;
    const shared = makeMaskPlane(width, height);
    copyPixels(mask, 0, 0, width * height, shared.data, 0, readFile);
    return shared;
  },
};

/**
 * Do work with both masks in memory that all threads see: were each to read its own, eight threads on 8192 px would hold
 * two gigabytes of them.
 */
export async function withSharedMasks<Result>(
  { science, template }: Pick<DetectionInput, 'science' | 'template'>,
  runner: TaskRunner,
  context: TaskContext,
  work: (masks: { readonly science: MaskPlane; readonly template: MaskPlane }) => Promise<Result>,
): Promise<Result> {
  const read: MaskPlane[] = [];
  const share = async ({ mask }: { readonly mask: AnyMask }): Promise<MaskPlane> => {
    if ('data' in mask) return mask;
    const shared = await runner.run(shareMaskTask, { mask }, context);
    read.push(shared);
    return shared;
  };
  const [ofScience, ofTemplate] = await Promise.all([share(science), share(template)]);
  const result = await work({ science: ofScience, template: ofTemplate });
  // Not where it failed: other threads may look at them still.
  giveBackPlanes(read);
  return result;
}
