import type { Detection } from '../../domains/detection/index.ts';
import type { ScoringConfig } from '../config.ts';
import type { ScoredDetection } from '../ports.ts';
import type { Stage } from '../stage.ts';

/**
 * Score every detection with the real-bogus model and rank them.
 *
 * First what the model calls real, most significant first; then what it doubts, by score; then the vetoed.
 */
export const score: Stage<'score'> = {
  name: 'score',
  // The cutouts are those of the detections, and the rows have all of it.
  keeps: 'nothing',
  config: (config, ports) => ({ modelVersion: ports.modelVersion, scoring: config.scoring }),
  run: async ({ need, config, ports, report }) => {
    const { detections, triplets } = await need('detect');
    report(0.2, `scoring ${detections.length} detections`);
    const { scores, modelVersion, executionProvider } = await ports.score(detections, triplets);
    const judged = detections.map((detection, index) => ({
      detection: judge(detection, scores[index]!, config.scoring),
      score: scores[index]!,
      triplet: triplets[index]!.data,
    }));
    judged.sort((a, b) => group(a) - group(b) || merit(b) - merit(a) || b.score - a.score);
    const ranked = judged.map(
      ({ detection, score, triplet }, position): ScoredDetection => ({
        detection,
        score,
        rank: position + 1,
        triplet: new Uint8Array(triplet.buffer, triplet.byteOffset, triplet.byteLength),
      }),
    );
    return { modelVersion, executionProvider, detections: ranked };

    /** What the model calls real, what it doubts, what a rule took out. */
    function group({ detection, score }: (typeof judged)[number]): number {
      if (detection.vetoes.length > 0) return 2;
      return score >= ports.scoreThreshold ? 0 : 1;
    }
    // Scores crowd near 1: among what is called real they say less than how strongly it changed.
    function merit(entry: (typeof judged)[number]): number {
      return group(entry) === 0 ? entry.detection.snr : entry.score;
    }
  },
  summarise: ({ detections, modelVersion }) => ({
    metrics: { scored: detections.length },
    events: [{ kind: 'detection.scored', data: { count: detections.length, modelVersion } }],
  }),
};

/** Take out what the model gives next to no chance: nobody's time is worth it, and it can still be looked up. */
function judge(detection: Detection, score: number, { minScore }: ScoringConfig): Detection {
  if (score >= minScore) return detection;
  const reason = `the model scores it ${score.toFixed(3)}, below ${minScore}`;
  return { ...detection, vetoes: [...detection.vetoes, { rule: 'unlikely', reason }] };
}
