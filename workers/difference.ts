import { createFileReader } from '../core/adapters/imaging/index.ts';
import {
  estimatePsfTask,
  fitAlardLuptonTask,
  fitDeltaBasisTask,
  forcePhotometryTask,
  judgeProductTask,
  measureCellsTask,
  measurePsfFluxTask,
  modelSaturatedTask,
  subtractTileTask,
  subtractTileWithKernelTask,
} from '../core/domains/differencing/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

const files = createFileReader();

/** Thread entry: PSFs and tiles of differences. */
export default serveTasks(
  [
    estimatePsfTask,
    measureCellsTask,
    modelSaturatedTask,
    subtractTileTask,
    fitAlardLuptonTask,
    fitDeltaBasisTask,
    subtractTileWithKernelTask,
    measurePsfFluxTask,
    forcePhotometryTask,
    judgeProductTask,
  ],
  { readFile: files.read },
  files.close,
);
