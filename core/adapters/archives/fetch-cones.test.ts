import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recogniseColumns, wantedColumn } from '../../domains/catalog/index.ts';
import { type Fetch, fetchGaiaCone, fetchVizierCone } from './index.ts';

const FIXTURES = new URL('../../../../shared/fixtures/', import.meta.url).pathname;
const recorded = existsSync(FIXTURES) ? test : test.skip;
const read = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
const CONE = { raDeg: 271.5, decDeg: -31.25, radiusDeg: 0.1 };

/** An archive that answers the same each time, and remembers what it was asked. */
function answer(...replies: readonly (readonly [status: number, body: string])[]) {
  const asked: { url: string; form: URLSearchParams; headers: Record<string, string> }[] = [];
  const fetch: Fetch = async (url, init) => {
    asked.push({
      url,
      form: new URLSearchParams(String(init.body)),
      headers: init.headers as Record<string, string>,
    });
    const [status, body] = replies[Math.min(asked.length, replies.length) - 1]!;
    return new Response(body, { status });
  };
  return { asked, options: { fetch, pauseMs: 0 } };
}

describe('the Gaia archive', () => {
  recorded(
    'is asked for a circle as its TAP service wants it, and its BINARY2 answer gives stars',
    async () => {
      const { asked, options } = answer([200, read('gaia/1710099405832VAL-result.vot')]);
      const { table, isCut } = await fetchGaiaCone(CONE, wantedColumn, options);
      const [request] = asked;
      expect(request!.url).toBe('https://gea.esac.esa.int/tap-server/tap/sync');
      expect(Object.fromEntries(request!.form)).toMatchObject({
        REQUEST: 'doQuery',
        LANG: 'ADQL',
        FORMAT: 'votable',
      });
      expect(request!.form.get('QUERY')).toMatch(
        /FROM gaiadr3\.gaia_source WHERE 1=CONTAINS\(POINT\(ra, dec\), CIRCLE\(271\.5, -31\.25, 0\.1\)\)/,
      );
      expect(request!.headers['User-Agent']).toMatch(/^AstrID/);
      expect(isCut).toBe(false);
      const { kind, stars } = recogniseColumns(table, 'Gaia');
      expect([kind, stars.count, stars.epochYr]).toEqual(['gaia', 2, 2016]);
      // The two that were asked for when it was recorded; their digits go beyond 2^53.
      expect(stars.ids.toSorted()).toEqual(['4583627001381815936', '5348723816842275584']);
    },
  );

  recorded('that was cut at the server limit says so', async () => {
    const { options } = answer([200, read('pyvo-query/overflowstatus.xml')]);
    expect((await fetchGaiaCone(CONE, () => 'number', options)).isCut).toBe(true);
  });

  test('that is busy is asked again, and one that refuses is not', async () => {
    const busy = answer([503, 'busy'], [503, 'busy'], [200, '<VOTABLE><RESOURCE/></VOTABLE>']);
    expect((await fetchGaiaCone(CONE, wantedColumn, busy.options)).table.rowCount).toBe(0);
    expect(busy.asked).toHaveLength(3);
    const refusing = answer([400, '<html><style>p{}</style><p>Cannot parse <b>query</b></p></html>']);
    await expect(fetchGaiaCone(CONE, wantedColumn, refusing.options)).rejects.toMatchObject({
      code: 'catalog/archive-error',
      message: 'The Gaia archive answered 400: Cannot parse query',
    });
    expect(refusing.asked).toHaveLength(1);
  });
});

describe('VizieR', () => {
  test('is asked for Pan-STARRS around a place with its sign, and TABLEDATA gives stars', async () => {
    // The columns and layout of II/349/ps1 as VizieR's votable service writes them.
    const fields = ['RAJ2000', 'DEJ2000', 'objID', 'gmag', 'e_gmag', 'rmag', 'imag', 'zmag', 'ymag'];
    const head = fields.map(
      (name) => `<FIELD name="${name}" datatype="${name === 'objID' ? 'long' : 'double'}"/>`,
    );
    const cells = ['271.501', '-31.2502', '70502715010000123', '16.5', '0.01', '16.1', '15.9', '15.8', ''];
    const row = `<TR>${cells.map((cell) => `<TD>${cell}</TD>`).join('')}</TR>`;
    const xml = `<VOTABLE><RESOURCE><TABLE>${head.join('')}<DATA><TABLEDATA>${row}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>`;
    const { asked, options } = answer([200, xml]);
    const { table } = await fetchVizierCone('panstarrs', CONE, wantedColumn, options);
    expect(Object.fromEntries(asked[0]!.form)).toMatchObject({
      '-source': 'II/349/ps1',
      '-c': '271.5-31.25',
      '-c.u': 'deg',
      '-c.r': '0.1',
    });
    const { kind, stars } = recogniseColumns(table, 'VizieR');
    expect([kind, stars.ids[0], stars.bands.length]).toEqual(['panstarrs', '70502715010000123', 5]);
  });

  recorded('that fails in an answer of status 200 gives an error with its words', async () => {
    const { options } = answer([200, read('vizier/no_server_error.xml')]);
    await expect(fetchVizierCone('gaia', CONE, wantedColumn, options)).rejects.toMatchObject({
      code: 'catalog/archive-error',
      message: expect.stringContaining('not currently reachable'),
    });
  });

  test('that cannot be reached, or does not answer, gives an error that says what to do', async () => {
    const offline: Fetch = async () => {
      throw new TypeError('fetch failed');
    };
    await expect(fetchVizierCone('gaia', CONE, wantedColumn, { fetch: offline })).rejects.toMatchObject({
      code: 'catalog/archive-unreachable',
    });
    const silent: Fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init.signal!.addEventListener('abort', () => reject(init.signal!.reason));
      });
    await expect(
      fetchVizierCone('gaia', CONE, wantedColumn, { fetch: silent, timeoutMs: 20 }),
    ).rejects.toMatchObject({
      code: 'catalog/archive-timeout',
    });
    const stop = new AbortController();
    const stopped = fetchVizierCone('gaia', CONE, wantedColumn, { fetch: silent, signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'internal/stopped' });
  });
});
