import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Sha256 } from '../../pipeline/ports.ts';
import { AstridError } from '../../utils/errors.ts';
import { explainBucketError, isMissing, nameOf } from './explain-bucket-error.ts';

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

/** Remembers uploads in parts over the end of the program. */
export interface UploadJournal {
  find(sha256: Sha256): Promise<string | undefined>;
  note(sha256: Sha256, uploadId: string): Promise<void>;
  forget(sha256: Sha256): Promise<void>;
}

/** Waits until so many bytes may be sent or fetched. */
export type Pace = (bytes: number, signal?: AbortSignal) => Promise<void>;

/** A blob in the bucket. */
export interface BucketBlob {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** A bucket of content-addressed blobs. */
export interface BucketStore {
  /**
   * Try what a connection needs: the bucket, reading, writing, removing.
   *
   * @throws storage/unreachable, storage/wrong-key, storage/no-such-bucket, storage/not-permitted
   */
  examine(): Promise<void>;
  /** Size in bytes, or `undefined` where there is none. */
  size(sha256: Sha256): Promise<number | undefined>;
  /**
   * Store a file or bytes under their address, unless they are there; an upload that was cut off goes on with the
   * parts that are missing.
   *
   * @returns whether anything was sent.
   * @throws storage/corrupted where they are not what the address says
   */
  upload(
    sha256: Sha256,
    source: string | Uint8Array,
    options: { readonly journal: UploadJournal; readonly pace?: Pace; readonly signal?: AbortSignal },
  ): Promise<boolean>;
  /** Stream a blob, checked against its address at the end. @throws storage/not-found, storage/corrupted */
  download(
    sha256: Sha256,
    options?: { readonly pace?: Pace; readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  list(): AsyncIterable<BucketBlob>;
  remove(sha256: Sha256): Promise<void>;
  /** Abort uploads in parts that were begun before a moment. @returns how many */
  abortUnfinished(before: Date): Promise<number>;
  close(): void;
}

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
/** S3 takes 10,000 parts; some room is left. */
const MAX_PARTS = 9500;

/** Size of the parts that a blob is sent in: all but the last are equal, as R2 wants them. */
export function partBytesFor(bytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(bytes / MAX_PARTS / MIB) * MIB);
}

/** Open a bucket; nothing is asked of it before the first question. */
export function openBucket(address: BucketAddress): BucketStore {
  const { bucket, prefix = '' } = address;
  const client = new S3Client({
    region: address.region ?? 'auto',
    endpoint: address.endpoint,
    credentials: { accessKeyId: address.accessKeyId, secretAccessKey: address.secretAccessKey },
    forcePathStyle: true,
    // R2 refuses the CRC32 that the SDK would add; MD5 and our own SHA-256 go with every request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 8,
  });
  const where = `${new URL(address.endpoint).host}/${bucket}`;
  const keyOf = (sha256: Sha256): string => `${prefix}blobs/sha256/${sha256.slice(0, 2)}/${sha256}`;
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw explainBucketError(error, where);
    }
  };
  const size = (sha256: Sha256): Promise<number | undefined> =>
    attempt(async () => {
      try {
        return (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: keyOf(sha256) })))
          .ContentLength;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });

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
    upload: (sha256, source, options) =>
      attempt(async () => {
        const input = await openInput(source);
        try {
          if ((await size(sha256)) === input.bytes) {
            await options.journal.forget(sha256);
            return false;
          }
          return input.bytes <= PART_BYTES
            ? await putWhole(input, sha256, options)
            : await putParts(input, sha256, options);
        } finally {
          await input.close();
        }
      }),
    async *download(sha256, { pace, signal } = {}) {
      const { Body } = await attempt(async () => {
        try {
          return await client.send(
            new GetObjectCommand({ Bucket: bucket, Key: keyOf(sha256) }),
            until(signal),
          );
        } catch (error) {
          if (isMissing(error))
            throw new AstridError('storage/not-found', `${where} has no blob ${sha256}.`, { sha256 });
          throw error;
        }
      });
      const hash = createHash('sha256');
      const chunks = Body as unknown as AsyncIterable<Uint8Array>;
      try {
        for await (const chunk of chunks) {
          await pace?.(chunk.length, signal);
          hash.update(chunk);
          yield chunk;
        }
      } catch (error) {
        throw explainBucketError(error, where);
      }
      if (hash.digest('hex') !== sha256)
        throw damaged(sha256, `${where} sent a blob that is not what its address says`);
    },
    async *list() {
      const start = `${prefix}blobs/sha256/`;
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
    abortUnfinished: (before) =>
      attempt(async () => {
        let aborted = 0;
        const { Uploads = [] } = await client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: `${prefix}blobs/sha256/` }),
        );
        for (const { Key, UploadId, Initiated } of Uploads) {
          if (Initiated === undefined || Initiated >= before) continue;
          await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
          aborted++;
        }
        return aborted;
      }),
    close: () => client.destroy(),
  };
  return store;

  async function putWhole(
    input: Input,
    sha256: Sha256,
    { pace, signal }: Parameters<BucketStore['upload']>[2],
  ): Promise<boolean> {
    const { bytes } = input;
    const body = await input.read(0, bytes);
    if (createHash('sha256').update(body).digest('hex') !== sha256) throw damaged(sha256, LOCAL_DAMAGE);
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

  async function putParts(
    input: Input,
    sha256: Sha256,
    { journal, pace, signal }: Parameters<BucketStore['upload']>[2],
  ): Promise<boolean> {
    const Key = keyOf(sha256);
    const { bytes } = input;
    const partBytes = partBytesFor(bytes);
    let uploadId = await journal.find(sha256);
    const arrived = new Map<number, string>();
    if (uploadId !== undefined)
      try {
        for (let marker: string | undefined; ; ) {
          const page = await client.send(
            new ListPartsCommand({ Bucket: bucket, Key, UploadId: uploadId, PartNumberMarker: marker }),
          );
          for (const { PartNumber, ETag } of page.Parts ?? []) arrived.set(PartNumber!, ETag!);
          if (!page.IsTruncated) break;
          marker = page.NextPartNumberMarker;
        }
      } catch (error) {
        if (nameOf(error) !== 'NoSuchUpload') throw error;
        uploadId = undefined;
      }
    if (uploadId === undefined) {
      const begun = await client.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key, Metadata: { sha256 } }),
      );
      uploadId = begun.UploadId!;
      await journal.note(sha256, uploadId);
    }
    const hash = createHash('sha256');
    const parts: { PartNumber: number; ETag: string }[] = [];
    for (let at = 0, number = 1; at < bytes; at += partBytes, number++) {
      signal?.throwIfAborted();
      const body = await input.read(at, Math.min(partBytes, bytes - at));
      hash.update(body);
      const etag = `"${md5(body, 'hex')}"`;
      if (arrived.get(number) !== etag) {
        await pace?.(body.length, signal);
        await client.send(
          new UploadPartCommand({
            Bucket: bucket,
            Key,
            UploadId: uploadId,
            PartNumber: number,
            Body: body,
            ContentLength: body.length,
            ContentMD5: md5(body, 'base64'),
          }),
          until(signal),
        );
      }
      parts.push({ PartNumber: number, ETag: etag });
    }
    if (hash.digest('hex') !== sha256) {
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId: uploadId }));
      await journal.forget(sha256);
      throw damaged(sha256, LOCAL_DAMAGE);
    }
    try {
      await client.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key,
          UploadId: uploadId,
          MultipartUpload: { Parts: parts },
        }),
      );
    } catch (error) {
      // Completed already, and the answer was lost: then the blob is there whole.
      if (nameOf(error) !== 'NoSuchUpload' || (await size(sha256)) !== bytes) throw error;
    }
    await journal.forget(sha256);
    return true;
  }
}

function until(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

const LOCAL_DAMAGE = 'the file of this workspace is not what its address says; check the disk';

/** What is uploaded: read by parts, so that a large file is never in memory whole. */
interface Input {
  readonly bytes: number;
  read(start: number, bytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

async function openInput(source: string | Uint8Array): Promise<Input> {
  if (typeof source !== 'string')
    return {
      bytes: source.length,
      read: async (start, bytes) => source.subarray(start, start + bytes),
      close: async () => undefined,
    };
  const file = await open(source, 'r');
  return {
    bytes: (await file.stat()).size,
    read: (start, bytes) => readPart(file, start, bytes),
    close: () => file.close(),
  };
}

async function readPart(file: FileHandle, start: number, bytes: number): Promise<Uint8Array> {
  const part = new Uint8Array(bytes);
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await file.read(part, at, bytes - at, start + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return part;
}

function md5(bytes: Uint8Array, encoding: 'base64' | 'hex'): string {
  return createHash('md5').update(bytes).digest(encoding);
}

function damaged(sha256: Sha256, what: string): AstridError {
  return new AstridError('storage/corrupted', `Blob ${sha256}: ${what}.`, { sha256 });
}
