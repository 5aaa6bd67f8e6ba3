import { closeModelTask, openModelTask, scoreRowsTask } from '../core/adapters/ml/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: the one that owns the inference session. */
export default serveTasks([openModelTask, scoreRowsTask, closeModelTask]);
