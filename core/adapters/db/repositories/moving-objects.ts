import { eq } from 'drizzle-orm';
import type { MovingObjectStore } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { movingObjects } from '../schema/index.ts';

/** Keep what was said of moving objects over images. */
export function createMovingObjectStore(connection: Connection): MovingObjectStore {
  const { orm } = connection;
  return {
    get: (runId) =>
      connection.read(() => {
        const row = orm.select().from(movingObjects).where(eq(movingObjects.runId, runId)).get();
        if (row === undefined) return undefined;
        const { runId: _, ...found } = row;
        return found;
      }),
    keep: (runId, found) =>
      connection.write(() => {
        orm
          .insert(movingObjects)
          .values({ runId, ...found })
          .onConflictDoUpdate({ target: movingObjects.runId, set: found })
          .run();
      }),
  };
}
