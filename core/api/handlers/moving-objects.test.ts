import { expect, test } from 'vitest';
import { openWorkstation } from '../../../tests/support/open-workstation.ts';
import type { Fetch } from '../../adapters/archives/index.ts';
import { findMovingObjects } from '../../app/find-moving-objects.ts';

const ROW = (name: string, ra: number, dec: number): string =>
  `<vot:TR><vot:TD>-</vot:TD><vot:TD>${name}</vot:TD><vot:TD>MB>Inner</vot:TD><vot:TD>18.2</vot:TD><vot:TD>0.1</vot:TD><vot:TD>${ra}</vot:TD><vot:TD>${dec}</vot:TD></vot:TR>`;
const FIELDS = ['Num', 'Name', 'Class', 'Mv', 'ErrPos', '_RAJ2000', '_DECJ2000']
  .map((name) => `<vot:FIELD name="${name}" datatype="char" arraysize="*"/>`)
  .join('');
const table = (...rows: readonly string[]): string =>
  `<vot:VOTABLE><vot:RESOURCE><vot:INFO name="QUERY_STATUS" value="OK"/><vot:TABLE>${FIELDS}<vot:DATA><vot:TABLEDATA>${rows.join('')}</vot:TABLEDATA></vot:DATA></vot:TABLE></vot:RESOURCE></vot:VOTABLE>`;

test('moving objects over an image are asked for once, kept, and asked for anew when somebody wants it', async () => {
  let answer: string | undefined = table(ROW('2019 RB21', 10.001, 0.5));
  const asked: URL[] = [];
  const archive: Fetch = async (url) => {
    asked.push(new URL(url));
    if (answer === undefined) throw new TypeError('no network');
    return new Response(answer);
  };
  const { fetch, seed, database } = await openWorkstation({
    change: (services) => ({
      ...services,
      commands: {
        ...services.commands,
        findMovingObjects: (runId, observatory) =>
          findMovingObjects({ ...database, runs: { get: withTime } }, runId, observatory, {
            fetch: archive,
            pauseMs: 0,
          }),
      },
    }),
  });
  const withTime = async (runId: string) => {
    const run = await database.runs.get(runId);
    return { ...run, science: { ...run.science!, midpointMjdTai } };
  };
  let midpointMjdTai: number | undefined;
  const ask = async (method: string, body?: object) => {
    const response = await fetch(
      new Request(`http://127.0.0.1/api/v1/runs/${seed.doneRunId}/moving-objects`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      }),
    );
    return { status: response.status, told: await response.json() };
  };
  expect((await ask('GET')).told).toEqual({ objects: [] });
  expect(asked).toHaveLength(0);

  expect(await ask('POST', {})).toMatchObject({ told: { code: 'catalog/no-time' } });

  midpointMjdTai = 60_677.25;
  const found = await ask('POST', { observatory: 'I41' });
  expect(found).toMatchObject({
    status: 200,
    told: { observatory: 'I41', objects: [{ name: '2019 RB21', kind: 'MB>Inner', mag: 18.2 }] },
  });
  // The middle of the exposure in UTC, 37 s before TAI; the circle around the image.
  expect(asked[0]!.searchParams.get('-ep')).toBe('2460677.749572');
  expect(Number(asked[0]!.searchParams.get('-rd'))).toBeCloseTo(Math.SQRT2, 3);
  expect((await ask('GET')).told).toEqual(found.told);

  answer = undefined;
  expect(await ask('POST', {})).toMatchObject({ told: { code: 'catalog/archive-unreachable' } });
  expect((await ask('GET')).told).toEqual(found.told);
  expect(await ask('POST', { observatory: 'nowhere' })).toMatchObject({
    told: { code: 'api/invalid-input' },
  });
});
