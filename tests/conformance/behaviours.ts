import assert from 'node:assert/strict';
import { z } from 'zod';
import {
  BinCounts,
  Candidate,
  CatalogDetection,
  CellCounts,
  DifferenceFacts,
  Execution,
  Field,
  Finding,
  HeaderCard,
  ImageDepth,
  ImageFile,
  Label,
  LabelWork,
  LogEvent,
  ModelEvaluation,
  Night,
  Problem,
  pageOf,
  Resources,
  Review,
  Run,
  ScoreCounts,
  Settings,
  SkyObject,
  StageName,
} from '../../core/api/contract/index.ts';
import { makeCompleteness } from '../support/known-completeness.ts';
import { addressOfTriplet, makeId, type Seed } from '../support/seed-workspace.ts';

/** An answer of the door, whatever it came through. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** What is asked of a door. */
export interface Ask {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A way to the core: direct, over HTTP, or through Electron's protocol. */
export interface Door {
  /** Whether queued runs are taken up behind it: runs over files that are not there then fail soon. */
  readonly worksQueue: boolean;
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** Read a stream until its text holds something, then leave it. */
  listen(path: string, until: string, headers?: Readonly<Record<string, string>>): Promise<string>;
}

/** Something every door does; written once, run through each. */
export interface Behaviour {
  readonly name: string;
  check(door: Door, seed: Seed): Promise<void>;
}

const API = '/api/v1';

const CandidateName = z.object({ id: z.string(), runId: z.string(), rank: z.number(), score: z.number() });

const Runs = pageOf(Run);
const Executions = pageOf(Execution);
const Candidates = pageOf(Candidate);
const Header = z.object({ cards: z.array(HeaderCard), matched: z.number(), total: z.number() });
const Content = z.object({ content: z.record(z.string(), z.unknown()).optional() });
const Operation = z.object({ responses: z.record(z.string(), Content) }).optional();
const OpenApi = z.object({
  openapi: z.string().regex(/^3\.1\./),
  paths: z.record(z.string(), z.object({ get: Operation, post: Operation })),
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).optional() })),
  }),
});

function textOf(answer: Answer): string {
  return new TextDecoder().decode(answer.bytes);
}

/** Read an answer as the contract says it is. */
function read<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(textOf(answer)));
}

async function get<Schema extends z.ZodType>(
  door: Door,
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const answer = await door.ask(`${API}${path}`);
  assert.equal(answer.status, 200, textOf(answer).slice(0, 500));
  return read(answer, schema);
}

async function post(door: Door, path: string, body: unknown = {}): Promise<Answer> {
  return door.ask(`${API}${path}`, { method: 'POST', body });
}

function assertFailure(answer: Answer, status: number, code: string): Problem {
  assert.equal(answer.status, status, textOf(answer).slice(0, 500));
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
  const problem = read(answer, Problem);
  assert.deepEqual([problem.code, problem.status, problem.type], [code, status, 'about:blank']);
  assert.ok(problem.detail.length > 10);
  return problem;
}

/** Everything every door does. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: 'is alive and ready',
    check: async (door) => {
      await get(door, '/health/live', z.object({ status: z.literal('live') }));
      await get(
        door,
        '/health/ready',
        z.object({ status: z.literal('ready'), schemaVersion: z.int().min(1) }),
      );
      const facts = z.object({
        version: z.string(),
        threads: z.int().min(1),
        findings: z.array(Finding).min(1),
      });
      await get(door, '/system', facts);
    },
  },
  {
    name: 'lists runs newest first with the state of every stage',
    check: async (door, seed) => {
      const page = await get(door, '/runs?limit=1000', Runs);
      const ids = page.items.map(({ id }) => id);
      assert.ok(ids.indexOf(seed.failedRunId) < ids.indexOf(seed.doneRunId));
      const run = Run.parse(page.items.find(({ id }) => id === seed.doneRunId));
      assert.deepEqual(
        run.stages.map(({ stage }) => stage),
        StageName.options,
      );
      assert.deepEqual(
        run.stages.map(({ status }) => status),
        ['done', 'pending', 'pending', 'pending', 'pending', 'pending', 'done', 'done'],
      );
      assert.equal(run.candidateCount, 12);
      assert.deepEqual(run.stages[0]?.metrics, { sources: 120 });
    },
  },
  {
    name: 'pages through runs by cursor',
    check: async (door) => {
      const first = await get(door, '/runs?limit=1', Runs);
      assert.equal(first.items.length, 1);
      const second = await get(
        door,
        `/runs?limit=1&cursor=${encodeURIComponent(first.nextCursor ?? '')}`,
        Runs,
      );
      assert.notEqual(second.items[0]?.id, first.items[0]?.id);
      assert.equal(second.total, first.total);
      assertFailure(await door.ask(`${API}/runs?cursor=nonsense`), 400, 'pipeline/bad-cursor');
    },
  },
  {
    name: 'says why a run failed',
    check: async (door, seed) => {
      const run = await get(door, `/runs/${seed.failedRunId}`, Run);
      assert.equal(run.status, 'failed');
      assert.equal(run.errorCode, 'imaging/not-fits');
      assert.equal(run.stages[0]?.errorCode, 'imaging/not-fits');
    },
  },
  {
    name: 'gives the field of a run: planes, sky, registration, how deep it is',
    check: async (door, seed) => {
      const field = await get(door, `/runs/${seed.doneRunId}/field`, Field);
      assert.deepEqual(field.planes, [
        { kind: 'science', sha256: seed.plane.sha256, width: 40, height: 30, dtype: 'float32', unit: 'e-' },
      ]);
      assert.equal(field.sky?.columns, 2);
      assert.equal(field.registration?.matched, 80);
      assert.equal(field.difference?.method, 'zogy');
      assert.deepEqual(field.completeness, JSON.parse(JSON.stringify(makeCompleteness(40, 30))));
    },
  },
  {
    name: 'queues a pair once for one id',
    check: async (door) => {
      const pair = { id: makeId(100), sciencePath: '/night/new.fits', templatePath: '/night/template.fits' };
      const first = await post(door, '/runs', pair);
      assert.equal(first.status, 201);
      const second = await post(door, '/runs', pair);
      assert.equal(second.status, 201);
      assert.equal(read(second, Run).createdAt, read(first, Run).createdAt);
      assertFailure(
        await post(door, '/runs', { ...pair, sciencePath: '/other.fits' }),
        409,
        'pipeline/run-id-reused',
      );
    },
  },
  {
    name: 'cancels a queued run, and queues it again',
    check: async (door) => {
      const pair = { id: makeId(101), sciencePath: '/night/stop.fits', templatePath: '/night/template.fits' };
      await post(door, '/runs', pair);
      const { status } = read(await post(door, `/runs/${pair.id}/cancel`), Run);
      assert.ok(status === 'cancelled' || (door.worksQueue && status === 'failed'));
      const again = read(await post(door, `/runs/${pair.id}/retry`), Run);
      assert.ok(['queued', 'running', ...(door.worksQueue ? ['failed'] : [])].includes(again.status));
      await post(door, `/runs/${pair.id}/cancel`);
    },
  },
  {
    name: 'says in words and by field what is wrong with a request',
    check: async (door) => {
      const error = assertFailure(await post(door, '/runs', { sciencePath: '' }), 422, 'api/invalid-input');
      const issues = z.array(z.object({ path: z.array(z.string()) })).parse(error.details.issues);
      assert.deepEqual(issues.map(({ path }) => path.join('.')).sort(), ['sciencePath', 'templatePath']);
      assertFailure(await door.ask(`${API}/runs/not-an-id`), 422, 'api/invalid-input');
      assertFailure(await door.ask(`${API}/runs?limit=0`), 422, 'api/invalid-input');
      assertFailure(await door.ask(`${API}/runs?limit=many`), 422, 'api/invalid-input');
    },
  },
  {
    name: 'knows what there is not',
    check: async (door) => {
      assertFailure(await door.ask(`${API}/runs/${makeId(404)}`), 404, 'pipeline/run-not-found');
      assertFailure(await door.ask(`${API}/candidates/${makeId(404)}`), 404, 'detection/candidate-not-found');
      assertFailure(await door.ask(`${API}/nothing`), 404, 'api/not-found');
      assertFailure(await door.ask(`${API}/runs/${makeId(1)}`, { method: 'DELETE' }), 404, 'api/not-found');
      assertFailure(await door.ask('/nothing.js'), 404, 'api/not-found');
      assertFailure(await door.ask(`/blob/${'0'.repeat(64)}`), 404, 'storage/not-found');
      assertFailure(await door.ask('/', { method: 'POST', body: {} }), 405, 'api/method-not-allowed');
    },
  },
  {
    name: 'lists candidates by score, page by page, and the vetoed apart',
    check: async (door, seed) => {
      const scores: number[] = [];
      let cursor = '';
      do {
        const page = await get(door, `/candidates?runId=${seed.doneRunId}&limit=5${cursor}`, Candidates);
        assert.equal(page.total, 12);
        scores.push(...page.items.map(({ score }) => score));
        cursor = page.nextCursor === undefined ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
      } while (cursor !== '');
      assert.deepEqual(
        scores,
        Array.from({ length: 12 }, (_, n) => (12 - n) / 12),
      );
      const vetoed = await get(door, `/candidates?runId=${seed.doneRunId}&vetoed=true`, Candidates);
      assert.deepEqual(
        vetoed.items.map(({ vetoes }: { vetoes: { rule: string }[] }) => vetoes[0]?.rule),
        ['edge'],
      );
      const best = await get(door, `/candidates?runId=${seed.doneRunId}&minScore=0.9`, Candidates);
      assert.equal(best.total, 2);
    },
  },
  {
    name: 'searches the catalogue: detections and sky objects by filter, and counts them along axes',
    check: async (door) => {
      const Rows = pageOf(CatalogDetection).extend({ offset: z.number() });
      const filter = encodeURIComponent(
        JSON.stringify({
          ranges: [{ column: 'score', from: 0.5 }],
          words: [{ column: 'state', names: ['vetoed'], isExcluded: true }],
        }),
      );
      const rows = await get(door, `/catalog/detections?filter=${filter}&order=score&limit=3&offset=2`, Rows);
      assert.deepEqual([rows.total, rows.offset, rows.items.length], [7, 2, 3]);
      const objects = await get(door, '/catalog/objects?order=raDeg&falling=false', pageOf(SkyObject));
      assert.deepEqual(objects.items.map(({ name }: { name: string }) => name).slice(0, 2), [
        'AstrID J004000.00+003000.0',
        'AstrID J004000.24+003000.0',
      ]);
      const One = z.object({ object: SkyObject, detections: z.array(CatalogDetection) });
      const { detections } = await get(door, `/catalog/objects/${objects.items[0]!.id}`, One);
      assert.equal(detections.length, 1);
      const bins = await get(
        door,
        '/catalog/bins/detections?x=score&xFrom=0&xTo=1&xBins=2&by=state',
        BinCounts,
      );
      assert.deepEqual(bins.counts, { candidate: [5, 7], vetoed: [1, 0] });
      const cells = await get(
        door,
        '/catalog/cells/objects?x=raDeg&xBins=3&y=snr&yLog=true&yBins=1&mostPoints=100',
        CellCounts,
      );
      assert.equal(cells.points?.x.length, 12);
      assertFailure(await door.ask(`${API}/catalog/objects/${makeId(404)}`), 404, 'catalog/object-not-found');
      assertFailure(await door.ask(`${API}/catalog/detections?cursor=x`), 400, 'catalog/bad-cursor');
      assertFailure(await door.ask(`${API}/catalog/detections?filter=x`), 422, 'api/invalid-input');
      assertFailure(await door.ask(`${API}/catalog/bins/detections?x=colour`), 422, 'catalog/unknown-column');
    },
  },
  {
    name: 'says how well a model agrees with the labels, how deep images are, and who worked how much',
    check: async (door, seed) => {
      const page = await get(door, `/candidates?runId=${seed.doneRunId}&limit=12`, Candidates);
      const [best, worst] = [page.items[0]!, page.items.at(-1)!];
      for (const [n, { id }] of [best, worst].entries())
        await post(door, `/candidates/${id}/labels`, {
          id: makeId(0x5000 + n),
          verdict: n === 0 ? 'real' : 'bogus',
        });
      const Models = z.object({ models: z.array(ModelEvaluation) });
      const { models } = await get(door, '/catalog/models?threshold=0.4', Models);
      assert.equal(models.length, 1);
      assert.ok(models[0]!.confusion.realCalledReal >= 1 && models[0]!.confusion.bogusCalledBogus >= 1);
      assert.ok(models[0]!.rocArea !== undefined && models[0]!.points.length >= 2);
      const { images } = await get(door, '/catalog/depths', z.object({ images: z.array(ImageDepth) }));
      assert.deepEqual(
        images.map(({ runId }: { runId: string }) => runId),
        [seed.doneRunId],
      );
      const work = await get(door, '/catalog/work', LabelWork);
      assert.ok(work.curators.length >= 1 && work.days.length >= 1);
      for (const n of [0, 1])
        await post(door, `/labels/${makeId(0x5000 + n)}/retract`, { retractionId: makeId(0x5100 + n) });
    },
  },
  {
    name: 'streams whole tables as files in every format',
    check: async (door) => {
      const filter = encodeURIComponent(JSON.stringify({ ranges: [{ column: 'score', from: 0.5 }] }));
      const csv = await door.ask(`${API}/exports/candidates?filter=${filter}`);
      assert.equal(csv.status, 200);
      assert.match(csv.headers['content-disposition'] ?? '', /filename="astrid-candidates.csv"/);
      assert.equal(textOf(csv).trim().split('\r\n').length, 1 + 7);
      const starts = { votable: '<?xml', fits: 'SIMPLE  =', parquet: 'PAR1', ds9: '# Region file' } as const;
      for (const [format, start] of Object.entries(starts))
        for (const table of ['detections', 'objects']) {
          const answer = await door.ask(`${API}/exports/${table}?format=${format}`);
          assert.ok(textOf(answer).startsWith(start), `${table} as ${format}`);
        }
      assertFailure(await door.ask(`${API}/exports/galaxies`), 404, 'catalog/table-not-found');
      assertFailure(await door.ask(`${API}/exports/objects?format=xls`), 422, 'catalog/unknown-format');
      assertFailure(await door.ask(`${API}/exports/objects?filter=x`), 422, 'catalog/bad-filter');
      assertFailure(await door.ask(`${API}/exports/labels?format=ds9`), 422, 'catalog/no-regions');
    },
  },
  {
    name: 'stores a label before it answers, once however often it is sent, and shows it',
    check: async (door, seed) => {
      const { items } = await get(door, `/candidates?runId=${seed.doneRunId}&limit=2&order=rank`, Candidates);
      const id = items[1]!.id;
      const path = `/candidates/${id}/labels`;
      const label = { id: makeId(200), verdict: 'real', reason: 'in a spiral arm', decisionMs: 900 };
      const first = await post(door, path, label);
      assert.equal(first.status, 201);
      assert.deepEqual(read(await post(door, path, label), Label), read(first, Label));
      assertFailure(await post(door, path, { ...label, verdict: 'bogus' }), 409, 'curation/label-id-reused');
      assert.deepEqual((await get(door, `/candidates/${id}`, Candidate)).label, read(first, Label));
      const count = async (query: string): Promise<number> =>
        (await get(door, `/candidates?runId=${seed.doneRunId}&${query}`, Candidates)).total;
      assert.equal(await count('labelled=true&verdict=real'), 1);
      assert.equal(await count('labelled=false'), 11);
      assert.equal((await get(door, `/runs/${seed.doneRunId}`, Run)).labelledCount, 1);
      assert.equal((await get(door, `/labels?candidateId=${id}`, pageOf(Label))).total, 1);

      const retraction = await post(door, `/labels/${label.id}/retract`, { retractionId: makeId(201) });
      assert.equal(retraction.status, 200);
      assert.equal(read(retraction, z.object({ candidateId: z.string() })).candidateId, id);
      assert.equal((await get(door, `/candidates/${id}`, Candidate)).label, undefined);
      assertFailure(
        await post(door, `/labels/${makeId(404)}/retract`, { retractionId: makeId(202) }),
        404,
        'curation/label-not-found',
      );
    },
  },
  {
    name: 'tells what a grade rests on, and keeps the decision on the difference until it is taken back',
    check: async (door, seed) => {
      const path = `/runs/${seed.doneRunId}`;
      const facts = await get(door, `${path}/difference`, DifferenceFacts);
      assert.equal(facts.grade, 'green');
      assert.equal(facts.numbers.fluxRatio, 1.01);
      assert.deepEqual(
        facts.checks.map(({ grade }) => grade),
        Array(9).fill('green'),
      );
      assert.deepEqual(facts.starScores, [{ xPx: 10, yPx: 12, score: 1.5 }]);
      assert.deepEqual(facts.registration?.residuals, [{ xPx: 10, yPx: 12, dxPx: 0.01, dyPx: -0.02 }]);
      const review = { id: makeId(300), decision: 'rejected', comment: 'clouds' };
      const first = await post(door, `${path}/reviews`, review);
      assert.equal(first.status, 201);
      assert.deepEqual(read(await post(door, `${path}/reviews`, review), Review), read(first, Review));
      assert.deepEqual((await get(door, path, Run)).review, read(first, Review));
      assert.deepEqual((await get(door, `${path}/difference`, DifferenceFacts)).review, read(first, Review));
      assert.equal((await get(door, `/reviews?runId=${seed.doneRunId}`, pageOf(Review))).total, 1);
      assertFailure(
        await post(door, `${path}/reviews`, { ...review, decision: 'accepted' }),
        409,
        'differencing/review-id-reused',
      );
      const retraction = await post(door, `/reviews/${review.id}/retract`, { retractionId: makeId(301) });
      assert.equal(retraction.status, 200);
      assert.equal((await get(door, path, Run)).review, undefined);
      assert.deepEqual((await get(door, `/runs/${seed.failedRunId}/difference`, DifferenceFacts)).checks, []);
      assertFailure(
        await post(door, `/reviews/${makeId(404)}/retract`, { retractionId: makeId(302) }),
        404,
        'differencing/review-not-found',
      );
    },
  },
  {
    name: 'describes itself as OpenAPI 3.1, with the failures, the stream and the blobs',
    check: async (door) => {
      const document = await get(door, '/openapi.json', OpenApi);
      for (const { get, post } of Object.values(document.paths))
        for (const operation of [get, post])
          if (operation) assert.ok(operation.responses.default, 'every failure is described');
      assert.ok(document.paths['/runs/{id}']?.get?.responses['200']);
      assert.ok(document.paths['/events']?.get?.responses['200']?.content?.['text/event-stream']);
      assert.ok(document.paths['/blob/{sha256}']?.get?.responses['206']);
      assert.ok(document.components.schemas.Problem?.properties?.code);
      assert.ok(document.components.schemas.Run?.properties?.stages);
    },
  },
  {
    name: 'gives a plane as bytes with its shape',
    check: async (door, seed) => {
      const answer = await door.ask(`/blob/${seed.plane.sha256}`);
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.bytes, seed.plane.bytes);
      assert.equal(answer.headers['x-astrid-dtype'], 'float32');
      assert.equal(answer.headers['x-astrid-shape'], '30,40');
      assert.equal(answer.headers['x-astrid-unit'], 'e-');
      assert.match(answer.headers['cache-control']!, /immutable/);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    },
  },
  {
    name: 'gives the triplet of a candidate',
    check: async (door, seed) => {
      const { items } = await get(door, `/candidates?runId=${seed.doneRunId}&limit=4&order=rank`, Candidates);
      assert.equal(items[3]?.tripletSha256, addressOfTriplet(3));
      const answer = await door.ask(`/blob/${addressOfTriplet(3)}`);
      assert.equal(answer.headers['x-astrid-shape'], '3,63,63');
      const pixels = new Float32Array(answer.bytes.slice().buffer);
      assert.equal(pixels.length, 3 * 63 * 63);
      assert.ok(pixels.every((value) => value === 3));
    },
  },
  {
    name: 'gives a range of a blob',
    check: async (door, seed) => {
      const { sha256, bytes } = seed.plane;
      for (const [range, start, end] of [
        ['bytes=0-99', 0, 100],
        ['bytes=4700-', 4700, 4800],
        ['bytes=4000-9999', 4000, 4800],
        ['bytes=-16', 4784, 4800],
      ] as const) {
        const answer = await door.ask(`/blob/${sha256}`, { headers: { range } });
        assert.equal(answer.status, 206, range);
        assert.equal(answer.headers['content-range'], `bytes ${start}-${end - 1}/4800`);
        assert.deepEqual(answer.bytes, bytes.subarray(start, end));
      }
      const past = await door.ask(`/blob/${sha256}`, { headers: { range: 'bytes=4800-' } });
      assertFailure(past, 416, 'api/range-not-satisfiable');
      assert.equal(past.headers['content-range'], 'bytes */4800');
    },
  },
  {
    name: 'answers what is no single range with the whole',
    check: async (door, seed) => {
      for (const headers of [
        { range: 'bytes=9-3' },
        { range: 'bytes=0-1,5-6' },
        { range: 'lines=1-2' },
        { range: 'bytes=0-9', 'if-range': '"other"' },
      ]) {
        const answer = await door.ask(`/blob/${seed.plane.sha256}`, { headers });
        assert.equal(answer.status, 200, JSON.stringify(headers));
        assert.equal(answer.bytes.length, 4800);
      }
    },
  },
  {
    name: 'does not send a blob again to who has it',
    check: async (door, seed) => {
      const { headers } = await door.ask(`/blob/${seed.plane.sha256}`);
      const again = await door.ask(`/blob/${seed.plane.sha256}`, {
        headers: { 'if-none-match': headers.etag! },
      });
      assert.equal(again.status, 304);
      assert.equal(again.bytes.length, 0);
    },
  },
  {
    name: 'gives every Nth pixel of every Nth row for a first look',
    check: async (door, seed) => {
      const answer = await door.ask(`/blob/${seed.plane.sha256}?step=7`);
      assert.equal(answer.headers['x-astrid-shape'], '5,6');
      const expected = [0, 7, 14, 21, 28].flatMap((y) => [0, 7, 14, 21, 28, 35].map((x) => 100 * y + x));
      assert.deepEqual([...new Float32Array(answer.bytes.slice().buffer)], expected);
      for (const query of ['step=0', 'step=-1', 'step=x', 'step=1e9', 'x=40', 'width=41', 'y=29&height=2'])
        assertFailure(await door.ask(`/blob/${seed.plane.sha256}?${query}`), 400, 'api/bad-rectangle');
      assertFailure(await door.ask(`/blob/${addressOfTriplet(1)}?step=2`), 400, 'api/bad-rectangle');
    },
  },
  {
    name: 'gives rectangles of a plane, thinned and averaged',
    check: async (door, seed) => {
      const read = async (query: string): Promise<[string | undefined, number[]]> => {
        const { status, headers, bytes } = await door.ask(`/blob/${seed.plane.sha256}?${query}`);
        assert.equal(status, 200);
        return [headers['x-astrid-shape'], [...new Float32Array(bytes.slice().buffer)]];
      };
      assert.deepEqual(await read('x=3&y=2&width=2&height=2'), ['2,2', [203, 204, 303, 304]]);
      assert.deepEqual(await read('x=1&y=9&width=7&height=11&step=3&stepY=10'), [
        '2,3',
        [901, 904, 907, 1901, 1904, 1907],
      ]);
      assert.deepEqual(await read('y=28&width=4&step=2&reduce=mean'), ['1,2', [2850.5, 2852.5]]);
    },
  },
  {
    name: 'says what all pixels of a plane are like',
    check: async (door, seed) => {
      const asked = `/blob/${seed.plane.sha256}?survey=10&lo=0&hi=3000`;
      const { headers, bytes } = await door.ask(asked);
      assert.equal(headers['x-astrid-shape'], '3,4');
      assert.equal(headers['x-astrid-range'], '0,2939');
      assert.equal(headers['x-astrid-finite'], '1200');
      const numbers = new Float32Array(bytes.slice().buffer);
      assert.equal(numbers.length, 12 + 1200);
      // The mean of a plane over a block is its value in the middle.
      assert.equal(numbers[5], 100 * 14.5 + 14.5);
      assert.ok(Math.abs(numbers[12 + 600]! - 1500) < 1, 'the median');
      assertFailure(await door.ask(`${asked.split('&')[0]}&lo=1&hi=1`), 400, 'api/bad-rectangle');
    },
  },
  {
    name: 'shows a FITS file that was not ingested: its HDUs, its header, its pixels',
    check: async (door, { imagePath }) => {
      const path = encodeURIComponent(imagePath);
      const file = await get(door, `/images?path=${path}`, ImageFile);
      assert.equal(file.name, 'look & see.fits');
      assert.equal(file.defaultHdu, 0);
      const { width, height, unit, bitpix, sky } = file.hdus[0]!;
      assert.deepEqual([width, height, unit, bitpix, sky], [8, 6, 'adu', 16, undefined]);

      const header = await get(door, `/images/header?path=${path}&hdu=0&search=flat`, Header);
      assert.deepEqual(header, {
        cards: [{ keyword: 'HISTORY', comment: 'flat-fielded by hand' }],
        matched: 1,
        total: 9,
      });

      const asked = `/pixels?path=${path}&hdu=0&x=2&y=1&width=3&height=2&revision=${file.revision}`;
      const pixels = await door.ask(asked);
      assert.equal(pixels.headers['x-astrid-shape'], '2,3');
      assert.equal(pixels.headers['x-astrid-unit'], 'adu');
      assert.match(pixels.headers['cache-control']!, /immutable/);
      const values = [1012, 1013, 1014, 1022, Number.NaN, 1024];
      assert.deepEqual([...new Float32Array(pixels.bytes.slice().buffer)], values);

      assertFailure(
        await door.ask(`/pixels?path=${path}&hdu=0&revision=old`),
        409,
        'observations/file-changed',
      );
      assertFailure(await door.ask(`/pixels?path=${path}&hdu=7`), 422, 'observations/no-image');
      assertFailure(await door.ask(`/pixels?path=${path}&hdu=0&x=9`), 400, 'api/bad-rectangle');
      assertFailure(await door.ask('/pixels?hdu=0'), 400, 'api/bad-rectangle');
      assertFailure(await door.ask(`${API}/images/sky?path=${path}&hdu=0`), 422, 'observations/no-wcs');
      const other = encodeURIComponent('/etc/hostname');
      assertFailure(await door.ask(`${API}/images?path=${other}`), 422, 'observations/not-fits');
    },
  },
  {
    name: 'cuts a FITS file out of an image of a run and out of a file',
    check: async (door, { imagePath, doneRunId }) => {
      const file = await door.ask(
        `/cutout?path=${encodeURIComponent(imagePath)}&hdu=0&x=2&y=1&width=3&height=2`,
      );
      assert.equal(file.status, 200);
      assert.equal(file.headers['content-disposition'], 'attachment; filename="look_see-3-2.fits"');
      assert.match(textOf(file), /^SIMPLE .*NAXIS1 {2}= +3 .*BUNIT {3}= 'adu .*LTV1 {4}= +-2 /s);
      const floats = new DataView(file.bytes.slice(2880).buffer);
      const values = [1012, 1013, 1014, 1022, Number.NaN, 1024];
      assert.deepEqual(
        values.map((_, i) => floats.getFloat32(4 * i)),
        values,
      );
      const plane = await door.ask(`/cutout?run=${doneRunId}&kind=science&x=3&y=2&width=2&height=1`);
      const pixels = new DataView(plane.bytes.slice(2880).buffer);
      assert.deepEqual([pixels.getFloat32(0), pixels.getFloat32(4)], [203, 204]);
      assertFailure(await door.ask('/cutout?hdu=0'), 400, 'api/bad-rectangle');
      assertFailure(await door.ask(`/cutout?run=${doneRunId}&kind=science&x=99`), 400, 'api/bad-rectangle');
      assertFailure(await door.ask(`/cutout?run=${doneRunId}&kind=nothing`), 422, 'observations/no-image');
    },
  },
  {
    name: 'answers HEAD as GET without a body',
    check: async (door, seed) => {
      const head = await door.ask(`/blob/${seed.plane.sha256}`, { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(head.headers['content-length'], '4800');
      assert.equal(head.bytes.length, 0);
      assert.equal((await door.ask('/', { method: 'HEAD' })).status, 200);
      assert.equal((await door.ask(`${API}/runs`, { method: 'HEAD' })).status, 200);
      assert.equal((await door.ask(`${API}/events`, { method: 'HEAD' })).status, 200);
    },
  },
  {
    name: 'gives the window under every screen, walled off from everything else',
    check: async (door) => {
      for (const path of ['/', '/queue', '/field', '/label', '/system']) {
        const answer = await door.ask(path);
        assert.equal(answer.status, 200);
        assert.match(textOf(answer), /<div id="root">/);
        assert.match(answer.headers['content-type']!, /^text\/html/);
        assert.match(answer.headers['content-security-policy']!, /default-src 'none'/);
        assert.equal(answer.headers['cross-origin-opener-policy'], 'same-origin');
        assert.equal(answer.headers['cross-origin-embedder-policy'], 'require-corp');
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      }
      assertFailure(await door.ask('/admin'), 404, 'api/not-found');
    },
  },
  {
    name: 'lists runs by filter and place in the list, nights, executions, scores and what the machine does',
    check: async (door, seed) => {
      const failed = await get(door, '/runs?filter=status:failed%20-good&offset=0&order=name', Runs);
      assert.ok(failed.items.some(({ id }) => id === seed.failedRunId));
      const run = failed.items.find(({ id }) => id === seed.failedRunId)!;
      assert.deepEqual(run.errorDetails, {});
      const done = await get(door, `/runs?filter=good`, Runs);
      assert.deepEqual(done.items[0]?.picture, { sha256: seed.plane.sha256, width: 40, height: 30 });
      assertFailure(await door.ask(`${API}/runs?filter=status:asleep`), 422, 'pipeline/bad-filter');
      const { nights } = await get(door, '/nights', z.object({ nights: z.array(Night) }));
      assert.ok(nights[0]!.runs >= 2);
      const { items: executions } = await get(door, '/executions?since=2000-01-01T00:00:00.000Z', Executions);
      assert.ok(executions.some(({ runId, worker }) => runId === seed.doneRunId && worker === 'seed'));
      const counts = await get(door, '/models/model-1/scores', ScoreCounts);
      const all = [counts.real, counts.bogus, counts.unsure, counts.unlabelled].flat();
      assert.equal(
        all.reduce((sum, count) => sum + count, 0),
        12,
      );
      const { names } = await get(door, '/candidates/names', z.object({ names: z.array(CandidateName) }));
      assert.ok(names.length >= 12);
      assert.ok((await get(door, '/resources', Resources)).totalBytes > 0);
    },
  },
  {
    name: 'keeps settings whole, with what this version does not know, and refuses what is none',
    check: async (door) => {
      const first = await get(door, '/settings', Settings);
      assert.deepEqual([first.keymap.preset, first.appearance.scalePercent], ['astrid', 100]);
      const value = { version: 7, preset: 'ds9', bindings: { 'later.action': ['Ctrl+J'] }, later: true };
      const saved = await door.ask(`${API}/settings/keymap`, { method: 'PUT', body: { value } });
      assert.equal(saved.status, 200, textOf(saved));
      assert.deepEqual((await get(door, '/settings', Settings)).keymap, value);
      const wrong = { value: { bindings: 'none' } };
      assertFailure(
        await door.ask(`${API}/settings/keymap`, { method: 'PUT', body: wrong }),
        422,
        'api/invalid-setting',
      );
      assert.deepEqual((await get(door, '/settings', Settings)).keymap, value);
    },
  },
  {
    name: 'replays the event log after an id, in order, and nothing before it',
    check: async (door, seed) => {
      const text = await door.listen(`${API}/events?after=2`, `id: ${seed.lastEventId}\n`);
      const events = readEvents(text);
      assert.deepEqual(
        events.slice(0, seed.lastEventId - 2).map(({ id }) => id),
        Array.from({ length: seed.lastEventId - 2 }, (_, n) => n + 3),
      );
    },
  },
  {
    name: 'goes on where a client that lost the line was',
    check: async (door, seed) => {
      const last = seed.lastEventId - 1;
      const text = await door.listen(`${API}/events?after=0`, `id: ${last + 1}\n`, {
        'last-event-id': String(last),
      });
      assert.equal(readEvents(text)[0]?.id, last + 1);
    },
  },
  {
    name: 'keeps a stream to one run when asked',
    check: async (door, seed) => {
      const text = await door.listen(`${API}/events?after=0&runId=${seed.failedRunId}`, 'run.failed');
      const events = readEvents(text);
      assert.deepEqual(
        events.slice(0, 2).map(({ kind }) => kind),
        ['run.queued', 'stage.started'],
      );
      assert.ok(events.every(({ runId }) => runId === seed.failedRunId));
    },
  },
  {
    name: 'tells of what happens while a client listens, and of nothing before',
    check: async (door) => {
      const pair = { id: makeId(300), sciencePath: '/night/live.fits', templatePath: '/night/template.fits' };
      const heard = door.listen(`${API}/events`, pair.id);
      // The stream's first frame is on its way; what happens after it must be heard.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await post(door, '/runs', pair);
      const events = readEvents(await heard);
      assert.deepEqual([events[0]?.kind, events[0]?.runId], ['run.queued', pair.id]);
      await post(door, `/runs/${pair.id}/cancel`);
    },
  },
  {
    name: 'refuses an id that is none',
    check: async (door) => {
      for (const after of ['-1', 'x', '1.5'])
        assertFailure(await door.ask(`${API}/events?after=${after}`), 400, 'api/bad-event-id');
    },
  },
];

function readEvents(text: string): LogEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => /^id: \d+\ndata: .*$/.test(frame))
    .map((frame) => LogEvent.parse(JSON.parse(frame.slice(frame.indexOf('data: ') + 6))));
}
