import { implement } from '@orpc/server';
import type { CandidateRecord } from '../../pipeline/index.ts';
import type { Principal } from '../access.ts';
import { type Candidate, contract, type Verdict } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';
import { findUnjudged } from './find-unjudged.ts';

const os = implement(contract.detection).$context<Asking>();

/** Steps of score that candidates are counted in. */
const SCORE_BINS = 200;

/** Answer what is asked of candidates. */
export function answerDetection(services: Services) {
  return {
    listModels: os.listModels.handler(async () => ({
      models: [...(await services.models.list())],
      choices: [...services.models.choices()],
    })),
    promoteModel: os.promoteModel.handler(async ({ input }) => ({
      models: [...(await services.models.promote(input.name, input.version))],
    })),
    measureModel: os.measureModel.handler(() => services.models.measure()),
    countScores: os.countScores.handler(async ({ input }) => {
      const counts = await services.detections.countScores(input.modelVersion, SCORE_BINS);
      const of = (verdict: Verdict | undefined): number[] => {
        const bins = Array<number>(SCORE_BINS).fill(0);
        for (const { bin, verdict: said, count } of counts) if (said === verdict) bins[bin]! += count;
        return bins;
      };
      return {
        bins: SCORE_BINS,
        real: of('real'),
        bogus: of('bogus'),
        unsure: of('unsure'),
        unlabelled: of(undefined),
      };
    }),
    listCandidateNames: os.listCandidateNames.handler(async ({ input }) => ({
      names: [...(await services.detections.listNames(input.limit))],
    })),
    listCandidates: os.listCandidates.handler(async ({ input, context }) => {
      const page = await services.detections.list(input);
      return { ...page, items: await seenBy(services, context.principal, page.items) };
    }),
    getCandidate: os.getCandidate.handler(async ({ input, context }) => {
      const [candidate] = await seenBy(services, context.principal, [
        await services.detections.get(input.id),
      ]);
      return candidate!;
    }),
    measureLightCurve: os.measureLightCurve.handler(async ({ input, signal }) => ({
      points: [...(await services.commands.measureOverRuns(input, signal))],
    })),
  };
}

/** Candidates without the labels that whoever asks may not know yet. */
async function seenBy(
  services: Services,
  principal: Principal,
  records: readonly CandidateRecord[],
): Promise<Candidate[]> {
  const labelled = records.filter(({ label }) => label !== undefined).map(({ id }) => id);
  const unjudged = await findUnjudged(services, principal, labelled);
  return records
    .map(toCandidate)
    .map((candidate) => (unjudged.has(candidate.id) ? { ...candidate, label: undefined } : candidate));
}

function toCandidate({ areaPx, maskBits, ...candidate }: CandidateRecord): Candidate {
  return {
    ...candidate,
    flags: [...candidate.flags],
    vetoes: [...candidate.vetoes],
    features: { ...candidate.features },
  };
}
