import type { InferredScores } from '../contract/index.ts';
import type { Services } from '../ports.ts';

/** Detections read at a time. */
const AT_ONCE = 1000;

/** What of a detection is scored again. */
interface Scorable {
  readonly id: string;
  readonly score: number;
  readonly modelVersion: string;
  readonly features: Readonly<Record<string, number>>;
}

/** What is to be scored, as the contract has it. */
type ScoreRequest =
  | { readonly runId: string }
  | { readonly detectionIds: readonly string[] }
  | { readonly features: readonly Readonly<Record<string, number>>[] };

/**
 * Score with the model in use and store nothing: what a model says of what another has scored.
 *
 * @throws detection/model-missing, detection/features-missing, detection/candidate-not-found, pipeline/run-not-found
 */
export async function inferScores(services: Services, asked: ScoreRequest): Promise<InferredScores> {
  if ('features' in asked) {
    const { scores, ...made } = await services.models.score(asked.features);
    return { ...made, scores: scores.map((score) => ({ score })) };
  }
  const found =
    'runId' in asked
      ? await readRun(services, asked.runId)
      : await Promise.all(asked.detectionIds.map((id) => services.detections.get(id)));
  if (found.length === 0) {
    const { scores: _, ...made } = await services.models.score([]);
    return { ...made, scores: [] };
  }
  const { scores, ...made } = await services.models.score(found.map(({ features }) => features));
  return {
    ...made,
    scores: found.map(({ id, score, modelVersion }, i) => ({
      detectionId: id,
      score: scores[i]!,
      storedScore: score,
      storedModelVersion: modelVersion,
    })),
  };
}

async function readRun(services: Services, runId: string): Promise<readonly Scorable[]> {
  await services.runs.get(runId);
  const found: Scorable[] = [];
  for (const vetoed of [false, true])
    for (let cursor: string | undefined; ; ) {
      const page = await services.detections.list({ runId, vetoed, order: 'score', limit: AT_ONCE, cursor });
      found.push(...page.items);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
  return found;
}
