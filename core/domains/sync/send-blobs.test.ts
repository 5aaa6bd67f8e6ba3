import { describe, expect, it } from 'vitest';
import { AstridError } from '../../utils/index.ts';
import { eachAtOnce } from './each-at-once.ts';
import { sendBlobs } from './send-blobs.ts';

async function* count(to: number): AsyncGenerator<number, void> {
  for (let n = 0; n < to; n++) yield n;
}

describe('work on many items', () => {
  it('is done so many at once, each item once', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await eachAtOnce(count(50), 4, async (n) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      running--;
      done.push(n);
    });
    expect(most).toBe(4);
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('ends with the first failure, when nothing runs any more', async () => {
    let running = 0;
    const begun: number[] = [];
    const work = eachAtOnce(count(50), 3, async (n) => {
      begun.push(n);
      running++;
      await Promise.resolve();
      running--;
      if (n === 4) throw new Error('four');
    });
    await expect(work).rejects.toThrow('four');
    expect(running).toBe(0);
    expect(begun.length).toBeLessThan(10);
  });
});

describe('blobs that others were told of', () => {
  const ledger = (addresses: readonly string[]) => {
    const mirrored: string[] = [];
    return {
      mirrored,
      listToSend: async (limit: number, after: string) =>
        addresses
          .filter((sha256) => sha256 > after)
          .slice(0, limit)
          .map((sha256) => ({ sha256, bytes: 10 })),
      noteMirrored: async (sent: readonly string[]) => void mirrored.push(...sent),
    };
  };

  it('are sent all; one that the disk has damaged is told of and does not keep the others', async () => {
    const some = ledger(['a', 'b', 'c', 'd']);
    const report = await sendBlobs(some, {
      send: async (sha256) => {
        if (sha256 === 'b') throw new AstridError('storage/corrupted', 'b is damaged');
        return sha256 !== 'c';
      },
    });
    expect(report).toEqual({ sent: 2, bytes: 20, known: 1, damaged: ['b'] });
    expect(some.mirrored.sort()).toEqual(['a', 'c', 'd']);
  });

  it('stay where they are while the bucket does not answer', async () => {
    const some = ledger(['a', 'b']);
    const sending = sendBlobs(some, {
      send: async () => {
        throw new AstridError('storage/unreachable', 'away');
      },
    });
    await expect(sending).rejects.toMatchObject({ code: 'storage/unreachable' });
    expect(some.mirrored).toEqual([]);
  });
});
