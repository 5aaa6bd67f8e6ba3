import { inArray, sql } from 'drizzle-orm';
import type { BlobLedger } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { sharedBlobs } from '../schema/index.ts';

/** Keep account of the blobs that a bucket has, is to have, or alone has. */
export function createBlobLedger(connection: Connection): BlobLedger {
  const { orm } = connection;
  return {
    countToSend: () =>
      connection.read(
        () =>
          orm.get<{ count: number; bytes: number }>(
            sql`SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM shared_blobs WHERE ${TO_SEND}`,
          )!,
      ),
    listToSend: (limit, after) =>
      connection.read(() =>
        orm.all<{ sha256: string; bytes: number }>(
          sql`SELECT sha256, bytes FROM shared_blobs WHERE ${TO_SEND} AND sha256 > ${after}
            ORDER BY sha256 LIMIT ${limit}`,
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
  };
}

// Who collects garbage asks the catalogue what is wanted: it has to know first.
const TO_SEND = sql`mirrored_at IS NULL AND change_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM outbox WHERE outbox.change_id = shared_blobs.change_id AND sent_at IS NOT NULL)`;
