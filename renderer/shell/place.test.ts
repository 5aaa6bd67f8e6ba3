import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeId } from '../api/make-id.ts';
import { formatPlace, parsePlace, SCREENS } from './place.ts';

describe('a place', () => {
  it('is the queue when the address says nothing that is known', () => {
    for (const hash of ['', '#', '#/', '#/elsewhere/x']) expect(parsePlace(hash).screen).toBe('queue');
  });

  it('is the same after it was written as an address and read again', () => {
    const id = fc.option(fc.uuid({ version: 7 }), { nil: undefined });
    fc.assert(
      fc.property(fc.constantFrom(...SCREENS), id, id, id, (screen, runId, candidateId, part) => {
        const place = { screen, runId, candidateId: runId && candidateId, part };
        expect(parsePlace(formatPlace(place))).toEqual(place);
      }),
    );
  });
});

describe('a place of a file', () => {
  it('keeps its path, whatever is in it', () => {
    for (const imagePath of ['/night/a b/100%.fits', 'C:\\data\\x#1.fits', '/a/é/../b.fits.gz'])
      expect(parsePlace(formatPlace({ screen: 'field', imagePath }))).toEqual({ screen: 'field', imagePath });
  });
});

describe('an id made in the window', () => {
  it('is a UUIDv7 that sorts by the moment it was made', () => {
    const ids = [0, 1, 1_700_000_000_000, 1_700_000_000_001, 2 ** 47].map((ms) => makeId(ms));
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 1000 }, () => makeId())).size).toBe(1000);
  });
});
