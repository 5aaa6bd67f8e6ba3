import {
  combineRowsTask,
  preprocessExposureTask,
  registerTemplateTask,
} from '../core/domains/preprocessing/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: calibration, registration and coadds. */
export default serveTasks([preprocessExposureTask, registerTemplateTask, combineRowsTask]);
