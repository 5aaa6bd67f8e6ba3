import { createFileReader } from '../core/adapters/imaging/index.ts';
import {
  enterContestantTask,
  fitShapesTask,
  measurePeaksTask,
  recoverInjectionsTask,
  searchRowsTask,
  shareMaskTask,
} from '../core/domains/detection/index.ts';
import { serveTasks } from '../core/pipeline/tasks.ts';

const files = createFileReader();

/** Thread entry: detecting and measuring changes, and injected ones. */
export default serveTasks(
  [
    searchRowsTask,
    shareMaskTask,
    measurePeaksTask,
    fitShapesTask,
    recoverInjectionsTask,
    enterContestantTask,
  ],
  { readFile: files.read },
  files.close,
);
