import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadArtefact, saveArtefact } from './artefact.ts';

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
    expect([...arrays.keys()]).toEqual(['science.data', 'mask.data', 'coefficients.0', 'coefficients.1']);
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
