import { preprocessExposureTask, registerTemplateTask } from '../core/domains/preprocessing/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: calibration and registration. */
export default serveTasks([preprocessExposureTask, registerTemplateTask]);
