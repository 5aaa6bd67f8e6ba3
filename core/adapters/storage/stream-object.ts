import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Sha256 } from '../../pipeline/ports.ts';
import { AstridError, isAstridError } from '../../utils/errors.ts';
import type { TransferOptions } from './bucket-store.ts';
import { explainBucketError, isMissing } from './explain-bucket-error.ts';
import { until } from './read-input.ts';

/** Broken lines in a row, on which nothing came, before a download is given up. */
const BREAKS = 6;
const PAUSE_MS = 100;

/**
 * Stream an object that is named by its address, and check it at the end.
 *
 * @throws storage/not-found, storage/corrupted, storage/unreachable after a line that broke again and again
 */
export async function* streamObject(
  object: {
    readonly client: S3Client;
    readonly bucket: string;
    readonly key: string;
    readonly sha256: Sha256;
    readonly where: string;
  },
  { pace, signal }: TransferOptions,
): AsyncGenerator<Uint8Array, void> {
  const { client, bucket, key, sha256, where } = object;
  const hash = createHash('sha256');
  let bytes: number | undefined;
  let at = 0;
  for (let breaks = 0; bytes === undefined || at < bytes; ) {
    const from = at;
    let isAnswered = false;
    try {
      const answer = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, Range: at === 0 ? undefined : `bytes=${at}-` }),
        until(signal),
      );
      isAnswered = true;
      bytes ??= answer.ContentLength ?? 0;
      for await (const chunk of answer.Body as unknown as AsyncIterable<Uint8Array>) {
        await pace?.(chunk.length, signal);
        hash.update(chunk);
        at += chunk.length;
        yield chunk;
      }
      if (at < bytes) throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
    } catch (error) {
      if (isMissing(error))
        throw new AstridError('storage/not-found', `${where} has no blob ${sha256}.`, { sha256 });
      const explained = explainBucketError(error, where);
      breaks = at > from ? 1 : breaks + 1;
      // What is not answered at all was asked again and again already.
      const isFinal = !isAnswered || breaks === BREAKS;
      if (isFinal || !isAstridError(explained) || explained.code !== 'storage/unreachable') throw explained;
      await sleep(PAUSE_MS * 2 ** breaks, undefined, signal ? { signal } : {});
    }
  }
  if (hash.digest('hex') !== sha256)
    throw new AstridError(
      'storage/corrupted',
      `Blob ${sha256}: ${where} sent a blob that is not what its address says.`,
      { sha256 },
    );
}
