import { and, eq, inArray, sql } from 'drizzle-orm';
import type { PlaneRecord, PlaneRepository } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { cutouts, planes } from '../schema/index.ts';

/** Read what planes a run keeps, and what a blob holds. */
export function createPlaneRepository(connection: Connection): PlaneRepository {
  const { orm } = connection;
  return {
    list: (runId) =>
      connection.read(() =>
        orm.select().from(planes).where(eq(planes.runId, runId)).orderBy(planes.kind).all().map(toPlane),
      ),
    ofKind: (runIds, kind) =>
      connection.read(() => {
        if (runIds.length === 0) return new Map();
        const rows = orm
          .select()
          .from(planes)
          .where(and(inArray(planes.runId, [...runIds]), eq(planes.kind, kind)))
          .all();
        return new Map(rows.map((row) => [row.runId, toPlane(row)]));
      }),
    describe: (sha256) =>
      connection.read(() => {
        const plane = orm.select().from(planes).where(eq(planes.sha256, sha256)).limit(1).get();
        if (plane !== undefined)
          return { dtype: plane.dtype, shape: [plane.height, plane.width], unit: plane.unit };
        const cutout = orm
          .select({ bytes: sql<number>`length(${cutouts.bytes})` })
          .from(cutouts)
          .where(eq(cutouts.sha256, sha256))
          .get();
        if (cutout === undefined) return undefined;
        // Three squares of floats.
        const side = Math.sqrt(cutout.bytes / 12);
        return { dtype: 'float32', shape: [3, side, side], unit: 'e-' };
      }),
  };
}

function toPlane({ kind, sha256, width, height, dtype, unit }: typeof planes.$inferSelect): PlaneRecord {
  return { kind, sha256, width, height, dtype, unit };
}
