import type { Scorer } from './model.ts';

/** S/N that the substitute gives half of a score. */
const HALF_SNR = 8;

/**
 * Make what scores where no model is installed: S/N put into [0, 1], so that the order is that of S/N.
 *
 * It calls nothing real by itself: its threshold is above every score.
 */
export function createSubstituteScorer(): Scorer {
  const modelVersion = 'none';
  const executionProvider = 'none';
  return {
    modelVersion,
    executionProvider,
    notes: ['no score model is installed: candidates are in the order of S/N'],
    threshold: 1,
    score: async (detections) => ({
      scores: detections.map(({ snr }) => Math.max(0, snr) / (Math.max(0, snr) + HALF_SNR)),
      modelVersion,
      executionProvider,
    }),
    measure: async () => ({ rows: 0, seconds: 0 }),
    close: async () => undefined,
  };
}
