import type { Task } from '../../utils/index.ts';
import type { ExecutionProvider } from './model.ts';
import type { ModelSession } from './open-session.ts';
import { openSession } from './open-session.ts';
import { readModel } from './read-manifest.ts';

// The inference session lives as long as its thread; there is one thread and one model on it.
let open: ModelSession | undefined;

/** Open a model on this thread. */
export const openModelTask: Task<
  { readonly folder: string; readonly providers?: readonly ExecutionProvider[] | undefined },
  { readonly provider: ExecutionProvider; readonly notes: readonly string[] }
> = {
  name: 'model.open',
  run: async ({ folder, providers }) => {
    await open?.close();
    open = undefined;
    open = await openSession(readModel(folder), providers);
    return { provider: open.provider, notes: open.notes };
  },
};

/** Score rows of features with the open model. */
export const scoreRowsTask: Task<{ readonly rows: Float32Array; readonly count: number }, Float32Array> = {
  name: 'model.score',
  run: ({ rows, count }) => {
    if (!open) throw new Error('no model is open on this thread');
    return open.score(rows, count);
  },
};

/** Free the model, so that the thread may end. */
export const closeModelTask: Task<undefined, void> = {
  name: 'model.close',
  run: async () => {
    await open?.close();
    open = undefined;
  },
};
