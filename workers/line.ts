import { parentPort, workerData } from 'node:worker_threads';
import { workLine } from '../core/app/work-line.ts';

/** Thread entry: takes up queued runs. */
workLine(parentPort!, workerData);
