import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Sha256 } from '../../pipeline/ports.ts';
import type { TransferOptions } from './bucket-store.ts';
import { nameOf } from './explain-bucket-error.ts';
import { damagedHere, type Input, md5, until } from './read-input.ts';

const MIB = 1024 * 1024;
/** S3 takes 10,000 parts; some room is left. */
const MAX_PARTS = 9500;
/** How often an upload that somebody else completed or aborted meanwhile is begun again. */
const TRIES = 4;

/** Where the parts of one blob go. */
interface PartedObject {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly sha256: Sha256;
}

/** An upload in parts that was neither completed nor aborted. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly begunAt: Date;
}

/** Size of the parts that a blob is sent in: all but the last are equal, as R2 wants them. */
export function partBytesFor(bytes: number, least = 8 * MIB): number {
  return Math.max(least, Math.ceil(bytes / MAX_PARTS / MIB) * MIB);
}

/** List uploads in parts under keys that begin so, oldest first. */
export async function listUploads({
  client,
  bucket,
  key,
}: Omit<PartedObject, 'sha256'>): Promise<readonly UnfinishedUpload[]> {
  const found: UnfinishedUpload[] = [];
  for (let after: { KeyMarker?: string; UploadIdMarker?: string } = {}; ; ) {
    const page = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key, ...after }),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
      if (Key !== undefined && UploadId !== undefined)
        found.push({ key: Key, uploadId: UploadId, begunAt: Initiated ?? new Date() });
    if (!page.IsTruncated) break;
    after = { KeyMarker: page.NextKeyMarker ?? '', UploadIdMarker: page.NextUploadIdMarker ?? '' };
  }
  return found.sort(
    (a, b) => a.begunAt.getTime() - b.begunAt.getTime() || (a.uploadId < b.uploadId ? -1 : 1),
  );
}

/** Abort uploads in parts under keys that begin so. @returns how many there were */
export async function abortUploads(
  object: Omit<PartedObject, 'sha256'>,
  before?: Date | undefined,
): Promise<number> {
  const { client, bucket } = object;
  const old = (await listUploads(object)).filter(({ begunAt }) => before === undefined || begunAt < before);
  for (const { key, uploadId } of old)
    await ignoreGone(
      client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })),
    );
  return old.length;
}

/**
 * Send a blob in parts: an upload that was begun before goes on with those that are missing.
 *
 * @param isThere asked where the upload is gone: somebody else may have completed it.
 * @returns whether it was this one that completed it.
 * @throws storage/corrupted
 */
export async function uploadParts(
  object: PartedObject,
  input: Input,
  partBytes: number,
  isThere: () => Promise<boolean>,
  options: TransferOptions,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await sendOnce(object, input, partBytes, options);
      return true;
    } catch (error) {
      if (nameOf(error) !== 'NoSuchUpload') throw error;
      // Completed, and the answer lost; or another workstation was first.
      if (await isThere()) return false;
      if (tries === TRIES) throw error;
    }
  }
}

async function sendOnce(
  object: PartedObject,
  input: Input,
  partBytes: number,
  { pace, signal }: TransferOptions,
): Promise<void> {
  const { client, bucket: Bucket, key: Key, sha256 } = object;
  const [begun] = await listUploads(object);
  const UploadId = begun?.uploadId ?? (await begin(object));
  const arrived = begun === undefined ? new Map<number, string>() : await listParts(object, UploadId);
  const hash = createHash('sha256');
  const Parts: { PartNumber: number; ETag: string }[] = [];
  for (let at = 0, PartNumber = 1; at < input.bytes; at += partBytes, PartNumber++) {
    signal?.throwIfAborted();
    const body = await input.read(at, Math.min(partBytes, input.bytes - at));
    hash.update(body);
    const ETag = `"${md5(body, 'hex')}"`;
    if (arrived.get(PartNumber) !== ETag) {
      await pace?.(body.length, signal);
      const part = { PartNumber, Body: body, ContentLength: body.length, ContentMD5: md5(body, 'base64') };
      await client.send(new UploadPartCommand({ Bucket, Key, UploadId, ...part }), until(signal));
    }
    Parts.push({ PartNumber, ETag });
  }
  if (hash.digest('hex') !== sha256) {
    await ignoreGone(client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })));
    throw damagedHere(sha256);
  }
  await client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
}

async function begin({ client, bucket, key, sha256 }: PartedObject): Promise<string> {
  const begun = await client.send(
    new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, Metadata: { sha256 } }),
  );
  return begun.UploadId!;
}

/** Parts that are there, by number: their digests. */
async function listParts(
  { client, bucket, key }: PartedObject,
  uploadId: string,
): Promise<ReadonlyMap<number, string>> {
  const arrived = new Map<number, string>();
  for (let marker: string | undefined; ; ) {
    const page = await client.send(
      new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
    );
    for (const { PartNumber, ETag } of page.Parts ?? []) arrived.set(PartNumber!, ETag!);
    if (!page.IsTruncated) return arrived;
    marker = page.NextPartNumberMarker;
  }
}

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (nameOf(error) !== 'NoSuchUpload') throw error;
  }
}
