import { createFileReader } from '../core/adapters/imaging/index.ts';
import {
  clearRowsTask,
  estimatePsfTask,
  findCoresTask,
  finishRowsTask,
  fitAlardLuptonTask,
  fitDeltaBasisTask,
  forcePhotometryTask,
  measureCellsTask,
  measurePsfFluxTask,
  measureSeenTask,
  modelSaturatedTask,
  subtractTileTask,
  subtractTileWithKernelTask,
  surveyRowsTask,
} from '../core/domains/differencing/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

const files = createFileReader();

/** Thread entry: PSFs and tiles of differences. */
export default serveTasks(
  [
    estimatePsfTask,
    findCoresTask,
    measureCellsTask,
    measureSeenTask,
    modelSaturatedTask,
    subtractTileTask,
    fitAlardLuptonTask,
    fitDeltaBasisTask,
    subtractTileWithKernelTask,
    measurePsfFluxTask,
    forcePhotometryTask,
    surveyRowsTask,
    clearRowsTask,
    finishRowsTask,
  ],
  { readFile: files.read },
  files.close,
);
