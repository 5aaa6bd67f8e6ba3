import { readExposureTask } from '../core/adapters/imaging/index.ts';
import { simulateFieldTask } from '../core/domains/observations/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: reading files, and simulating them. */
export default serveTasks([readExposureTask, simulateFieldTask]);
