import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS, LOCAL, PLAIN_ROUTES, type Principal, type RouteName } from '../../core/api/access.ts';
import { contract, type Role, type Scope } from '../../core/api/contract/index.ts';
import { listen } from '../../core/app/serve.ts';
import { openWorkstation, type Workstation } from '../support/open-workstation.ts';
import { makeId } from '../support/seed-workspace.ts';

/**
 * What each route asks of whoever comes: least role and scope. Written down here a second time, by hand: a change of the
 * program's own table is a decision, and shows in two places. A route that is missing here does not compile.
 */
const EXPECTED: Readonly<Record<RouteName, string>> = {
  'observations.listObservations': 'viewer observations:read',
  'observations.openImage': 'operator observations:read',
  'observations.readHeader': 'operator observations:read',
  'observations.readSky': 'operator observations:read',
  'observations.pixels': 'operator observations:read',
  'observations.cutout': 'viewer observations:read',
  'observations.cutoutOfFile': 'operator observations:read',
  'pipeline.listNights': 'viewer pipeline:read',
  'pipeline.listExecutions': 'viewer pipeline:read',
  'pipeline.listRuns': 'viewer pipeline:read',
  'pipeline.getRun': 'viewer pipeline:read',
  'pipeline.getField': 'viewer pipeline:read',
  'pipeline.createRun': 'operator pipeline:write',
  'pipeline.createSampleNight': 'operator pipeline:write',
  'pipeline.cancelRun': 'operator pipeline:write',
  'pipeline.retryRun': 'operator pipeline:write',
  'differencing.explainDifference': 'viewer differencing:read',
  'differencing.listReviews': 'viewer differencing:read',
  'differencing.createReview': 'operator differencing:write',
  'differencing.retractReview': 'operator differencing:write',
  'detection.listModels': 'viewer detection:read',
  'detection.listModelRuns': 'operator detection:read',
  'detection.countScores': 'viewer detection:read',
  'detection.listCandidateNames': 'viewer detection:read',
  'detection.listCandidates': 'viewer detection:read',
  'detection.getCandidate': 'viewer detection:read',
  'detection.measureLightCurve': 'viewer detection:read',
  'detection.inferScores': 'viewer detection:read',
  'detection.validateDetection': 'labeller curation:write',
  'detection.measureModel': 'operator detection:write',
  'detection.promoteModel': 'admin detection:write',
  'catalog.evaluateModels': 'viewer catalog:read',
  'catalog.listDepths': 'viewer catalog:read',
  'catalog.summariseWork': 'viewer catalog:read',
  'catalog.listFieldStars': 'viewer catalog:read',
  'catalog.listMovingObjects': 'viewer catalog:read',
  'catalog.findMovingObjects': 'operator catalog:write',
  'catalog.listDetections': 'viewer catalog:read',
  'catalog.listObjects': 'viewer catalog:read',
  'catalog.getObject': 'viewer catalog:read',
  'catalog.countBins': 'viewer catalog:read',
  'catalog.countCells': 'viewer catalog:read',
  'catalog.findColours': 'viewer catalog:read',
  'objects.listObjectNames': 'viewer catalog:read',
  'objects.getObjectName': 'viewer catalog:read',
  'objects.putObjectName': 'operator catalog:write',
  'objects.dropObjectName': 'operator catalog:write',
  'api.exports': 'viewer catalog:read',
  'curation.listLabels': 'viewer curation:read',
  'curation.getCuration': 'viewer curation:read',
  'curation.listOpen': 'viewer curation:read',
  'curation.measureAgreement': 'viewer curation:read',
  'curation.listCurators': 'viewer curation:read',
  'curation.getCurator': 'viewer curation:read',
  'curation.getTaxonomy': 'viewer curation:read',
  'curation.compareTaxonomy': 'viewer curation:read',
  'curation.getConsensus': 'viewer curation:read',
  'curation.createLabel': 'labeller curation:write',
  'curation.retractLabel': 'labeller curation:write',
  'curation.recordEvents': 'labeller curation:write',
  'curation.saveCurator': 'labeller curation:write',
  'curation.chooseCurator': 'admin curation:write',
  'curation.saveTaxonomy': 'admin curation:write',
  'curation.putConsensus': 'admin curation:write',
  'labelling.listQueue': 'labeller curation:read',
  'labelling.listHistory': 'labeller curation:read',
  'labelling.listEpochs': 'viewer curation:read',
  'labelling.listNeighbours': 'viewer curation:read',
  'labelling.listFilters': 'viewer curation:read',
  'labelling.getFilter': 'viewer curation:read',
  'labelling.revealScore': 'labeller curation:write',
  'labelling.saveFilter': 'labeller curation:write',
  'labelling.dropFilter': 'labeller curation:write',
  'sync.getSyncState': 'operator sync:read',
  'sync.listConflicts': 'operator sync:read',
  'sync.listRefused': 'operator sync:read',
  'sync.exchange': 'operator sync:write',
  'sync.mirrorRun': 'operator sync:write',
  'sync.keepRun': 'operator sync:write',
  'sync.retryRefused': 'operator sync:write',
  'sync.listProjects': 'admin sync:write',
  'sync.examineConnection': 'admin sync:write',
  'sync.connect': 'admin sync:write',
  'sync.disconnect': 'admin sync:write',
  'sync.resolveConflict': 'admin sync:write',
  'collection.getCollection': 'operator sync:read',
  'collection.startCollection': 'admin sync:write',
  'collection.stopCollection': 'admin sync:write',
  'team.listMembers': 'operator sync:read',
  'team.getMember': 'operator sync:read',
  'team.putMember': 'admin sync:write',
  'team.removeMember': 'admin sync:write',
  'team.createProject': 'admin sync:write',
  'settings.getSettings': 'operator api:read',
  'settings.getSetting': 'operator api:read',
  'settings.putSetting': 'admin api:write',
  'samp.getSamp': 'operator api:read',
  'samp.getTable': 'operator api:read',
  'samp.switchSamp': 'operator api:write',
  'samp.sendImage': 'operator api:write',
  'samp.sendCandidates': 'operator api:write',
  'samp.pointAt': 'operator api:write',
  'access.whoAmI': 'viewer',
  'access.listKeys': 'admin api:read',
  'access.createKey': 'admin api:write',
  'access.revokeKey': 'admin api:write',
  'access.listAudit': 'admin api:read',
  'api.live': 'nobody',
  'api.ready': 'nobody',
  'api.metrics': 'viewer api:read',
  'api.docs': 'viewer',
  'api.storage': 'viewer api:read',
  'api.workers': 'viewer api:read',
  'api.resources': 'viewer api:read',
  'api.system': 'operator api:read',
  'api.events': 'viewer pipeline:read',
  'api.blob': 'viewer observations:read',
  'api.openapi': 'viewer',
  'api.window': 'viewer',
};

const ROLES: readonly Role[] = ['viewer', 'labeller', 'operator', 'admin'];

/** Here it is not how often one asks that is looked at. */
const PLENTY = {
  failure: { perSecond: 1000, burst: 100_000 },
  principal: { perSecond: 1000, burst: 100_000 },
};

interface Ask {
  readonly route: RouteName;
  readonly method: string;
  readonly path: string;
}

/** Every route as a request that it reads, but that it finds nothing for, or nothing right in. */
function listAsks(): readonly Ask[] {
  const id = makeId(404);
  const fill = (path: string): string =>
    path.replace('/keys/{id}', '/keys/000000000000').replace(/\{[^}]+\}/g, id);
  const ofContract = Object.entries(contract).flatMap(([word, routes]) =>
    Object.entries(routes).map(([name, procedure]): Ask => {
      const { method = 'POST', path = '' } = procedure['~orpc'].route;
      return { route: `${word}.${name}` as RouteName, method, path: `/api/v1${fill(path)}` };
    }),
  );
  const plain = Object.entries(PLAIN_ROUTES).map(
    ([route, path]): Ask => ({ route: route as RouteName, method: 'GET', path: fill(path) }),
  );
  return [
    ...ofContract,
    ...plain,
    { route: 'observations.cutoutOfFile', method: 'GET', path: '/cutout?path=/nowhere.fits&hdu=0' },
    { route: 'api.window', method: 'GET', path: '/' },
  ];
}

describe('every route, asked over HTTP,', () => {
  const cleanUps: (() => void)[] = [];
  let workstation: Workstation;
  let port = 0;
  const keys = new Map<string, string>();
  const asks = listAsks();

  beforeAll(async () => {
    workstation = await openWorkstation({ whenDone: (cleanUp) => void cleanUps.push(cleanUp) });
    const { keys: ring, database } = workstation;
    const host = await listen({ fetch: workstation.fetch, port: 0, authorities: [ring], rates: PLENTY });
    cleanUps.push(() => void host.close());
    port = host.port;
    const make = async (name: string, role: Role, scopes?: readonly Scope[]): Promise<string> => {
      const wanted = {
        name,
        role,
        expiresInDays: 1,
        ...(scopes === undefined ? {} : { scopes: [...scopes] }),
      };
      const { key, record } = await ring.create(wanted, LOCAL);
      keys.set(name, key);
      return record.id;
    };
    for (const role of ROLES) await make(role, role);
    await make('kept to catalog:read', 'admin', ['catalog:read']);
    await ring.revoke(await make('revoked', 'admin'));
    // A key that was made long ago: the program itself makes none that is expired.
    const [kept] = await database.keys.list();
    const { key } = await ring.create({ name: 'template', role: 'admin', expiresInDays: 1 }, LOCAL);
    const [, id, secret] = key.split('_') as [string, string, string];
    const { secretHash } = (await database.keys.list()).find((one) => one.id === id)!;
    const old = { ...kept!, id: '0123456789ab', name: 'expired', role: 'admin' as const, secretHash };
    await database.keys.add({ ...old, revokedAt: undefined, expiresAt: '2026-01-01T00:00:00.000Z' });
    keys.set('expired', `astrid_0123456789ab_${secret}`);
  }, 60_000);
  afterAll(() => {
    for (const cleanUp of cleanUps.reverse()) cleanUp();
  });

  /** What became of a request: let through, not known, or known and not allowed. Streams are left at their head. */
  const ask = ({ method, path }: Ask, key: string | undefined): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method,
          path,
          headers: {
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
            ...(method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': 2 }),
          },
        },
        (response) => {
          const { statusCode: status } = response;
          response.destroy();
          resolve(status === 401 || status === 403 || status === 429 ? String(status) : 'through');
        },
      );
      sent.on('error', reject);
      sent.end(method === 'GET' ? undefined : '{}');
    });

  test('is in the table, and the table holds nothing else', () => {
    expect(asks.map(({ route }) => route).sort()).toEqual(Object.keys(EXPECTED).sort());
    const written = Object.entries(ACCESS).map(([route, entry]) => [
      route,
      'scope' in entry && entry.scope !== undefined ? `${entry.role} ${entry.scope}` : entry.role,
    ]);
    expect(Object.fromEntries(written)).toEqual(EXPECTED);
  });

  const callers: readonly {
    readonly name: string;
    readonly expected: (role: Principal['role'], scope: string | undefined) => 'through' | '401' | '403';
  }[] = [
    ...ROLES.map((own) => ({
      name: own,
      expected: (least: Principal['role']) =>
        least === 'nobody' || ROLES.indexOf(own) >= ROLES.indexOf(least)
          ? ('through' as const)
          : ('403' as const),
    })),
    {
      name: 'kept to catalog:read',
      expected: (_, scope) => (scope === undefined || scope === 'catalog:read' ? 'through' : '403'),
    },
    { name: 'no key', expected: (least) => (least === 'nobody' ? 'through' : '401') },
    // A key that is not good is told so, except where keys are not looked at.
    { name: 'revoked', expected: (least) => (least === 'nobody' ? 'through' : '401') },
    { name: 'expired', expected: (least) => (least === 'nobody' ? 'through' : '401') },
  ];

  test.each(callers)('is answered as the table says: $name', async ({ name, expected }) => {
    const seen: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const one of asks) {
      const [least, scope] = EXPECTED[one.route].split(' ') as [Principal['role'], string | undefined];
      wanted[one.route] = expected(least, scope);
      seen[one.route] = await ask(one, keys.get(name));
    }
    expect(seen).toEqual(wanted);
  });
});
