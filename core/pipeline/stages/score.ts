import type { ScoredDetection } from '../ports.ts';
import type { Stage } from '../stage.ts';

/** Score every detection with the real-bogus model and rank them: candidates first, best first. */
export const score: Stage<'score'> = {
  name: 'score',
  keeps: 'everything',
  config: (_config, ports) => ({ modelVersion: ports.modelVersion }),
  run: async ({ need, ports, report }) => {
    const { detections, triplets } = await need('detect');
    report(0.2, `scoring ${detections.length} detections`);
    const { scores, modelVersion, executionProvider } = await ports.score(detections, triplets);
    const order = detections.map((_, index) => index);
    order.sort((a, b) => {
      const vetoed = Math.sign(detections[a]!.vetoes.length) - Math.sign(detections[b]!.vetoes.length);
      return vetoed || scores[b]! - scores[a]! || detections[b]!.snr - detections[a]!.snr;
    });
    const ranked = order.map((index, position): ScoredDetection => {
      const { data } = triplets[index]!;
      return {
        detection: detections[index]!,
        score: scores[index]!,
        rank: position + 1,
        triplet: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      };
    });
    return { modelVersion, executionProvider, detections: ranked };
  },
  summarise: ({ detections, modelVersion }) => ({
    metrics: { scored: detections.length },
    events: [{ kind: 'detection.scored', data: { count: detections.length, modelVersion } }],
  }),
};
