import { implement } from '@orpc/server';
import type { CandidateRecord } from '../../pipeline/index.ts';
import { type Candidate, contract } from '../contract/index.ts';
import type { Services } from '../ports.ts';

const os = implement(contract.detection);

/** Answer what is asked of candidates. */
export function answerDetection(services: Services) {
  return {
    listCandidates: os.listCandidates.handler(async ({ input }) => {
      const page = await services.detections.list(input);
      return { ...page, items: page.items.map(toCandidate) };
    }),
    getCandidate: os.getCandidate.handler(async ({ input }) =>
      toCandidate(await services.detections.get(input.id)),
    ),
    measureLightCurve: os.measureLightCurve.handler(async ({ input, signal }) => ({
      points: [...(await services.commands.measureOverRuns(input, signal))],
    })),
  };
}

function toCandidate({ areaPx, maskBits, ...candidate }: CandidateRecord): Candidate {
  return {
    ...candidate,
    flags: [...candidate.flags],
    vetoes: [...candidate.vetoes],
    features: { ...candidate.features },
  };
}
