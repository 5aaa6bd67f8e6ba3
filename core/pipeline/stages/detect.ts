import { detectChanges } from '../../domains/detection/index.ts';
import type { Stage } from '../stage.ts';
import { addMagnitudes } from './compare-with-catalogs.ts';

/** Find and measure what changed, with the reasons against each detection. */
export const detect: Stage<'detect'> = {
  name: 'detect',
  keeps: 'everything',
  config: (config) => config.detection,
  run: async (context) => {
    const { need, config, ports, signal, report } = context;
    const { science } = await need('preprocess');
    const template = await need('register');
    const difference = await need('difference');
    report(0.1, 'measuring what is left');
    const input = { difference, science, template };
    const reading = { signal, readFile: ports.readFile };
    const found = await detectChanges(input, config.detection, ports.tasks, reading);
    return { ...found, detections: await addMagnitudes(found.detections, science, difference, context) };
  },
  summarise: ({ detections }) => {
    const vetoed = detections.filter(({ vetoes }) => vetoes.length > 0).length;
    return { metrics: { detections: detections.length, vetoed } };
  },
};
