import { AstridError, isAstridError } from '../utils/index.ts';
import type { BlobReader, BlobStore } from './ports.ts';

type TypedArray = Float32Array | Float64Array | Uint16Array | Uint8Array | Int32Array;

const ARRAY_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  int32: Int32Array,
} as const;

type ArrayTypeName = keyof typeof ARRAY_TYPES;

interface ArrayReference {
  readonly $array: ArrayTypeName;
  readonly sha256: string;
  /** Where a small one begins in a blob that it shares with others, bytes. */
  readonly at?: number;
  /** Elements; absent in what was kept before they were written down. */
  readonly length?: number;
}

/** An `ArrayReference` as it is written. */
const REFERENCE =
  /"\$array":"(float32|float64|uint16|uint8|int32)","sha256":"([0-9a-f]{64})"(?:,"at":(\d+))?(?:,"length":(\d+))?/g;

/** Smaller arrays share a blob: to make a file durable costs as much as to write a hundred kilobytes. */
const OWN_BLOB_BYTES = 1 << 16;
/** Bytes of small arrays that share a blob. */
const SHARED_BLOB_BYTES = 4 << 20;

const typeNameOf = (array: TypedArray): ArrayTypeName => {
  for (const [name, ArrayType] of Object.entries(ARRAY_TYPES)) {
    if (array instanceof ArrayType) return name as ArrayTypeName;
  }
  throw new Error('an artefact holds an array of a type that is not kept');
};

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/**
 * Keep what a stage made: plain data as one JSON blob, each plane and each large array as a blob of its own, and small
 * arrays one behind the other.
 *
 * Arrays are little-endian as on every machine this runs on. NaN and infinities in plain data are kept.
 *
 * @param onArray told after each array with a blob of its own is stored, with the addresses of all so far.
 * @returns address of the JSON blob, and the address of every array with a blob of its own by its path, e.g. `science.data`.
 */
export async function saveArtefact(
  store: Pick<BlobStore, 'put'>,
  value: unknown,
  onArray: (arrays: ReadonlyMap<string, string>) => void = () => undefined,
): Promise<{ sha256: string; arrays: ReadonlyMap<string, string> }> {
  const arrays = new Map<string, string>();
  // All at once: the store hashes one while it writes others.
  const storing = beginToStore(store);
  const small = gatherSmall(storing);
  const packArray = (array: TypedArray, path: string, isPlane: boolean): ArrayReference => {
    if (!isPlane && array.byteLength < OWN_BLOB_BYTES) return small.add(array);
    const reference = { $array: typeNameOf(array), sha256: '', length: array.length };
    const isStored = (sha256: string): void => {
      arrays.set(path, sha256);
      onArray(arrays);
    };
    storing.put(bytesOf(array), [reference], isStored);
    return reference;
  };
  const pack = (node: unknown, path: string): unknown => {
    if (isTypedArray(node)) return packArray(node, path, false);
    if (Array.isArray(node)) {
      // Long lists of plain rows need no visit of each field unless they hold arrays.
      return node.map((item, index) => (isPlainLeaf(item) ? packLeaf(item) : pack(item, `${path}.${index}`)));
    }
    if (node === null || typeof node !== 'object') return packLeaf(node);
    const isPlane = 'width' in node && 'height' in node;
    const packed: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(node)) {
      if (item === undefined) continue;
      const inner = path === '' ? key : `${path}.${key}`;
      if (isPlainLeaf(item)) packed[key] = packLeaf(item);
      else if (isPlane && key === 'data' && isTypedArray(item)) packed[key] = packArray(item, inner, true);
      else packed[key] = pack(item, inner);
    }
    return packed;
  };
  const packed = pack(value, '');
  small.finish();
  const sha256 = await storing.finish(() => new TextEncoder().encode(JSON.stringify(packed)));
  return { sha256, arrays };
}

/** Store the blobs of an artefact together. */
function beginToStore(store: Pick<BlobStore, 'put'>) {
  const addressing: Promise<void>[] = [];
  const storing: Promise<unknown>[] = [];
  return {
    /** Fill in the address where it is referred to, and tell when the bytes are on disk. */
    put: (
      bytes: Uint8Array,
      references: readonly { sha256: string }[],
      isStored: (sha256: string) => void = () => undefined,
    ): void => {
      let tell: (sha256: string) => void = () => undefined;
      const address = new Promise<string>((resolve) => {
        tell = resolve;
      });
      const stored = store.put(bytes, tell);
      const addressed = Promise.race([address, stored]).then((sha256) => {
        for (const reference of references) reference.sha256 = sha256;
      });
      addressing.push(addressed);
      storing.push(addressed, stored.then(isStored));
    },
    /** Store what refers to all of them, once their addresses are known. @returns its address, when all are on disk */
    finish: async (makeBytes: () => Uint8Array): Promise<string> => {
      const last = Promise.all(addressing).then(() => store.put(makeBytes()));
      // Nothing is written any more once the caller hears of a failure.
      const failed = (await Promise.allSettled([...storing, last])).find(
        ({ status }) => status === 'rejected',
      );
      if (failed?.status === 'rejected') throw failed.reason;
      return last;
    },
  };
}

/** Store small arrays one behind the other, in blobs of a few megabytes. */
function gatherSmall(storing: Pick<ReturnType<typeof beginToStore>, 'put'>) {
  type Placed = { array: TypedArray; reference: { sha256: string; at: number } };
  let open: Placed[] = [];
  let end = 0;
  const close = (): void => {
    const [placed, bytes] = [open, new Uint8Array(end)];
    [open, end] = [[], 0];
    for (const { array, reference } of placed) bytes.set(bytesOf(array), reference.at);
    storing.put(
      bytes,
      placed.map(({ reference }) => reference),
    );
  };
  return {
    add: (array: TypedArray): ArrayReference => {
      const reference = { $array: typeNameOf(array), sha256: '', at: end, length: array.length };
      open.push({ array, reference });
      // Each begins where numbers of any type may.
      end += Math.ceil(array.byteLength / 8) * 8;
      if (end >= SHARED_BLOB_BYTES) close();
      return reference;
    },
    finish: (): void => {
      if (open.length > 0) close();
    },
  };
}

/**
 * Load what `saveArtefact` kept; arrays come back as views of SharedArrayBuffer.
 *
 * @param withArrays false leaves all arrays out, for who wants plain facts of a stage that kept gigabytes.
 * @param addresses is told the address of every array with a blob of its own by its path.
 * @throws storage/artefact-damaged when the blob is not an artefact
 */
export async function loadArtefact<Value>(
  store: Pick<BlobReader, 'get'>,
  sha256: string,
  withArrays = true,
  addresses?: Map<string, string>,
): Promise<Value> {
  let root: unknown;
  try {
    root = JSON.parse(new TextDecoder().decode(await store.get(sha256)));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new AstridError(
        'storage/artefact-damaged',
        `The saved result ${sha256} cannot be read; run this field again.`,
        {
          sha256,
        },
      );
    }
    throw error;
  }
  const shared = new Map<string, Promise<Uint8Array>>();
  const getShared = (address: string): Promise<Uint8Array> => {
    const bytes = shared.get(address) ?? store.get(address);
    shared.set(address, bytes);
    return bytes;
  };
  const unpack = async (node: unknown, path: string): Promise<unknown> => {
    if (Array.isArray(node)) return Promise.all(node.map((item, index) => unpack(item, `${path}.${index}`)));
    if (node === null || typeof node !== 'object') return node;
    const record = node as Record<string, unknown>;
    if (typeof record.$array === 'string') {
      if (!withArrays) return undefined;
      const { $array, sha256: address, at, length } = record as unknown as ArrayReference;
      const ArrayType = ARRAY_TYPES[$array] as new (
        buffer: ArrayBufferLike,
        at?: number,
        length?: number,
      ) => TypedArray;
      // The store hands out bytes at offset 0 of a SharedArrayBuffer of their own: no copy is needed.
      if (at !== undefined) return new ArrayType((await getShared(address)).buffer, at, length);
      addresses?.set(path, address);
      return new ArrayType((await store.get(address)).buffer);
    }
    if (typeof record.$number === 'string') return Number(record.$number);
    const unpacked: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(record)) {
      unpacked[key] = await unpack(item, path === '' ? key : `${path}.${key}`);
    }
    return unpacked;
  };
  return (await unpack(root, '')) as Value;
}

/**
 * Tell whether all blobs of an artefact are there: its JSON is read, its arrays are only looked for.
 *
 * An array that was cut short, and an artefact whose JSON is damaged, are not there.
 */
export async function hasArtefact(store: Pick<BlobStore, 'get' | 'size'>, sha256: string): Promise<boolean> {
  if ((await store.size(sha256)) === undefined) return false;
  const ends = new Map<string, number>();
  try {
    for (const { address, endBytes } of await readReferences(store, sha256))
      ends.set(address, Math.max(endBytes, ends.get(address) ?? 0));
  } catch (error) {
    if (isAstridError(error) && (error.code === 'storage/corrupted' || error.code === 'storage/not-found'))
      return false;
    throw error;
  }
  const found = await Promise.all(
    Array.from(ends, async ([address, endBytes]) => ((await store.size(address)) ?? -1) >= endBytes),
  );
  return found.every(Boolean);
}

/** List the addresses of an artefact's arrays. @throws storage/not-found, storage/corrupted */
export async function listArrays(
  store: Pick<BlobReader, 'get'>,
  sha256: string,
): Promise<ReadonlySet<string>> {
  return new Set((await readReferences(store, sha256)).map(({ address }) => address));
}

/** Find where an artefact's arrays lie, and where in their blobs they end, bytes; 0 where that was not written down. */
async function readReferences(
  store: Pick<BlobReader, 'get'>,
  sha256: string,
): Promise<readonly { readonly address: string; readonly endBytes: number }[]> {
  const json = new TextDecoder().decode(await store.get(sha256));
  return Array.from(json.matchAll(REFERENCE), ([, type, address, at, length]) => ({
    address: address!,
    endBytes: Number(at ?? 0) + Number(length ?? 0) * ARRAY_TYPES[type as ArrayTypeName].BYTES_PER_ELEMENT,
  }));
}

function isPlainLeaf(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

// JSON has no NaN and no infinity; a dead flux must come back as it was.
function packLeaf(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}
