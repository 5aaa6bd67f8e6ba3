import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeArtefact, encodeArtefact } from './encode-artefact.ts';

test('plain data comes back exactly, with NaN, infinities and -0', () => {
  const key = fc.stringMatching(/^[a-z][a-zA-Z]{0,8}$/).filter((name) => name !== '__proto__');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float32Array(),
      fc.uint16Array(),
      fc.float64Array(),
      fc.array(tie('tree'), { maxLength: 5 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(decodeArtefact(encodeArtefact(value))).toEqual(value);
    }),
  );
});

test('a view of shared memory is written as its own part only', () => {
  const shared = new Float32Array(new SharedArrayBuffer(16));
  shared.set([1, 2, 3, 4]);
  expect(decodeArtefact(encodeArtefact({ view: shared.subarray(1, 3) }))).toEqual({
    view: new Float32Array([2, 3]),
  });
});

test('nothing at all is null, and what cannot be kept is refused', () => {
  expect(decodeArtefact(encodeArtefact(undefined))).toBeNull();
  expect(() => encodeArtefact({ view: new DataView(new ArrayBuffer(4)) })).toThrow('DataView');
});
