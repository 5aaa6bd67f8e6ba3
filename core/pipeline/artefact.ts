import { AstridError } from '../utils/index.ts';
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
}

const typeNameOf = (array: TypedArray): ArrayTypeName => {
  for (const [name, ArrayType] of Object.entries(ARRAY_TYPES)) {
    if (array instanceof ArrayType) return name as ArrayTypeName;
  }
  throw new Error('an artefact holds an array of a type that is not kept');
};

const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/**
 * Keep what a stage made: plain data as one JSON blob, each pixel array as a blob of its own.
 *
 * Arrays are little-endian as on every machine this runs on. NaN and infinities in plain data are kept.
 *
 * @param onArray told after each array is stored, with the addresses of all so far.
 * @returns address of the JSON blob, and the address of every array by its path, e.g. `science.data`.
 */
export async function saveArtefact(
  store: Pick<BlobStore, 'put' | 'get'>,
  value: unknown,
  onArray: (arrays: ReadonlyMap<string, string>) => void = () => undefined,
): Promise<{ sha256: string; arrays: ReadonlyMap<string, string> }> {
  const arrays = new Map<string, string>();
  const pack = async (node: unknown, path: string): Promise<unknown> => {
    if (isTypedArray(node)) {
      const bytes = new Uint8Array(node.buffer, node.byteOffset, node.byteLength);
      const sha256 = await store.put(bytes);
      arrays.set(path, sha256);
      onArray(arrays);
      return { $array: typeNameOf(node), sha256 } satisfies ArrayReference;
    }
    if (Array.isArray(node)) {
      // Long lists of plain rows need no visit of each field unless they hold arrays.
      return Promise.all(
        node.map((item, index) => (isPlainLeaf(item) ? packLeaf(item) : pack(item, `${path}.${index}`))),
      );
    }
    if (node !== null && typeof node === 'object') {
      const packed: Record<string, unknown> = {};
      // By name, so that what is stored already is not held here.
      for (const key of Object.keys(node)) {
        const item = (node as Record<string, unknown>)[key];
        if (item === undefined) continue;
        packed[key] = isPlainLeaf(item)
          ? packLeaf(item)
          : await pack(item, path === '' ? key : `${path}.${key}`);
      }
      return packed;
    }
    return packLeaf(node);
  };
  const json = JSON.stringify(await pack(value, ''));
  const sha256 = await store.put(new TextEncoder().encode(json));
  return { sha256, arrays };
}

/**
 * Load what `saveArtefact` kept; arrays come back as views of SharedArrayBuffer.
 *
 * @param withArrays false leaves all arrays out, for who wants plain facts of a stage that kept gigabytes.
 * @param addresses is told the address of every array by its path.
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
  const unpack = async (node: unknown, path: string): Promise<unknown> => {
    if (Array.isArray(node)) return Promise.all(node.map((item, index) => unpack(item, `${path}.${index}`)));
    if (node === null || typeof node !== 'object') return node;
    const record = node as Record<string, unknown>;
    if (typeof record.$array === 'string') {
      if (!withArrays) return undefined;
      const reference = record as unknown as ArrayReference;
      addresses?.set(path, reference.sha256);
      const bytes = await store.get(reference.sha256);
      // The store hands out bytes at offset 0 of a SharedArrayBuffer of their own: no copy is needed.
      const ArrayType = ARRAY_TYPES[reference.$array] as new (buffer: ArrayBufferLike) => TypedArray;
      return new ArrayType(bytes.buffer);
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

/** Tell whether all blobs of an artefact are there: its JSON is read, its arrays are only looked for. */
export async function hasArtefact(store: Pick<BlobStore, 'get' | 'has'>, sha256: string): Promise<boolean> {
  if (!(await store.has(sha256))) return false;
  const found = await Promise.all(
    [...(await listArrays(store, sha256))].map((address) => store.has(address)),
  );
  return found.every(Boolean);
}

/** List the addresses of an artefact's arrays. @throws storage/not-found, storage/corrupted */
export async function listArrays(
  store: Pick<BlobReader, 'get'>,
  sha256: string,
): Promise<ReadonlySet<string>> {
  const json = new TextDecoder().decode(await store.get(sha256));
  return new Set(
    Array.from(json.matchAll(/"\$array":"\w+","sha256":"([0-9a-f]{64})"/g), ([, address]) => address!),
  );
}

function isPlainLeaf(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

// JSON has no NaN and no infinity; a dead flux must come back as it was.
function packLeaf(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}
