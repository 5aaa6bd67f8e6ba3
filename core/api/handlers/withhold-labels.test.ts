import { beforeAll, describe, expect, test } from 'vitest';
import { openWorkstation } from '../../../tests/support/open-workstation.ts';
import { makeId } from '../../../tests/support/seed-workspace.ts';
import type { ReferenceStars } from '../../domains/catalog/index.ts';
import { LOCAL } from '../access.ts';
import { describeApi } from '../describe-api.ts';

const ANN = makeId(901);
const BOB = makeId(902);
const CAT = makeId(903);

/** A star under each of the twelve candidates, of colour 1. */
const STARS: ReferenceStars = {
  count: 12,
  epochYr: 2016,
  raDeg: Float64Array.from({ length: 12 }, (_, n) => 10 + n / 1000),
  decDeg: new Float64Array(12).fill(0.5),
  pmRaMasYr: new Float32Array(12),
  pmDecMasYr: new Float32Array(12),
  bands: ['g', 'r'].map((band, k) => ({
    band,
    mag: new Float32Array(12).fill(19 - k),
    magErr: new Float32Array(12),
  })),
  isVariable: new Uint8Array(12),
  ids: Array.from({ length: 12 }, (_, n) => String(n)),
};

interface Door {
  readonly ids: readonly string[];
  readonly runId: string;
  readonly objectId: string;
  text(route: Route): Promise<string>;
  send(method: string, path: string, body: unknown): Promise<string>;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Ann's verdict on the first candidate and on the fourth; Cat says the opposite of the fourth. Bob is who asks. */
async function openDoor(verdict: 'real' | 'bogus'): Promise<Door> {
  const { fetch, database, seed } = await openWorkstation({
    whenDone: (close) => void closers.push(close),
    change: (services) => ({ ...services, starsAround: async () => [{ name: 'survey', stars: STARS }] }),
  });
  const send = async (method: string, path: string, body?: unknown): Promise<string> => {
    const init =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(new Request(`http://x/api/v1${path}`, { method, ...init }), LOCAL);
    const text = await response.text();
    expect(response.status, `${method} ${path}: ${text}`).toBeLessThan(300);
    return text;
  };
  await database.catalog.associateRemaining();
  const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 100 });
  const ids = items.map(({ id }) => id);
  for (const [id, name] of [
    [ANN, 'Ann'],
    [BOB, 'Bob'],
    [CAT, 'Cat'],
  ] as const)
    await send('PUT', `/curators/${id}`, {
      id,
      name,
      shortId: name.slice(0, 2),
      colour: 0,
      shape: 'disc',
    });
  const other = verdict === 'real' ? 'bogus' : 'real';
  const words = {
    real: { classId: 'sn-gold', confidence: 'high', reason: 'a star that was not there' },
    bogus: { classId: 'dipole', confidence: 'low', reason: 'black and white side by side' },
  };
  let made = 5000;
  for (const [curatorId, candidate, said] of [
    [ANN, 0, verdict],
    [ANN, 3, verdict],
    [CAT, 3, other],
  ] as const) {
    const label = { kind: 'label', id: makeId(made++), candidateId: ids[candidate], scoreVisible: false };
    const more = { verdict: said, decisionMs: 900, ...words[said] };
    await send('POST', '/curation/events', { curatorId, events: [{ ...label, ...more }] });
  }
  // What lists say of Ann and Cat together must not tell who of them said which.
  await send('POST', `/curators/${BOB}/choose`, {});
  const objects = JSON.parse(await send('GET', '/catalog/objects?order=raDeg&falling=false')).items;
  return {
    ids,
    runId: seed.doneRunId,
    objectId: objects[0].id,
    send,
    text: async ({ method, path, body }) => normalise(await send(method, path, body)),
  };
}

const closers: (() => void)[] = [];

/** What two workspaces never have in common is left out: ids, instants, and the order of rows that have none. */
function normalise(text: string): string {
  const plain = text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) =>
      id.startsWith('01900000') ? id : '#',
    )
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
    .replace(/"lastAtMs":\d+/g, '"lastAtMs":0')
    .replace(/"(activeHours|labelsPerHour)":[\d.e-]+/g, '"$1":0');
  if (!plain.startsWith('{')) return plain.split('\n').sort().join('\n');
  const { points, ...rest } = JSON.parse(plain) as { points?: Record<string, readonly unknown[]> };
  if (points?.x === undefined) return plain;
  return JSON.stringify([rest, points.x.map((x, k) => `${x} ${points.y![k]} ${points.verdict![k]}`).sort()]);
}

const worded = (names: readonly string[]): string =>
  encodeURIComponent(JSON.stringify({ words: [{ column: 'verdict', names }] }));
const notWorded = encodeURIComponent(
  JSON.stringify({ words: [{ column: 'verdict', names: ['real'], isExcluded: true }] }),
);
const axes = 'x=score&y=snr&mostPoints=100';

/** Everything that tells of labels; the first part is the route as the API's description names it. */
const TABLE: readonly (readonly [string, (door: Door) => readonly Route[]])[] = [
  [
    'GET /candidates',
    ({ runId }) => [
      get('/candidates?limit=100'),
      get(`/candidates?runId=${runId}&labelled=true`),
      get('/candidates?labelled=false'),
      ...['real', 'bogus', 'unsure'].map((verdict) => get(`/candidates?verdict=${verdict}`)),
    ],
  ],
  ['GET /candidates/{id}', ({ ids }) => [get(`/candidates/${ids[0]}`), get(`/candidates/${ids[3]}`)]],
  [
    'GET /candidates/{id}/curation',
    ({ ids }) => [get(`/candidates/${ids[0]}/curation`), get(`/candidates/${ids[3]}/curation`)],
  ],
  [
    'GET /labels',
    ({ ids, runId }) => [
      get('/labels'),
      get(`/labels?candidateId=${ids[0]}`),
      get(`/labels?curator=${ANN}`),
      get(`/labels?runId=${runId}`),
    ],
  ],
  ['GET /curation/open', () => [get('/curation/open')]],
  [
    'GET /curation/agreement',
    ({ runId }) => [get('/curation/agreement'), get(`/curation/agreement?runId=${runId}`)],
  ],
  ['GET /models/{modelVersion}/scores', () => [get('/models/model-1/scores')]],
  ['GET /catalog/models', () => [get('/catalog/models?threshold=0.5')]],
  ['GET /catalog/work', () => [get('/catalog/work')]],
  [
    'GET /catalog/detections',
    () => [
      get('/catalog/detections?limit=100'),
      ...['real', 'bogus', 'unsure', 'none'].map((word) =>
        get(`/catalog/detections?filter=${worded([word])}`),
      ),
      get(`/catalog/detections?filter=${notWorded}`),
    ],
  ],
  [
    'GET /catalog/objects',
    () => [
      get('/catalog/objects?limit=100'),
      ...['real', 'bogus', 'none'].map((word) => get(`/catalog/objects?filter=${worded([word])}`)),
      get(`/catalog/objects?filter=${notWorded}`),
    ],
  ],
  ['GET /catalog/objects/{id}', ({ objectId }) => [get(`/catalog/objects/${objectId}`)]],
  [
    'GET /catalog/bins/{table}',
    () =>
      ['detections', 'objects'].flatMap((table) => [
        get(`/catalog/bins/${table}?x=score`),
        get(`/catalog/bins/${table}?x=score&by=verdict&filter=${worded(['real'])}`),
      ]),
  ],
  [
    'GET /catalog/cells/{table}',
    () =>
      ['detections', 'objects'].flatMap((table) => [
        get(`/catalog/cells/${table}?${axes}`),
        get(`/catalog/cells/${table}?${axes}&filter=${worded(['bogus'])}`),
      ]),
  ],
  [
    'GET /catalog/colours/{table}',
    () => ['detections', 'objects'].map((table) => get(`/catalog/colours/${table}`)),
  ],
  [
    'GET /exports/{table}',
    () => [
      ...['candidates', 'detections', 'objects', 'labels'].map((table) =>
        get(`/exports/${table}?format=csv`),
      ),
      ...['votable', 'ds9'].map((format) => get(`/exports/candidates?format=${format}`)),
      get(`/exports/candidates?format=csv&filter=${worded(['real'])}`),
    ],
  ],
  [
    'POST /labelling/queue',
    () =>
      [
        {},
        ...['include', 'exclude'].flatMap((side) =>
          ([{ verdicts: ['real'] }, { verdicts: ['bogus'] }, { classIds: ['dipole'] }] as const).map(
            (traits) => ({ [side]: traits }),
          ),
        ),
      ].map((filter) => ({ method: 'POST', path: '/labelling/queue', body: { filter } })),
  ],
  ['GET /labelling/history', () => [get('/labelling/history')]],
];

/** Routes that know the words of verdicts and say nothing of others' labels; and one that counts all of them. */
const APART: Readonly<Record<string, string>> = {
  'POST /candidates/{candidateId}/labels': 'answers with one’s own',
  'POST /curation/events': 'answers with one’s own',
  'POST /detections/{id}/validate': 'answers with one’s own',
  'GET /taxonomy': 'words, not labels',
  'POST /taxonomy': 'words, not labels',
  'POST /taxonomy/compare':
    'counts labels that would lose their class: less than all of them would lose some',
  'GET /labelling/filters': 'what is looked for, not what is found',
  'GET /labelling/filters/{name}': 'what is looked for, not what is found',
  'PUT /labelling/filters/{name}': 'what is looked for, not what is found',
};

function get(path: string): Route {
  return { method: 'GET', path };
}

describe('what others said of a candidate, before one’s own label', () => {
  let whenReal: Door;
  let whenBogus: Door;
  beforeAll(async () => {
    whenReal = await openDoor('real');
    whenBogus = await openDoor('bogus');
    return () => {
      for (const close of closers) close();
    };
  });

  const differing = async (routes: (door: Door) => readonly Route[]): Promise<readonly string[]> => {
    const [one, other] = [routes(whenReal), routes(whenBogus)];
    const told: string[] = [];
    for (const [k, route] of one.entries())
      if ((await whenReal.text(route)) !== (await whenBogus.text(other[k]!)))
        told.push(`${route.path} ${JSON.stringify(route.body ?? '')}`);
    return told;
  };

  test.each(TABLE)('is not told by %s', async (_, routes) => {
    expect(await differing(routes)).toEqual([]);
  });

  test('is in no event of the stream', async () => {
    const { fetch, database } = await openWorkstation();
    const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 1 });
    const label = { id: makeId(5000), candidateId: items[0]!.id, verdict: 'bogus', curator: ANN } as const;
    await database.labels.append({ ...label, scoreVisible: false });
    const reader = (await fetch(new Request('http://x/api/v1/events?after=0'), LOCAL)).body!.getReader();
    let text = '';
    while (!text.includes('detection.validated'))
      text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    expect(text).not.toContain('bogus');
  });

  test('is looked for at every route whose description speaks of verdicts', async () => {
    const description = await describeApi('0');
    const { schemas = {} } =
      (description as { components?: { schemas?: Record<string, unknown> } }).components ?? {};
    const whole = (value: unknown, within: readonly string[] = []): string =>
      JSON.stringify(value).replace(/"#\/components\/schemas\/([^"]+)"/g, (_, name: string) =>
        within.includes(name) ? '""' : whole(schemas[name], [...within, name]),
      );
    const paths = (description as { paths: Record<string, Record<string, unknown>> }).paths;
    const speaking = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method, route]) => method !== 'servers' && /verdict|classId/.test(whole(route)))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    const known = new Set([...TABLE.map(([name]) => name), ...Object.keys(APART)]);
    expect(speaking.length).toBeGreaterThan(15);
    const unknown = speaking.filter((route) => !known.has(route));
    expect(unknown, 'each needs a line in TABLE, or in APART with the reason').toEqual([]);
  });

  test('is told by all of them but what is about oneself, where one label is enough', async () => {
    for (const door of [whenReal, whenBogus])
      await door.send('PUT', '/curation/consensus', { labelsWanted: 1 });
    const silent: string[] = [];
    for (const [name, routes] of TABLE) if ((await differing(routes)).length === 0) silent.push(name);
    expect(silent).toEqual(['GET /candidates/{id}/curation', 'GET /curation/open', 'GET /labelling/history']);
  });
});
