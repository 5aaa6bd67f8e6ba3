import {
  countByDay,
  countConfusion,
  type Decision,
  evaluateScores,
  type JudgedScore,
  summariseWork,
} from '../../domains/curation/index.ts';
import type { CatalogRepository, LabelledScore } from '../../pipeline/index.ts';
import type { LabelWork, ModelEvaluation } from '../contract/index.ts';

const SCORE_BINS = 20;

/** Evaluate each model by the labels of what it scored; the one with most labels first. */
export function evaluateModels(labelled: readonly LabelledScore[], threshold: number): ModelEvaluation[] {
  const models = [...new Set(labelled.map(({ modelVersion }) => modelVersion))];
  return models
    .map((modelVersion) => evaluateModel(modelVersion, labelled, threshold))
    .sort((a, b) => b.real + b.bogus + b.unsure - (a.real + a.bogus + a.unsure));
}

function evaluateModel(
  modelVersion: string,
  labelled: readonly LabelledScore[],
  threshold: number,
): ModelEvaluation {
  const own = labelled.filter((one) => one.modelVersion === modelVersion);
  const judged: JudgedScore[] = own
    .filter(({ verdict }) => verdict !== 'unsure')
    .map(({ score, verdict }) => ({ score, isReal: verdict === 'real' }));
  const { points, calibration, ...evaluation } = evaluateScores(judged);
  const scoreBins: Record<string, number[]> = {};
  for (const { score, verdict } of own) {
    scoreBins[verdict] ??= Array<number>(SCORE_BINS).fill(0);
    scoreBins[verdict][Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS))]!++;
  }
  return {
    modelVersion,
    unsure: own.length - judged.length,
    scoreBins,
    confusion: { threshold, ...countConfusion(judged, threshold) },
    points: [...points],
    calibration: [...calibration],
    ...evaluation,
  };
}

/** Read all labels that stand, and tell who made them and when; verdicts that are not told count as work alone. */
export async function summariseLabels(catalog: Pick<CatalogRepository, 'readLabels'>): Promise<LabelWork> {
  const decisions: Decision[] = [];
  for await (const labels of catalog.readLabels())
    for (const { curator, decidedAt, verdict, decisionMs } of labels)
      decisions.push({ curator, atMs: Date.parse(decidedAt), verdict, decisionMs });
  return { curators: [...summariseWork(decisions)], days: [...countByDay(decisions)] };
}
