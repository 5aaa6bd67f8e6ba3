import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fetchCatalog } from './fetch-catalog.ts';

const FIXTURES = new URL('../../../shared/fixtures/', import.meta.url).pathname;
const recorded = existsSync(FIXTURES) ? test : test.skip;
const CONE = { raDeg: 271.5, decDeg: -31.25, radiusDeg: 0.1 };

describe('stars over the network', () => {
  recorded('come from the Gaia archive when VizieR fails', async () => {
    const read = (name: string): string => readFileSync(`${FIXTURES}${name}`, 'utf8');
    const found = await fetchCatalog('gaia', CONE, {
      pauseMs: 0,
      fetch: async (url) =>
        new Response(
          read(url.includes('vizier') ? 'vizier/no_server_error.xml' : 'gaia/1710099405832VAL-result.vot'),
        ),
    });
    expect([found.kind, found.stars.count, found.isCut]).toEqual(['gaia', 2, false]);
    expect(found.origin).toMatch(/^Gaia archive/);
    await expect(
      fetchCatalog('panstarrs', CONE, {
        fetch: async () => new Response(read('vizier/no_server_error.xml')),
      }),
    ).rejects.toMatchObject({ code: 'catalog/archive-error' });
  });
});
