import { calibrateFieldTask } from '../core/domains/catalog/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: coordinates and magnitudes from reference catalogues. */
export default serveTasks([calibrateFieldTask]);
