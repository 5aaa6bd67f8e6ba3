import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashOf } from './hash.ts';

it('does not depend on the order of keys, at any depth', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.double({ noNaN: true }))),
      async (data) => {
        const turned = Object.fromEntries(
          Object.entries(data)
            .reverse()
            .map(([key, inner]) => [key, Object.fromEntries(Object.entries(inner).reverse())]),
        );
        expect(await hashOf(turned)).toBe(await hashOf(data));
      },
    ),
    { numRuns: 50 },
  );
});

it('changes when a number changes', async () => {
  expect(await hashOf({ threshold: 5 })).not.toBe(await hashOf({ threshold: 5.0001 }));
});
