import { expect, test } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { beginReading, streamBody } from './respond.ts';

test.each(['/blob/PLANE', '/api/v1/exports/candidates?format=fits'])(
  'what %s streams is let go when its body is never read',
  async (address) => {
    let [begun, ended] = [0, 0];
    async function* watch(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      begun++;
      try {
        yield* pieces;
      } finally {
        ended++;
      }
    }
    const { fetch, seed } = await openWorkstation({
      change: (services) => ({
        ...services,
        blobs: { ...services.blobs, openRange: (...asked) => watch(services.blobs.openRange(...asked)) },
        exportTable: (...asked) => {
          const pieces = services.exportTable(...asked);
          return watch({ [Symbol.asyncIterator]: () => pieces });
        },
      }),
    });
    const url = new URL(address.replace('PLANE', seed.plane.sha256), 'http://127.0.0.1');
    const { status } = await fetch(new Request(url, { method: 'HEAD' }));
    expect([status, begun]).toEqual([200, 1]);
    await expect.poll(() => ended).toBe(1);
  },
);

test('a body is all its pieces in order, and who leaves amid them ends what they come from', async () => {
  let isEnded = false;
  async function* count(): AsyncGenerator<Uint8Array> {
    try {
      for (let n = 0; n < 4; n++) yield Uint8Array.of(n);
    } finally {
      isEnded = true;
    }
  }
  const whole = await new Response(streamBody(await beginReading(count()))).bytes();
  expect([...whole]).toEqual([0, 1, 2, 3]);
  isEnded = false;
  const reader = streamBody(await beginReading(count())).getReader();
  expect((await reader.read()).value).toEqual(Uint8Array.of(0));
  await reader.cancel();
  expect(isEnded).toBe(true);
  const nothing: Uint8Array[] = [];
  expect(await new Response(streamBody(await beginReading(iterate(nothing)))).bytes()).toHaveLength(0);
});

async function* iterate(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
