import { eq, inArray, sql } from 'drizzle-orm';
import { type BlobLedger, type Json, SHARED_PLANES, type SharedPlane } from '../../../domains/sync/index.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { keptRuns, planes, runs, sharedBlobs } from '../schema/index.ts';
import { SharedPlanesSchema } from '../shared-schemas.ts';
import { appendEvent } from './events.ts';
import { readField, setField } from './read-field.ts';

/** Fields of a run by which workstations speak of its images. */
export const PLANES_FIELD = 'planes';
export const WANTED_FIELD = 'wanted';

/** Keep account of the blobs that a bucket has, is to have, or alone has. */
export function createBlobLedger(connection: Connection): BlobLedger {
  const { orm } = connection;
  return {
    mirrorRun: (runId) =>
      connection.write(() => {
        const run = readRun(connection, runId);
        if (run.origin === null) {
          if (run.status !== 'done' || listOwn(connection, runId).length === 0)
            throw new AstridError(
              'sync/no-images',
              `Run ${runId} has no images to mirror: its line has not come to its end.`,
              { runId, status: run.status },
            );
          return tellPlanes(connection, runId) ? 'sending' : 'shared';
        }
        if (readValue(connection, runId, PLANES_FIELD) !== undefined) return 'shared';
        if (readValue(connection, runId, WANTED_FIELD) === undefined)
          setField(connection, { entity: 'run', key: runId, field: WANTED_FIELD }, true);
        return 'asked';
      }),
    mirrorWanted: (all) =>
      connection.write(() => {
        // Runs with an image that nobody was told of: never shared, or done again since.
        const wanted = orm.all<{ id: string }>(sql`SELECT DISTINCT run_id AS id FROM planes
          JOIN runs ON runs.id = run_id
          WHERE origin IS NULL AND status = 'done' AND kind IN (${sql.join(
            SHARED_PLANES.map((kind) => sql`${kind}`),
            sql`, `,
          )})
          AND NOT EXISTS (SELECT 1 FROM shared_blobs
            WHERE shared_blobs.sha256 = planes.sha256 AND change_id IS NOT NULL)
          AND (${all ? 1 : 0} OR EXISTS (SELECT 1 FROM field_versions
            WHERE entity = 'run' AND key = run_id AND field IN (${PLANES_FIELD}, ${WANTED_FIELD})
              AND is_head = 1))`);
        for (const { id } of wanted) tellPlanes(connection, id);
      }),
    keepRun: (runId, isKept) =>
      connection.write(() => {
        readRun(connection, runId);
        if (isKept) orm.insert(keptRuns).values({ runId }).onConflictDoNothing().run();
        else orm.delete(keptRuns).where(eq(keptRuns.runId, runId)).run();
      }),
    countToSend: () =>
      connection.read(
        () =>
          orm.get<{ count: number; bytes: number }>(
            sql`SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM shared_blobs
              WHERE mirrored_at IS NULL AND change_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox
                WHERE outbox.change_id = shared_blobs.change_id AND refused_at IS NOT NULL)`,
          )!,
      ),
    // Who collects garbage asks the catalogue what is wanted: it has to know first.
    listToSend: (limit, after) =>
      connection.read(() =>
        orm.all<{ sha256: string; bytes: number }>(
          sql`SELECT sha256, bytes FROM shared_blobs WHERE mirrored_at IS NULL AND change_id IS NOT NULL
            AND EXISTS (SELECT 1 FROM outbox
              WHERE outbox.change_id = shared_blobs.change_id AND sent_at IS NOT NULL)
            AND sha256 > ${after} ORDER BY sha256 LIMIT ${limit}`,
        ),
      ),
    noteMirrored: (addresses) =>
      connection.write(() => {
        orm
          .update(sharedBlobs)
          .set({ mirroredAt: connection.now() })
          .where(inArray(sharedBlobs.sha256, [...addresses]))
          .run();
      }),
    noteLost: (sha256) =>
      connection.write(() => {
        orm.update(sharedBlobs).set({ mirroredAt: null }).where(eq(sharedBlobs.sha256, sha256)).run();
      }),
    noteUsed: async (uses) => {
      if (uses.size === 0) return;
      await connection.write(() => {
        for (const [sha256, usedAt] of uses)
          orm.update(sharedBlobs).set({ usedAt }).where(eq(sharedBlobs.sha256, sha256)).run();
      });
    },
    listShared: (addresses) =>
      connection.read(() =>
        orm
          .select({ sha256: sharedBlobs.sha256 })
          .from(sharedBlobs)
          .where(inArray(sharedBlobs.sha256, [...addresses]))
          .all()
          .map(({ sha256 }) => sha256),
      ),
    size: (sha256) =>
      connection.read(
        () =>
          orm
            .select({ bytes: sharedBlobs.bytes })
            .from(sharedBlobs)
            .where(eq(sharedBlobs.sha256, sha256))
            .get()?.bytes,
      ),
    listMirrored: (limit, after) =>
      connection.read(() =>
        orm
          .all<{ sha256: string; bytes: number; usedAt: string; isKept: number }>(
            sql`SELECT sha256, bytes, used_at AS usedAt, EXISTS (SELECT 1 FROM planes JOIN runs ON runs.id = run_id
                WHERE planes.sha256 = shared_blobs.sha256
                  AND (status <> 'done' OR EXISTS (SELECT 1 FROM kept_runs WHERE kept_runs.run_id = runs.id))) AS isKept
              FROM shared_blobs WHERE mirrored_at IS NOT NULL AND sha256 > ${after}
              ORDER BY sha256 LIMIT ${limit}`,
          )
          .map((row) => ({ ...row, isKept: row.isKept === 1 })),
      ),
    startOver: () =>
      connection.write(() => {
        orm.update(sharedBlobs).set({ mirroredAt: null }).run();
      }),
  };
}

/**
 * Put the images that a run has elsewhere where the program reads them; call it inside a transaction marked as receiving.
 *
 * A run that was made here has its own, and one whose pair was processed here too is not shown.
 */
export function showPlanes(connection: Connection, runId: string): void {
  const { orm } = connection;
  const run = orm.select({ origin: runs.origin }).from(runs).where(eq(runs.id, runId)).get();
  if (run === undefined || run.origin === null) return;
  const shared = SharedPlanesSchema.safeParse(readValue(connection, runId, PLANES_FIELD));
  if (!shared.success) return;
  orm.delete(planes).where(eq(planes.runId, runId)).run();
  for (const plane of shared.data) {
    orm
      .insert(planes)
      .values({ runId, ...plane })
      .run();
    orm
      .insert(sharedBlobs)
      .values({ sha256: plane.sha256, bytes: bytesOf(plane), usedAt: connection.now() })
      .onConflictDoNothing()
      .run();
  }
  appendEvent(connection, { kind: 'run.received', runId, data: { images: shared.data.length } });
}

/** Tell others of a run's images as they are now. @returns whether they were not told of these before */
function tellPlanes(connection: Connection, runId: string): boolean {
  const { orm } = connection;
  const own = listOwn(connection, runId);
  if (own.length === 0) return false;
  if (JSON.stringify(readValue(connection, runId, PLANES_FIELD)) === JSON.stringify(own)) return false;
  const name = { entity: 'run', key: runId, field: PLANES_FIELD } as const;
  const [changeId] = setField(connection, name, own as unknown as Json);
  for (const plane of own)
    orm
      .insert(sharedBlobs)
      .values({ sha256: plane.sha256, bytes: bytesOf(plane), changeId, usedAt: connection.now() })
      .onConflictDoUpdate({
        target: sharedBlobs.sha256,
        // Nobody may have referred to it for a while: whether the bucket still has it is asked again.
        set: { changeId, mirroredAt: null },
      })
      .run();
  return true;
}

function listOwn(connection: Connection, runId: string): readonly SharedPlane[] {
  return connection.orm
    .select()
    .from(planes)
    .where(eq(planes.runId, runId))
    .orderBy(planes.kind)
    .all()
    .filter(({ kind }) => (SHARED_PLANES as readonly string[]).includes(kind))
    .map(({ kind, sha256, width, height, dtype, unit }) => ({ kind, sha256, width, height, dtype, unit }));
}

function readRun(
  connection: Connection,
  runId: string,
): { readonly origin: string | null; readonly status: string } {
  const run = connection.orm
    .select({ origin: runs.origin, status: runs.status })
    .from(runs)
    .where(eq(runs.id, runId))
    .get();
  if (run !== undefined) return run;
  throw new AstridError('pipeline/run-not-found', `There is no run ${runId} in this workspace.`, { runId });
}

function readValue(connection: Connection, runId: string, field: string): Json | undefined {
  return readField(connection, { entity: 'run', key: runId, field })?.current.value;
}

function bytesOf({ width, height, dtype }: SharedPlane): number {
  return width * height * (dtype === 'float32' ? 4 : 2);
}
