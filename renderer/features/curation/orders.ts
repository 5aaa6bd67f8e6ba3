import type { QueueOrder } from '../../../core/api/contract/index.ts';

/** The orders of a queue, in words. */
export const ORDERS: readonly {
  readonly order: QueueOrder;
  readonly name: string;
  readonly meaning: string;
}[] = [
  { order: 'score', name: 'score', meaning: 'What the model finds likeliest to be real comes first.' },
  { order: 'uncertainty', name: 'uncertainty', meaning: 'What the model knows least about comes first.' },
  { order: 'novelty', name: 'novelty', meaning: 'What is least like anything labelled so far comes first.' },
  { order: 'gain', name: 'gain', meaning: 'What a label is expected to teach most about comes first.' },
  { order: 'snr', name: 'S/N', meaning: 'The brightest changes come first.' },
];
