import type { SimulateConfig } from '../domains/observations/index.ts';

/** One field of the sample night. */
export interface SampleField {
  readonly name: string;
  readonly config: Partial<SimulateConfig>;
}

/**
 * The night that is offered where there is no data yet: three simulated fields, from kind to unkind.
 *
 * Small enough to be processed before one's eyes, and the same everywhere.
 */
export const SAMPLE_NIGHT: readonly SampleField[] = [
  { name: 'field-1-easy', config: { sizePx: 768, transients: 12, seed: 101, difficulty: 'easy' } },
  { name: 'field-2-survey', config: { sizePx: 1024, transients: 16, seed: 102, difficulty: 'survey' } },
  { name: 'field-3-hard', config: { sizePx: 1024, transients: 16, seed: 103, difficulty: 'hard' } },
];
