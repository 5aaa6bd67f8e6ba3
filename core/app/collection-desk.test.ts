import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { createFolderBlobStore } from '../adapters/storage/index.ts';
import type { Collection } from '../api/contract/index.ts';
import { createCollectionDesk } from './collection-desk.ts';

const LONG_AGO = new Date(Date.now() - 60 * 86_400_000);
const HERE = { graceDays: 30, where: ['here'] } as const;

describe('a collection', () => {
  test('says over the door what would go, and takes it away when it is asked to', async () => {
    const { fetch, folder } = await openWorkstation();
    const blobs = await createFolderBlobStore(join(folder, 'blobs'));
    const stale = await blobs.put(new TextEncoder().encode('of a stage that was cut off'));
    utimesSync(blobs.path(stale), LONG_AGO, LONG_AGO);
    const young = await blobs.put(new TextEncoder().encode('of a stage that runs now'));
    const ask = async (method: string, body?: object): Promise<{ status: number; told: Collection }> => {
      const response = await fetch(
        new Request('http://127.0.0.1/api/v1/sync/collection', {
          method,
          ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
        }),
      );
      return { status: response.status, told: (await response.json()) as Collection };
    };
    const ended = () =>
      vi.waitFor(
        async () => {
          const { told } = await ask('GET');
          expect(told.kind).not.toBe('running');
          return told;
        },
        { timeout: 20_000 },
      );
    expect((await ask('GET')).told).toEqual({ kind: 'none' });
    expect(await ask('POST', {})).toMatchObject({
      status: 202,
      told: { kind: 'running', isDryRun: true, graceDays: 30, where: ['here'] },
    });
    expect(await ended()).toMatchObject({ kind: 'done', here: { removed: 1, removedBytes: 27, young: 1 } });
    expect(await blobs.has(stale)).toBe(true);
    await ask('POST', { isDryRun: false });
    expect(await ended()).toMatchObject({ kind: 'done', isDryRun: false, here: { removed: 1 } });
    expect([await blobs.has(stale), await blobs.has(young)]).toEqual([false, true]);
    // Without a connection there is no bucket to look at.
    await ask('POST', { where: ['bucket'] });
    expect(await ended()).toMatchObject({ kind: 'failed', failure: { code: 'sync/not-connected' } });
    expect((await ask('POST', { graceDays: 0 })).status).toBe(422);
  });

  test('tells how far it is, runs alone, and stops when it is told to', async () => {
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const counts = { seen: 5, seenBytes: 50, removed: 2, removedBytes: 20, young: 0 };
    const desk = createCollectionDesk(async (_, { signal, onProgress }) => {
      onProgress({ here: counts });
      isAsked();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      throw signal.reason;
    });
    desk.start({ ...HERE, isDryRun: false });
    await asked;
    expect(desk.state()).toMatchObject({ kind: 'running', here: counts });
    expect(() => desk.start({ ...HERE, isDryRun: true })).toThrowError(
      expect.objectContaining({ code: 'sync/collecting' }),
    );
    expect(await desk.stop()).toMatchObject({ kind: 'stopped', here: counts });
    // What was told of the last one is not told of the next.
    expect(desk.start({ ...HERE, isDryRun: true })).not.toHaveProperty('here');
    await desk.close();
    expect(desk.state()).toMatchObject({ kind: 'stopped' });
  });
});
