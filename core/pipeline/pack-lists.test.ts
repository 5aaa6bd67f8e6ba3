import { expect, test } from 'vitest';
import { packLists, unpackLists } from './pack-lists.ts';

const stars = Array.from({ length: 40 }, (_, k) => ({
  xPx: k / 3,
  flags: k % 5,
  isClean: k % 2 === 0,
  errPx: [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-300][k % 4],
}));
const cross = (message: unknown): unknown => unpackLists(structuredClone(packLists(message)));

test('lists of numbers and flags cross a thread as they were, wherever in a message they are', () => {
  const message = {
    image: { width: 3 },
    stars,
    deep: { er: { stars: stars.slice(0, 35), name: 'x' } },
    none: undefined,
  };
  const copy = cross(message) as typeof message;
  expect(copy).toStrictEqual(message);
  expect(Object.keys(copy.stars[0]!)).toEqual(Object.keys(stars[0]!));
  expect(Object.is(copy.stars[2]!.errPx, -0)).toBe(true);
  expect(cross(stars)).toStrictEqual(stars);
  expect(JSON.stringify(packLists({ stars }))).not.toContain('isClean":true');
});

test('what came packed goes on as it is, and what a message held stays in it', () => {
  const message = Object.freeze({ stars });
  const packed = packLists(message) as { stars: object };
  expect(packLists(message)).toEqual(packed);
  expect((packLists(message) as { stars: object }).stars).toBe(packed.stars);
  expect(message.stars).toBe(stars);
  const copy = cross(message);
  expect((packLists(copy) as { stars: object }).stars).toEqual(packed.stars);
});

test.each([
  ['short', stars.slice(0, 31)],
  ['of records with other names', [...stars, { xPx: 1 }]],
  ['of records with names in another order', [...stars, { flags: 1, xPx: 1, isClean: true, errPx: 1 }]],
  ['with words', stars.map((star) => ({ ...star, name: 'x' }))],
  ['with what is absent', [...stars, { ...stars[0], errPx: undefined }]],
  ['of lists', stars.map(({ xPx }) => [xPx])],
  ['of numbers', stars.map(({ xPx }) => xPx)],
  ['of records in records', stars.map((star) => ({ star }))],
])('a list that is %s is copied as ever', (_, list) => {
  const message = { list };
  expect(packLists(message)).toBe(message);
  expect(cross(message)).toStrictEqual(message);
});

test('what is no plain record is not looked into', () => {
  const message = { map: new Map([['stars', stars]]), pixels: new Float32Array(3) };
  expect(packLists(message)).toBe(message);
  expect(packLists(undefined)).toBe(undefined);
  expect(cross(5)).toBe(5);
});
