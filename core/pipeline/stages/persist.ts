import type { Stage } from '../stage.ts';

/**
 * Make candidates of scored detections: rows that people see, label and take away.
 *
 * The rows are written by the end of the stage, in one transaction with its record and its events.
 */
export const persist: Stage<'persist'> = {
  name: 'persist',
  keeps: 'everything',
  config: () => ({}),
  run: async ({ need }) => {
    const { detections } = await need('score');
    const candidates = detections.filter(({ detection }) => detection.vetoes.length === 0).length;
    return { candidates, vetoed: detections.length - candidates };
  },
  summarise: ({ candidates, vetoed }) => ({ metrics: { candidates, vetoed } }),
};
