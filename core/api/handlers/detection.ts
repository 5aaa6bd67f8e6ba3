import { randomBytes } from 'node:crypto';
import { implement } from '@orpc/server';
import type { CandidateRecord } from '../../pipeline/index.ts';
import { makeUuidV7 } from '../../utils/index.ts';
import { type Candidate, contract, type Verdict } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';
import { whoAsks, whoSigns } from './curation.ts';
import { inferScores } from './infer-scores.ts';

const os = implement(contract.detection).$context<Asking>();

/** Steps of score that candidates are counted in. */
const SCORE_BINS = 200;

/** Answer what is asked of candidates. */
export function answerDetection(services: Services) {
  return {
    inferScores: os.inferScores.handler(({ input }) => inferScores(services, input)),
    validateDetection: os.validateDetection.handler(async ({ input, context }) => {
      const { id, labelId, verdict, confidence, reason, curatorId } = input;
      return services.labels.append({
        id: labelId ?? context.madeId ?? makeUuidV7(Date.now(), randomBytes(10)),
        candidateId: id,
        verdict,
        confidence,
        reason,
        curator: await whoSigns(services, context.principal, curatorId),
        scoreVisible: true,
      });
    }),
    listModels: os.listModels.handler(async () => ({
      models: [...(await services.models.list())],
      choices: [...services.models.choices()],
    })),
    listModelRuns: os.listModelRuns.handler(async ({ input }) => ({
      runs: [...(await services.readModelRuns(input.folder))],
    })),
    promoteModel: os.promoteModel.handler(async ({ input }) => ({
      models: [...(await services.models.promote(input.name, input.version))],
    })),
    measureModel: os.measureModel.handler(() => services.models.measure()),
    countScores: os.countScores.handler(async ({ input, context }) => {
      const counts = await services.detections.countScores(
        input.modelVersion,
        SCORE_BINS,
        await whoAsks(services, context.principal, undefined),
      );
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
      const page = await services.detections.list({
        ...input,
        seenBy: await whoAsks(services, context.principal, undefined),
      });
      return { ...page, items: page.items.map(toCandidate) };
    }),
    getCandidate: os.getCandidate.handler(async ({ input, context }) =>
      toCandidate(
        await services.detections.get(input.id, await whoAsks(services, context.principal, undefined)),
      ),
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
