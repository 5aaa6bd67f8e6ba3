import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Json, RawFileLedger, SharedRawFile } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { rawFiles, runs, sharedBlobs } from '../schema/index.ts';
import { SharedRawFilesSchema } from '../shared-schemas.ts';
import { readField, setField } from './read-field.ts';

/** The field by which a workstation tells of the files that a run was made of. */
export const RAW_FIELD = 'raw';

/** Keep account of raw files that go to the bucket, or came from there. */
export function createRawFileLedger(connection: Connection): RawFileLedger {
  const { orm } = connection;
  return {
    // Those whose images are shared: raw files go with them.
    listToTell: () =>
      connection.read(() =>
        orm
          .select({ runId: runs.id, science: runs.sciencePath, template: runs.templatePath })
          .from(runs)
          .where(
            and(
              isNull(runs.origin),
              eq(runs.status, 'done'),
              sql`EXISTS (SELECT 1 FROM field_versions
                WHERE entity = 'run' AND key = runs.id AND field = 'planes' AND is_head = 1)`,
              sql`NOT EXISTS (SELECT 1 FROM field_versions
                WHERE entity = 'run' AND key = runs.id AND field = ${RAW_FIELD} AND is_head = 1)`,
            ),
          )
          .all(),
      ),
    tell: (runId, files) =>
      connection.write(() => {
        const told = files.map(({ path: _, ...file }) => file) as unknown as Json;
        const [changeId] = setField(connection, { entity: 'run', key: runId, field: RAW_FIELD }, told);
        for (const { sha256, bytes, path } of files) {
          orm
            .insert(rawFiles)
            .values({ sha256, path })
            .onConflictDoUpdate({ target: rawFiles.sha256, set: { path } })
            .run();
          orm
            .insert(sharedBlobs)
            .values({ sha256, bytes, changeId, usedAt: connection.now() })
            .onConflictDoUpdate({ target: sharedBlobs.sha256, set: { changeId, mirroredAt: null } })
            .run();
        }
      }),
    list: (runId) => connection.read(() => readRaw(connection, runId)),
    pathOf: (sha256) =>
      connection.read(
        () =>
          orm.select({ path: rawFiles.path }).from(rawFiles).where(eq(rawFiles.sha256, sha256)).get()?.path,
      ),
  };
}

/** Note that raw files of a run can be fetched; call it inside a transaction marked as receiving. */
export function showRaw(connection: Connection, runId: string): void {
  for (const { sha256, bytes } of readRaw(connection, runId))
    connection.orm
      .insert(sharedBlobs)
      .values({ sha256, bytes, usedAt: connection.now() })
      .onConflictDoNothing()
      .run();
}

function readRaw(connection: Connection, runId: string): readonly SharedRawFile[] {
  const state = readField(connection, { entity: 'run', key: runId, field: RAW_FIELD });
  const parsed = SharedRawFilesSchema.safeParse(state?.current.value);
  return parsed.success ? parsed.data : [];
}
