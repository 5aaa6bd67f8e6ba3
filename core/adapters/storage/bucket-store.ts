import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Sha256 } from '../../pipeline/ports.ts';
import { isAstridError } from '../../utils/errors.ts';
import { explainBucketError, isMissing, nameOf } from './explain-bucket-error.ts';
import { damagedHere, digestParts, type Input, md5, openInput, until } from './read-input.ts';
import { streamObject } from './stream-object.ts';
import { abortUploads, listUploads, partBytesFor, uploadParts } from './upload-parts.ts';

/** Where blobs are mirrored: Cloudflare R2 or any other S3. */
export interface BucketAddress {
  /** `https://ACCOUNT.r2.cloudflarestorage.com`, or another S3's. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Begins every key; empty or ending in `/`. */
  readonly prefix?: string | undefined;
  /** `auto` for R2. */
  readonly region?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Waits until so many bytes may be sent or fetched. */
export type Pace = (bytes: number, signal?: AbortSignal) => Promise<void>;

/** A blob in the bucket. */
export interface BucketBlob {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** How a transfer may be slowed and stopped. */
export interface TransferOptions {
  readonly pace?: Pace | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a bucket is spoken to; tests have small parts and little patience. */
export interface BucketTuning {
  /** Least size of a part, and most of what goes whole; 8 MiB. S3 takes no parts below 5 MiB but the last. */
  readonly partBytes?: number | undefined;
  /** A connection on which nothing moves for so long is given up and made anew, ms; 30 s. */
  readonly silenceMs?: number | undefined;
}

/** A bucket of content-addressed blobs. */
export interface BucketStore {
  /**
   * Try what a connection needs: the bucket, reading, writing, removing.
   *
   * @throws storage/unreachable, storage/wrong-key, storage/no-such-bucket, storage/not-permitted
   */
  examine(): Promise<void>;
  /**
   * Tell whether the bucket holds what a file holds, byte for byte, by the digests that it keeps; where it keeps others,
   * by fetching it.
   */
  holds(sha256: Sha256, path: string): Promise<boolean>;
  /** Size in bytes, or `undefined` where there is none. */
  size(sha256: Sha256): Promise<number | undefined>;
  /**
   * Store a file or bytes under their address, unless they are there.
   *
   * The bucket itself remembers what was begun: an upload that was cut off, here or elsewhere, goes on with the parts
   * that are missing, and what else was begun for the same blob is swept away.
   *
   * @param source a file's path, or bytes.
   * @returns whether anything was sent.
   * @throws storage/corrupted where they are not what the address says
   */
  upload(sha256: Sha256, source: string | Uint8Array, options?: TransferOptions): Promise<boolean>;
  /**
   * Stream a blob, checked against its address at the end; where the line breaks, it goes on from the byte it broke at.
   *
   * @throws storage/not-found, storage/corrupted
   */
  download(sha256: Sha256, options?: TransferOptions): AsyncIterable<Uint8Array>;
  list(): AsyncIterable<BucketBlob>;
  /** Note that a project keeps blobs here; once is enough. */
  enter(projectId: string): Promise<void>;
  /** Projects that keep blobs here. */
  listProjects(): Promise<readonly string[]>;
  /** What the bucket's own clock says: it dates what is stored. */
  now(): Promise<Date>;
  remove(sha256: Sha256): Promise<void>;
  /** Uploads in parts that were neither completed nor aborted. */
  listUnfinished(): AsyncIterable<{ readonly begunAt: Date }>;
  /** Abort uploads in parts that were begun before a moment. @returns how many */
  abortUnfinished(before: Date): Promise<number>;
  close(): void;
}

const PART_BYTES = 8 * 1024 * 1024;
const SILENCE_MS = 30_000;

/** Open a bucket; nothing is asked of it before the first question. */
export function openBucket(address: BucketAddress, tuning: BucketTuning = {}): BucketStore {
  const { bucket, prefix = '' } = address;
  const { partBytes: leastPartBytes = PART_BYTES, silenceMs = SILENCE_MS } = tuning;
  const client = new S3Client({
    region: address.region ?? 'auto',
    endpoint: address.endpoint,
    credentials: { accessKeyId: address.accessKeyId, secretAccessKey: address.secretAccessKey },
    forcePathStyle: true,
    // R2 refuses the CRC32 that the SDK would add; MD5 and our own SHA-256 go with every request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 8,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: silenceMs },
  });
  const start = `${prefix}blobs/sha256/`;
  const where = `${new URL(address.endpoint).host}/${bucket}`;
  const keyOf = (sha256: Sha256): string => `${start}${sha256.slice(0, 2)}/${sha256}`;
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw explainBucketError(error, where);
    }
  };
  const look = (
    sha256: Sha256,
  ): Promise<{ readonly bytes: number | undefined; readonly etag: string | undefined } | undefined> =>
    attempt(async () => {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: keyOf(sha256) }));
        return { bytes: head.ContentLength, etag: head.ETag?.replaceAll('"', '') };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  const size = async (sha256: Sha256): Promise<number | undefined> => (await look(sha256))?.bytes;

  const store: BucketStore = {
    size,
    examine: () =>
      attempt(async () => {
        await client.send(new HeadBucketCommand({ Bucket: bucket }));
        const Key = `${prefix}astrid-connection-test`;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'AstrID can write here.' }));
        await (await client.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToByteArray();
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }),
    upload: (sha256, source, options = {}) =>
      attempt(async () => {
        const input = await openInput(source);
        try {
          const object = { client, bucket, key: keyOf(sha256), sha256 };
          const isWhole = input.bytes <= leastPartBytes;
          const isThere = async (): Promise<boolean> => (await size(sha256)) === input.bytes;
          const isSent =
            !(await isThere()) &&
            (isWhole
              ? await putWhole(input, sha256, options)
              : await uploadParts(
                  object,
                  input,
                  partBytesFor(input.bytes, leastPartBytes),
                  isThere,
                  options,
                ));
          // Of an answer that was lost, or of somebody who was killed: the blob is there, and they are in its way.
          if (!isWhole) await abortUploads(object);
          return isSent;
        } finally {
          await input.close();
        }
      }),
    holds: async (sha256, path) => {
      const input = await openInput(path);
      try {
        const head = await look(sha256);
        if (head?.bytes !== input.bytes) return false;
        const digest = await digestParts(input, sha256, partBytesFor(input.bytes, leastPartBytes));
        if (head.etag === (input.bytes <= leastPartBytes ? digest.whole : digest.parts)) return true;
      } finally {
        await input.close();
      }
      try {
        // It throws at the end where they are others.
        for await (const _ of store.download(sha256));
        return true;
      } catch (error) {
        if (isAstridError(error) && error.code !== 'storage/unreachable') return false;
        throw error;
      }
    },
    download: (sha256, options = {}) =>
      streamObject({ client, bucket, key: keyOf(sha256), sha256, where }, options),
    enter: (projectId) =>
      attempt(async () => {
        const Key = `${prefix}projects/${projectId}`;
        try {
          await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key,
              Body: 'AstrID keeps pixels here.',
              IfNoneMatch: '*',
            }),
          );
        } catch (error) {
          if (nameOf(error) !== 'PreconditionFailed') throw error;
        }
      }),
    listProjects: () =>
      attempt(async () => {
        const Prefix = `${prefix}projects/`;
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
        return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key.slice(Prefix.length)]));
      }),
    now: () =>
      attempt(async () => {
        const Key = `${prefix}astrid-clock`;
        await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'What time is it?' }));
        const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
        return LastModified ?? new Date();
      }),
    async *list() {
      for (let token: string | undefined; ; ) {
        const page = await attempt(() =>
          client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: start, ContinuationToken: token })),
        );
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          const sha256 = Key?.slice(start.length + 3) ?? '';
          if (/^[0-9a-f]{64}$/.test(sha256))
            yield { sha256, bytes: Size ?? 0, storedAt: LastModified ?? new Date() };
        }
        if (!page.IsTruncated) return;
        token = page.NextContinuationToken;
      }
    },
    remove: (sha256) =>
      attempt(async () => {
        // One by one: R2 wants a checksum of lists that the SDK makes in a way it refuses.
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(sha256) }));
      }),
    async *listUnfinished() {
      yield* await attempt(() => listUploads({ client, bucket, key: start }));
    },
    abortUnfinished: (before) => attempt(() => abortUploads({ client, bucket, key: start }, before)),
    close: () => client.destroy(),
  };
  return store;

  async function putWhole(input: Input, sha256: Sha256, { pace, signal }: TransferOptions): Promise<boolean> {
    const { bytes } = input;
    const body = await input.read(0, bytes);
    if (createHash('sha256').update(body).digest('hex') !== sha256) throw damagedHere(sha256);
    await pace?.(bytes, signal);
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: keyOf(sha256),
          Body: body,
          ContentLength: bytes,
          ContentMD5: md5(body, 'base64'),
          IfNoneMatch: '*',
          Metadata: { sha256 },
        }),
        until(signal),
      );
      return true;
    } catch (error) {
      // Another workstation was first, or an answer of ours was lost: the same bytes either way.
      if (nameOf(error) === 'PreconditionFailed') return false;
      throw error;
    }
  }
}
