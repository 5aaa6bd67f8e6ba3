import {
  combineRowsTask,
  planRegistrationTask,
  preprocessExposureTask,
  resampleRowsTask,
} from '../core/domains/preprocessing/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: calibration, registration and coadds. */
export default serveTasks([preprocessExposureTask, planRegistrationTask, resampleRowsTask, combineRowsTask]);
