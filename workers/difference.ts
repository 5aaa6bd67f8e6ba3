import {
  estimatePsfTask,
  fitAlardLuptonTask,
  fitDeltaBasisTask,
  forcePhotometryTask,
  measurePsfFluxTask,
  modelSaturatedTask,
  subtractTileTask,
  subtractTileWithKernelTask,
} from '../core/domains/differencing/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

/** Thread entry: PSFs and tiles of differences. */
export default serveTasks([
  estimatePsfTask,
  modelSaturatedTask,
  subtractTileTask,
  fitAlardLuptonTask,
  fitDeltaBasisTask,
  subtractTileWithKernelTask,
  measurePsfFluxTask,
  forcePhotometryTask,
]);
