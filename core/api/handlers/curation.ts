import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Services } from '../ports.ts';

const os = implement(contract.curation);

/** Answer what is asked of labels. */
export function answerCuration(services: Services) {
  return {
    createLabel: os.createLabel.handler(async ({ input }) =>
      services.labels.append({ ...input, curator: services.curator }),
    ),
    retractLabel: os.retractLabel.handler(async ({ input }) => {
      const { id, candidateId, retractedAt } = await services.labels.retract(input.id, input.retractionId);
      return { id, candidateId, retractedAt };
    }),
    listLabels: os.listLabels.handler(async ({ input }) => {
      const page = await services.labels.list(input);
      return { ...page, items: [...page.items] };
    }),
  };
}
