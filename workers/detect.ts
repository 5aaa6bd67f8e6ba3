import { detectTask, enterContestantTask, recoverInjectionsTask } from '../core/domains/detection/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: detecting and measuring changes, and injected ones. */
export default serveTasks([detectTask, recoverInjectionsTask, enterContestantTask]);
