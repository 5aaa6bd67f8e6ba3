import { describe, expect, test } from 'vitest';
import { InferredScores, Observation, pageOf, Storage, Workers } from '../../core/api/contract/index.ts';
import { LOCAL, type Principal } from '../../core/api/index.ts';
import { openWorkstation } from '../support/open-workstation.ts';
import { makeId } from '../support/seed-workspace.ts';

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly as?: Principal;
}

async function open(options: Parameters<typeof openWorkstation>[0] = {}) {
  const workstation = await openWorkstation(options);
  const ask = (path: string, { method = 'GET', headers = {}, body, as = LOCAL }: Ask = {}) =>
    workstation.fetch(
      new Request(`astrid://app/api/v1${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
      as,
    );
  const count = async () => (await (await ask('/runs')).json()).total as number;
  return { ...workstation, ask, count };
}

const pair = { sciencePath: '/night/a.fits', templatePath: '/night/b.fits' };

describe('an Idempotency-Key', () => {
  test('has a request carried out once, whatever the number of times it comes, and over a restart of the door', async () => {
    const { ask, count, database } = await open();
    const before = await count();
    const asked = { method: 'POST', headers: { 'idempotency-key': 'key-1' }, body: pair };
    const first = await ask('/runs', asked);
    const again = await ask('/runs', asked);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ]);
    const run = await first.json();
    expect(await again.json()).toEqual(run);
    expect(await count()).toBe(before + 1);
    const kept = await database.keptAnswers.begin({ principal: LOCAL.id, key: 'key-1', requestSha256: 'x' });
    expect(kept.kind).toBe('other');
  });

  test('refuses another request under the same key, and is nothing to another principal', async () => {
    const { ask } = await open();
    const headers = { 'idempotency-key': 'key-2' };
    await ask('/runs', { method: 'POST', headers, body: pair });
    const other = { ...pair, templatePath: '/night/c.fits' };
    const refused = await ask('/runs', { method: 'POST', headers, body: other });
    expect([refused.status, (await refused.json()).code]).toEqual([422, 'api/idempotency-key-mismatch']);
    const as: Principal = { kind: 'key', id: 'other', name: 'another', role: 'operator' };
    expect((await ask('/runs', { method: 'POST', headers, body: other, as })).status).toBe(201);
  });

  test('answers a failure as it was, too', async () => {
    const { ask } = await open();
    const asked = { method: 'POST', headers: { 'idempotency-key': 'key-3' }, body: { sciencePath: '' } };
    for (const replayed of [null, 'true']) {
      const response = await ask('/runs', asked);
      expect([response.status, response.headers.get('idempotency-replayed')]).toEqual([422, replayed]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  test('does not let two of them at once through', async () => {
    const { ask, count } = await open();
    const before = await count();
    const asked = { method: 'POST', headers: { 'idempotency-key': 'key-4' }, body: pair };
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask('/runs', asked)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(statuses).toContain(201);
    expect(await count()).toBe(before + 1);
  });

  test('makes the same thing when a crash came before its answer was kept', async () => {
    let crashes = true;
    const { ask, count } = await open({
      change: (services) => ({
        ...services,
        commands: {
          ...services.commands,
          createRun: async (wanted) => {
            const made = await services.commands.createRun(wanted);
            if (crashes) throw new Error('the power went');
            return made;
          },
        },
      }),
    });
    const before = await count();
    const asked = { method: 'POST', headers: { 'idempotency-key': 'key-5' }, body: pair };
    expect((await ask('/runs', asked)).status).toBe(500);
    crashes = false;
    expect((await ask('/runs', asked)).status).toBe(201);
    expect(await count()).toBe(before + 1);
  });

  test('is forgotten after a day', async () => {
    const { openTemporaryDatabase, makeClock } = await import('../support/temporary-workspace.ts');
    const clock = makeClock();
    const { keptAnswers } = await openTemporaryDatabase({ clock: clock.read });
    const request = { principal: 'p', key: 'k' };
    const answer = { status: 201, contentType: 'application/json', body: new Uint8Array([1, 2]) };
    expect((await keptAnswers.begin({ ...request, requestSha256: 'a' })).kind).toBe('begun');
    await keptAnswers.keep(request, answer);
    clock.advance(23 * 3600_000);
    expect(await keptAnswers.begin({ ...request, requestSha256: 'a' })).toEqual({
      kind: 'answered',
      ...answer,
    });
    clock.advance(2 * 3600_000);
    expect((await keptAnswers.begin({ ...request, requestSha256: 'b' })).kind).toBe('begun');
  });
});

describe('an ETag', () => {
  test('saves who has an answer its body, until it changes', async () => {
    const { ask } = await open();
    const first = await ask('/curation/consensus');
    const etag = first.headers.get('etag')!;
    const known = await ask('/curation/consensus', { headers: { 'if-none-match': `W/${etag}, "other"` } });
    expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', etag]);
    await ask('/curation/consensus', { method: 'PUT', body: { labelsWanted: 3 } });
    const changed = await ask('/curation/consensus', { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  test('keeps two who change the same thing from undoing each other', async () => {
    const { ask } = await open();
    const put = (etag: string, preset: string) =>
      ask('/settings/keymap', { method: 'PUT', headers: { 'if-match': etag }, body: { value: { preset } } });
    const etag = (await ask('/settings/keymap')).headers.get('etag')!;
    const both = await Promise.all([put(etag, 'ds9'), put(etag, 'prodigy')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const late = both.find(({ status }) => status === 412)!;
    expect((await late.json()).code).toBe('api/precondition-failed');
    const now = await ask('/settings/keymap');
    expect((await put(now.headers.get('etag')!, 'left-hand')).status).toBe(200);
  });

  test('makes only what is not there, and changes only what is', async () => {
    const { ask } = await open();
    const body = { order: 'score', filter: {} };
    const put = (headers: Record<string, string>) =>
      ask('/labelling/filters/mine', { method: 'PUT', headers, body });
    expect((await put({ 'if-match': '*' })).status).toBe(412);
    expect((await put({ 'if-none-match': '*' })).status).toBe(200);
    expect((await put({ 'if-none-match': '*' })).status).toBe(412);
    expect((await put({ 'if-match': '*' })).status).toBe(200);
    const gone = await ask('/labelling/filters/mine', { method: 'DELETE', headers: { 'if-match': '"x"' } });
    expect(gone.status).toBe(412);
    expect((await ask('/labelling/filters/mine')).status).toBe(200);
    expect((await ask('/labelling/filters/other')).status).toBe(404);
  });
});

describe('what a program asks', () => {
  test('which exposures were read, by band, object and time, page by page', async () => {
    const { ask, database } = await open();
    for (const n of [1, 2, 3]) {
      await database.runs.create({ id: makeId(0x900 + n), ...pair, options: { allowBandMismatch: false } });
      const claim = (await database.queue.claim({
        worker: 'test',
        leaseMs: 1000,
        runId: makeId(0x900 + n),
      }))!;
      const key = { codeVersion: '1', configHash: 'c', inputHash: 'i' };
      const stage = await database.stageRuns.start(
        { runId: claim.runId, stage: 'ingest', ...key },
        claim.lease,
      );
      const facts = { name: `e${n}`, object: 'M31', band: n === 3 ? 'g' : 'r', width: 10, height: 10 };
      await database.stageRuns.finish({
        stageRunId: stage.id,
        lease: claim.lease,
        seconds: 1,
        metrics: {},
        output: null,
        run: {
          science: { path: `/night/e${n}.fits`, midpointMjdTai: 60_000 + n, ...facts },
          template: { path: '/night/t.fits', ...facts, name: 't', band: 'r' },
        },
      });
      await database.runs.finish(claim.runId, claim.lease);
    }
    const list = async (query: string) =>
      pageOf(Observation).parse(await (await ask(`/observations?${query}`)).json());
    const first = await list('object=m31&limit=2');
    expect(first.items.map(({ name }) => name)).toEqual(['e3', 'e2']);
    expect(first.total).toBe(4);
    const second = await list(`object=m31&limit=2&cursor=${first.nextCursor}`);
    expect(second.items.map(({ name }) => name)).toEqual(['e1', 't']);
    expect(second.items[1]).toMatchObject({ isScience: false, isTemplate: true, lastRunId: makeId(0x903) });
    expect((await list('band=R&fromMjdTai=60001.5')).items.map(({ name }) => name)).toEqual(['e2']);
    expect((await ask('/observations?cursor=x')).status).toBe(400);
  });

  test('how much lies on the disk, what the threads do, and all of it as metrics', async () => {
    const { ask } = await open();
    const { blobs } = Storage.parse(await (await ask('/storage')).json());
    expect(blobs).toEqual([
      { kind: 'triplet', count: 13, bytes: 13 * 3 * 63 * 63 * 4, missing: 0 },
      { kind: 'science', count: 1, bytes: 4800, missing: 0 },
    ]);
    const { runs } = Workers.parse(await (await ask('/workers')).json());
    expect([runs.done, runs.failed]).toEqual([1, 1]);
    const metrics = await ask('/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await metrics.text();
    expect(text).toContain('astrid_runs{status="done"} 1\n');
    expect(text).toContain('astrid_http_requests_total{route="api.storage",status="200"} 1\n');
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[\d.e+-]+)$/,
      );
  });

  test('what the model in use says of detections, of a run and of plain numbers', async () => {
    const { ask, seed } = await open();
    const infer = async (body: unknown) =>
      InferredScores.parse(await (await ask('/detections/infer', { method: 'POST', body })).json());
    const ofRun = await infer({ runId: seed.doneRunId });
    expect(ofRun.scores).toHaveLength(13);
    expect(ofRun).toMatchObject({ modelVersion: 'model-2', threshold: 0.5 });
    expect(ofRun.scores[0]).toMatchObject({ score: 0.25, storedScore: 1, storedModelVersion: 'model-1' });
    const { detectionId } = ofRun.scores[3]!;
    expect((await infer({ detectionIds: [detectionId] })).scores).toEqual([ofRun.scores[3]]);
    expect((await infer({ features: [{ snr: 7 }] })).scores).toEqual([{ score: 0.25 }]);
    expect((await ask('/detections/infer', { method: 'POST', body: { runId: makeId(404) } })).status).toBe(
      404,
    );
  });

  test('to keep a verdict on a detection', async () => {
    const { ask, seed } = await open();
    const { items } = await (await ask(`/candidates?runId=${seed.doneRunId}&vetoed=true`)).json();
    const path = `/detections/${items[0].id}/validate`;
    const body = { labelId: makeId(0xa1), verdict: 'real', confidence: 'high', reason: 'a nova' };
    for (let n = 0; n < 2; n++) {
      const response = await ask(path, { method: 'POST', body });
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({
        id: makeId(0xa1),
        candidateId: items[0].id,
        verdict: 'real',
      });
    }
    expect((await (await ask('/labels')).json()).total).toBe(1);
    const nowhere = await ask(`/detections/${makeId(404)}/validate`, {
      method: 'POST',
      body: { verdict: 'real' },
    });
    expect([nowhere.status, (await nowhere.json()).code]).toEqual([404, 'detection/candidate-not-found']);
  });
});

describe('the reference', () => {
  test('is one page without a script that names every operation, and takes nothing from elsewhere', async () => {
    const { ask } = await open();
    const response = await ask('/docs');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'/);
    const page = await response.text();
    const { paths } = await (await ask('/openapi.json')).json();
    for (const item of Object.values<Record<string, { operationId?: string }>>(paths))
      for (const { operationId } of Object.values(item))
        if (operationId !== undefined) expect(page).toContain(`<section id="${operationId}">`);
    expect(page).not.toMatch(/<script|<link|<img|src=|href="(https?:|\/\/)/);
    expect(page.length).toBeLessThan(400_000);
  });
});
