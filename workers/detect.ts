import { detectTask } from '../core/domains/detection/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: detection on differences. */
export default serveTasks([detectTask]);
