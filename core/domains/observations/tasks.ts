import type { Task } from '../../utils/index.ts';
import type { SimulateConfig, SimulatedField } from './simulate/index.ts';
import { simulateField } from './simulate/index.ts';

/** `simulateField` as a task for a thread. */
export const simulateFieldTask: Task<SimulateConfig, SimulatedField> = {
  name: 'observations.simulate-field',
  run: (config) => simulateField(config),
};
