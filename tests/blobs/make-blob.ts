import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { makeRandom } from '../sync/make-random.ts';

const MIB = 1024 * 1024;

/** Sizes of so many blobs that make up so many bytes: one in forty goes in parts, the others are small ones. */
export function chooseSizes(objects: number, bytes: number, partBytes: number): readonly number[] {
  const random = makeRandom(4711);
  const weights = Array.from({ length: objects }, (_, n) =>
    n % 40 === 0 ? partBytes * (1.2 + 3 * random()) : 0,
  );
  const inParts = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = Math.min(1, (bytes * 0.6) / Math.max(1, inParts));
  const small = weights.map((weight) => (weight > 0 ? 0 : 0.05 + random()));
  const unit =
    Math.max(0, bytes - inParts * scale) /
    Math.max(
      1,
      small.reduce((sum, one) => sum + one, 0),
    );
  return weights.map((weight, n) => Math.max(1, Math.round(weight > 0 ? weight * scale : small[n]! * unit)));
}

/** The bytes of a blob, always the same, in pieces. */
export function* makeBlob(n: number, bytes: number): Generator<Buffer> {
  const key = createHash('md5').update(`blob ${n}`).digest();
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(MIB);
  for (let at = 0; at < bytes; at += MIB) yield cipher.update(zeros.subarray(0, Math.min(MIB, bytes - at)));
}

/** SHA-256 of pieces of bytes. */
export async function hashOf(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** SHA-256 of a file. */
export function hashOfFile(path: string): Promise<string> {
  return hashOf(createReadStream(path));
}
