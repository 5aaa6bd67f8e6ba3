import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QuadIndex } from '../../domains/catalog/index.ts';
import { AstridError } from '../../utils/errors.ts';

/** Bytes before the arrays: one line of JSON, filled up with blanks. */
const HEAD_BYTES = 512;

interface Head {
  readonly version: 1;
  readonly starCount: number;
  readonly quadCount: number;
  readonly rangeArcsec: readonly [number, number];
}

/** Write an index whole or not at all. @throws catalog/unwritable */
export async function writeQuadIndex(folder: string, file: string, index: QuadIndex): Promise<void> {
  const head: Head = {
    version: 1,
    starCount: index.raDeg.length,
    quadCount: index.sizesArcsec.length,
    rangeArcsec: index.rangeArcsec,
  };
  const pieces = [
    new TextEncoder().encode(JSON.stringify(head).padEnd(HEAD_BYTES)),
    ...[index.raDeg, index.decDeg, index.codes, index.stars, index.sizesArcsec].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  ];
  const temporary = join(folder, `.${file}.${randomUUID()}.part`);
  try {
    await writeFile(temporary, pieces, { flush: true });
    await rename(temporary, join(folder, file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw new AstridError(
      'catalog/unwritable',
      `The index was not kept in ${folder}: ${(error as Error).message}. Free some space, or choose another --workspace.`,
      { folder, file },
    );
  }
}

/** Read an index back; `undefined` when it is not there. @throws catalog/damaged */
export async function readQuadIndex(
  folder: string,
  file: string,
  name: string,
): Promise<QuadIndex | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, file));
  } catch {
    return undefined;
  }
  const head = parseHead(bytes);
  const expected = head && HEAD_BYTES + 16 * head.starCount + 36 * head.quadCount;
  if (head === undefined || bytes.length !== expected)
    throw new AstridError(
      'catalog/damaged',
      `The index of catalogue ${name} is damaged; make it again with "astrid catalog index ${name}".`,
      { name, file },
    );
  // A copy of its own starts at a multiple of eight.
  const { buffer } = bytes.slice();
  let at = HEAD_BYTES;
  const take = <View>(make: (offset: number) => View, size: number): View => {
    const view = make(at);
    at += size;
    return view;
  };
  const { starCount: n, quadCount: q } = head;
  return {
    raDeg: take((offset) => new Float64Array(buffer, offset, n), 8 * n),
    decDeg: take((offset) => new Float64Array(buffer, offset, n), 8 * n),
    codes: take((offset) => new Float32Array(buffer, offset, 4 * q), 16 * q),
    stars: take((offset) => new Uint32Array(buffer, offset, 4 * q), 16 * q),
    sizesArcsec: take((offset) => new Float32Array(buffer, offset, q), 4 * q),
    rangeArcsec: head.rangeArcsec,
  };
}

function parseHead(bytes: Uint8Array): Head | undefined {
  try {
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES))) as Head;
    return head.version === 1 ? head : undefined;
  } catch {
    return undefined;
  }
}
