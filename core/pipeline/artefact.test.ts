import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { listArrays, loadArtefact, saveArtefact } from './artefact.ts';

/** A blob store in memory that hands bytes out as the real one does: on a SharedArrayBuffer of their own. */
function createMemoryStore() {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    put: async (bytes: Uint8Array) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      blobs.set(sha256, bytes.slice());
      return sha256;
    },
    get: async (sha256: string) => {
      const bytes = blobs.get(sha256)!;
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
      shared.set(bytes);
      return shared;
    },
  };
}

describe('an artefact', () => {
  it('comes back as it was: nested data, arrays of every kind, NaN and infinities', async () => {
    const store = createMemoryStore();
    const value = {
      science: { width: 2, height: 2, data: Float32Array.of(1, Number.NaN, -3.5, 4) },
      mask: { width: 2, height: 1, data: Uint16Array.of(3, 65535) },
      coefficients: [Float32Array.of(1, 2), Float64Array.of(Math.PI)],
      sources: [{ xPx: 1.25, fluxE: Number.NaN, limit: Number.NEGATIVE_INFINITY, name: 'a', bright: true }],
      nothing: null,
    };
    const { sha256, arrays } = await saveArtefact(store, value);
    expect(await loadArtefact(store, sha256)).toEqual(value);
    expect([...arrays.keys()]).toEqual(['science.data', 'mask.data']);
  });

  it('keeps planes and large arrays each in a blob of its own, and any number of small ones in few', async () => {
    const store = createMemoryStore();
    const value = {
      stamp: { width: 3, height: 1, data: Float32Array.of(1, 2, 3) },
      large: new Float64Array(10_000).fill(0.5),
      // More than one shared blob holds, of lengths that leave the next one's numbers out of step.
      triplets: Array.from({ length: 800 }, (_, k) => ({
        bits: new Uint8Array(1 + (k % 7)).fill(k),
        data: new Float32Array(3000).fill(k),
      })),
    };
    const { sha256, arrays } = await saveArtefact(store, value);
    expect([...arrays.keys()]).toEqual(['stamp.data', 'large']);
    // Two of their own, two shared ones of four megabytes, a third with the rest, and the plain data.
    expect(store.blobs.size).toBe(6);
    const addresses = new Map<string, string>();
    expect(await loadArtefact(store, sha256, true, addresses)).toEqual(value);
    expect(addresses).toEqual(arrays);
    const listed = [...(await listArrays(store, sha256))];
    expect(new Set([...listed, sha256])).toEqual(new Set(store.blobs.keys()));
  });

  it('of times when each array had a blob of its own is read as ever', async () => {
    const store = createMemoryStore();
    const put = (array: Float32Array) => store.put(new Uint8Array(array.buffer));
    const [first, second] = [Float32Array.of(1, Number.NaN), Float32Array.of(3)];
    const reference = async (array: Float32Array) => ({ $array: 'float32', sha256: await put(array) });
    const json = JSON.stringify({ triplets: [await reference(first), await reference(second)] });
    const sha256 = await store.put(new TextEncoder().encode(json));
    expect(await loadArtefact(store, sha256)).toEqual({ triplets: [first, second] });
  });

  it('is described while its arrays are written, and is there when all of them are', async () => {
    const store = createMemoryStore();
    let described = (): void => undefined;
    const last = new Promise<void>((resolve) => {
      described = resolve;
    });
    // A store that tells addresses early, and an array that is not on disk before what refers to it.
    const put = async (bytes: Uint8Array, onAddress?: (sha256: string) => void): Promise<string> => {
      const sha256 = await store.put(bytes);
      onAddress?.(sha256);
      if (bytes.length > 16) described();
      await last;
      return sha256;
    };
    const value = { width: 2, height: 1, data: Float32Array.of(1, 2) };
    const { sha256, arrays } = await saveArtefact({ put }, value);
    expect(await loadArtefact(store, sha256)).toEqual(value);
    expect([...arrays.values()]).toEqual([...(await listArrays(store, sha256))]);
  });

  it('of which an array cannot be stored is refused, once nothing of it is being written any more', async () => {
    const store = createMemoryStore();
    let underway = 0;
    const put = async (bytes: Uint8Array): Promise<string> => {
      underway++;
      await new Promise((resolve) => setTimeout(resolve, bytes.length === 4 ? 0 : 5));
      underway--;
      if (bytes.length === 4) throw new Error('the disk is full');
      return store.put(bytes);
    };
    const plane = (width: number) => ({ width, height: 1, data: new Float32Array(width) });
    const saved = saveArtefact({ put }, { a: plane(2), b: plane(1), c: plane(3) });
    await expect(saved).rejects.toThrow('the disk is full');
    expect(underway).toBe(0);
    expect(store.blobs.size).toBe(2);
  });

  it('loads arrays on shared memory, so that threads need no copy', async () => {
    const store = createMemoryStore();
    const { sha256 } = await saveArtefact(store, { data: Float32Array.of(1, 2, 3) });
    const loaded = await loadArtefact<{ data: Float32Array }>(store, sha256);
    expect(loaded.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('has the same address when its content is the same', async () => {
    const store = createMemoryStore();
    const make = () => ({ data: Float32Array.of(1, 2, 3), note: 'same' });
    expect((await saveArtefact(store, make())).sha256).toBe((await saveArtefact(store, make())).sha256);
    expect(store.blobs.size).toBe(2);
  });

  it('that is damaged gives a typed error', async () => {
    const store = createMemoryStore();
    const sha256 = await store.put(new TextEncoder().encode('{ not json'));
    await expect(loadArtefact(store, sha256)).rejects.toMatchObject({ code: 'storage/artefact-damaged' });
  });
});
