import { detectTask } from '../core/domains/detection/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: detecting and measuring changes. */
export default serveTasks([detectTask]);
