import { serveTasks } from '../../../core/pipeline/tasks.ts';
import { subtractTileWithFluxTask } from '../subtract-with-flux.ts';

/** Thread entry of the benchmark: tiles of differences with their fluxes. */
export default serveTasks([subtractTileWithFluxTask]);
