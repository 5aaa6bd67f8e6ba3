import { createHash } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { BlobReader } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { cutouts } from '../schema/index.ts';

/** Read triplets by their address, as other blobs are. */
export function createCutoutReader(connection: Connection): BlobReader {
  const read = (sha256: string): Promise<Buffer> =>
    connection.read(() => {
      const row = connection.orm.select().from(cutouts).where(eq(cutouts.sha256, sha256)).get();
      if (row === undefined)
        throw new AstridError('storage/not-found', `There is no triplet ${sha256} in this workspace.`, {
          sha256,
        });
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
            .get()?.bytes,
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
