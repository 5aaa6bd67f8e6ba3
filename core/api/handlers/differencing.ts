import { implement } from '@orpc/server';
import { examineDifference } from '../../domains/differencing/index.ts';
import { type RunRecord, readMetrics } from '../../pipeline/index.ts';
import { contract, type DifferenceFacts } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.differencing).$context<Asking>();

/** Answer what is asked of differences and of what people decided on them. */
export function answerDifferencing(services: Services) {
  return {
    explainDifference: os.explainDifference.handler(async ({ input }) => {
      const [run, [review]] = await Promise.all([
        services.runs.get(input.id),
        services.reviews.latest([input.id]),
      ]);
      return { ...explain(run), review };
    }),
    createReview: os.createReview.handler(async ({ input, context: { principal } }) =>
      services.reviews.append({
        ...input,
        curator: principal.kind === 'local' ? services.curator : principal.name,
      }),
    ),
    retractReview: os.retractReview.handler(async ({ input }) => {
      const { id, runId, retractedAt } = await services.reviews.retract(input.id, input.retractionId);
      return { id, runId, retractedAt };
    }),
    listReviews: os.listReviews.handler(async ({ input }) => {
      const page = await services.reviews.list(input);
      return { ...page, items: [...page.items] };
    }),
  };
}

function explain(run: RunRecord): Omit<DifferenceFacts, 'review'> {
  const { difference = {}, registration } = run;
  const metrics = readMetrics(difference);
  const checks = metrics === undefined ? [] : examineDifference(metrics);
  const known = new Set(checks.map(({ sentence }) => sentence));
  return {
    runId: run.id,
    method: typeof difference.method === 'string' ? difference.method : undefined,
    grade: run.grade,
    checks: [...checks],
    remarks: run.gradeReasons.filter((reason) => !known.has(reason)),
    numbers: Object.fromEntries(
      Object.entries(difference).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
    starScores: run.starScores && [...run.starScores],
    registration: registration && {
      ...registration,
      residuals: registration.residuals && [...registration.residuals],
    },
  };
}
