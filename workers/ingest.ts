import { readExposureTask } from '../core/adapters/imaging/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: reading files. */
export default serveTasks([readExposureTask]);
