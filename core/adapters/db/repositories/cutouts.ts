import { createHash } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { CutoutMirror } from '../../../domains/sync/index.ts';
import type { BlobReader } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { cutouts } from '../schema/index.ts';

/** Read triplets by their address, as other blobs are. */
export function createCutoutReader(connection: Connection): BlobReader {
  const read = (sha256: string): Promise<Buffer> =>
    connection.read(() => {
      const row = connection.orm.select().from(cutouts).where(eq(cutouts.sha256, sha256)).get();
      if (row === undefined || row.bytes.length === 0)
        throw new AstridError(
          'storage/not-found',
          row === undefined
            ? `There is no triplet ${sha256} in this workspace.`
            : `The triplet ${sha256} is on another workstation and was not fetched yet; it comes with the next sync that reaches the bucket.`,
          { sha256 },
        );
      return row.bytes;
    });
  return {
    size: (sha256) =>
      connection.read(
        () =>
          connection.orm
            .select({ bytes: sql<number>`length(${cutouts.bytes})` })
            .from(cutouts)
            .where(eq(cutouts.sha256, sha256))
            .get()?.bytes || undefined,
      ),
    get: async (sha256) => {
      const stored = await read(sha256);
      if (createHash('sha256').update(stored).digest('hex') !== sha256)
        throw new AstridError(
          'storage/corrupted',
          `The triplet ${sha256} is not what was stored; process its run again.`,
          { sha256 },
        );
      const bytes = new Uint8Array(new SharedArrayBuffer(stored.byteLength));
      bytes.set(stored);
      return bytes;
    },
    openRange: async function* (sha256, start, end) {
      yield (await read(sha256)).subarray(start, end);
    },
    readRows: async (sha256, { start, rowBytes, stride, count }) => {
      const stored = await read(sha256);
      const rows = new Uint8Array(rowBytes * count);
      for (let i = 0; i < count; i++)
        rows.set(stored.subarray(start + i * stride, start + i * stride + rowBytes), i * rowBytes);
      return rows;
    },
  };
}

/** Keep account of the triplets that a bucket has, and of those that are only there. */
export function createCutoutMirror(connection: Connection): CutoutMirror {
  const { orm } = connection;
  return {
    countToSend: () =>
      connection.read(
        () => orm.get<{ n: number }>(sql`SELECT count(*) AS n FROM cutouts WHERE ${WANTED}`)!.n,
      ),
    listToSend: (limit, after) =>
      connection.read(() =>
        orm.all<{ sha256: string; bytes: Buffer }>(
          sql`SELECT sha256, bytes FROM cutouts WHERE ${TO_SEND} AND sha256 > ${after} ORDER BY sha256 LIMIT ${limit}`,
        ),
      ),
    noteSent: (addresses) =>
      connection.write(() => {
        for (const sha256 of addresses)
          orm.update(cutouts).set({ mirroredAt: connection.now() }).where(eq(cutouts.sha256, sha256)).run();
      }),
    countToFetch: () =>
      connection.read(
        () => orm.get<{ n: number }>(sql`SELECT count(*) AS n FROM cutouts WHERE length(bytes) = 0`)!.n,
      ),
    listToFetch: (limit, after) =>
      connection.read(() =>
        orm.all<{ sha256: string }>(
          sql`SELECT sha256 FROM cutouts WHERE length(bytes) = 0 AND sha256 > ${after} ORDER BY sha256 LIMIT ${limit}`,
        ),
      ),
    store: (fetched) =>
      connection.write(() => {
        for (const { sha256, bytes } of fetched)
          orm
            .update(cutouts)
            .set({ bytes: Buffer.from(bytes), mirroredAt: connection.now() })
            .where(eq(cutouts.sha256, sha256))
            .run();
      }),
    isAway: (sha256) =>
      connection.read(
        () =>
          orm.get(sql`SELECT 1 FROM cutouts WHERE sha256 = ${sha256} AND length(bytes) = 0`) !== undefined,
      ),
    startOver: () =>
      connection.write(() => {
        orm.update(cutouts).set({ mirroredAt: null }).run();
      }),
  };
}

// Of what was vetoed only this workstation wants to see the pixels, and of what the catalogue refused too.
const WANTED = sql`mirrored_at IS NULL AND length(bytes) > 0 AND EXISTS (
  SELECT 1 FROM detections WHERE triplet_sha256 = cutouts.sha256 AND is_vetoed = 0 AND (
    EXISTS (SELECT 1 FROM outbox WHERE change_id = detections.id AND refused_at IS NULL)
    OR EXISTS (SELECT 1 FROM runs WHERE runs.id = run_id AND origin IS NOT NULL)))`;

// Who collects garbage asks the catalogue what is wanted: it has to know of a candidate before its pixels are sent.
const TO_SEND = sql`mirrored_at IS NULL AND length(bytes) > 0 AND EXISTS (
  SELECT 1 FROM detections WHERE triplet_sha256 = cutouts.sha256 AND is_vetoed = 0 AND (
    EXISTS (SELECT 1 FROM outbox WHERE change_id = detections.id AND sent_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM runs WHERE runs.id = run_id AND origin IS NOT NULL)))`;
