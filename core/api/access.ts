import { AstridError } from '../utils/index.ts';
import { type contract, ROLES, type Role, type Scope } from './contract/index.ts';

/** Who asks. */
export interface Principal {
  readonly kind: 'local' | 'key' | 'token' | 'nobody';
  /** Unlike that of any other principal. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly role: Role | 'nobody';
  /** Narrows the role; absent: all that the role may. */
  readonly scopes?: readonly Scope[] | undefined;
  /** Whom its labels are signed by; absent: the curator chosen in the workspace. */
  readonly curatorId?: string | undefined;
}

/** The window, and whoever has the token that the host printed: the person at this machine. */
export const LOCAL: Principal = { kind: 'local', id: 'local', name: 'this machine', role: 'admin' };

/** Whoever brings nothing. */
export const NOBODY: Principal = { kind: 'nobody', id: 'nobody', name: 'nobody', role: 'nobody' };

type Contract = typeof contract;
/** A route of the contract: its word and what it does. */
export type ContractRoute = {
  [Word in keyof Contract & string]: `${Word}.${keyof Contract[Word] & string}`;
}[keyof Contract & string];

/** Routes whose answers are no JSON, all of them GET. */
export const PLAIN_ROUTES = {
  'api.openapi': '/api/v1/openapi.json',
  'api.docs': '/api/v1/docs',
  'api.metrics': '/api/v1/metrics',
  'api.events': '/api/v1/events',
  'api.exports': '/api/v1/exports/{table}',
  'api.blob': '/blob/{sha256}',
  'observations.pixels': '/pixels',
  'observations.cutout': '/cutout',
} as const;

/** Everything that can be asked. A part of a file is cut as its own route: it names a path of this machine. */
export type RouteName =
  | ContractRoute
  | keyof typeof PLAIN_ROUTES
  | 'observations.cutoutOfFile'
  | 'api.window';

/** Routes that tell a secret, this once: their answers are kept nowhere. */
export const TELLS_SECRET: ReadonlySet<string> = new Set<RouteName>([
  'access.createKey',
  'team.createProject',
]);

/** What a route asks of a principal. */
export interface Access {
  /** Least role. */
  readonly role: Role | 'nobody';
  /** Asked of a principal that is kept to scopes; absent: every scope will do. */
  readonly scope?: Scope | undefined;
}

const to = (role: Access['role'], scope?: Scope): Access => ({ role, scope });

/**
 * Who may do what: every route, its least role, and the scope that a key must have for it.
 *
 * The one place where this is decided; a route that is not in it does not compile. Roles are those of the shared
 * catalogue (`astrid.may_write`): labellers judge candidates, operators run the line and decide on differences, admins
 * change what holds for all. What opens a path of this machine is an operator's.
 */
export const ACCESS = {
  'observations.listObservations': to('viewer', 'observations:read'),
  'observations.openImage': to('operator', 'observations:read'),
  'observations.readHeader': to('operator', 'observations:read'),
  'observations.readSky': to('operator', 'observations:read'),
  'observations.pixels': to('operator', 'observations:read'),
  'observations.cutout': to('viewer', 'observations:read'),
  'observations.cutoutOfFile': to('operator', 'observations:read'),

  'pipeline.listNights': to('viewer', 'pipeline:read'),
  'pipeline.listExecutions': to('viewer', 'pipeline:read'),
  'pipeline.listRuns': to('viewer', 'pipeline:read'),
  'pipeline.getRun': to('viewer', 'pipeline:read'),
  'pipeline.getField': to('viewer', 'pipeline:read'),
  'pipeline.createRun': to('operator', 'pipeline:write'),
  'pipeline.createSampleNight': to('operator', 'pipeline:write'),
  'pipeline.cancelRun': to('operator', 'pipeline:write'),
  'pipeline.retryRun': to('operator', 'pipeline:write'),

  'differencing.explainDifference': to('viewer', 'differencing:read'),
  'differencing.listReviews': to('viewer', 'differencing:read'),
  'differencing.createReview': to('operator', 'differencing:write'),
  'differencing.retractReview': to('operator', 'differencing:write'),

  'detection.listModels': to('viewer', 'detection:read'),
  'detection.listModelRuns': to('operator', 'detection:read'),
  'detection.countScores': to('viewer', 'detection:read'),
  'detection.listCandidateNames': to('viewer', 'detection:read'),
  'detection.listCandidates': to('viewer', 'detection:read'),
  'detection.getCandidate': to('viewer', 'detection:read'),
  'detection.measureLightCurve': to('viewer', 'detection:read'),
  'detection.inferScores': to('viewer', 'detection:read'),
  'detection.validateDetection': to('labeller', 'curation:write'),
  'detection.measureModel': to('operator', 'detection:write'),
  'detection.promoteModel': to('admin', 'detection:write'),

  'catalog.evaluateModels': to('viewer', 'catalog:read'),
  'catalog.listDepths': to('viewer', 'catalog:read'),
  'catalog.summariseWork': to('viewer', 'catalog:read'),
  'catalog.listFieldStars': to('viewer', 'catalog:read'),
  'catalog.listMovingObjects': to('viewer', 'catalog:read'),
  'catalog.findMovingObjects': to('operator', 'catalog:write'),
  'catalog.listDetections': to('viewer', 'catalog:read'),
  'catalog.listObjects': to('viewer', 'catalog:read'),
  'catalog.getObject': to('viewer', 'catalog:read'),
  'catalog.countBins': to('viewer', 'catalog:read'),
  'catalog.countCells': to('viewer', 'catalog:read'),
  'catalog.findColours': to('viewer', 'catalog:read'),
  'objects.listObjectNames': to('viewer', 'catalog:read'),
  'objects.getObjectName': to('viewer', 'catalog:read'),
  'objects.putObjectName': to('operator', 'catalog:write'),
  'objects.dropObjectName': to('operator', 'catalog:write'),
  'api.exports': to('viewer', 'catalog:read'),

  'curation.listLabels': to('viewer', 'curation:read'),
  'curation.getCuration': to('viewer', 'curation:read'),
  'curation.listOpen': to('viewer', 'curation:read'),
  'curation.measureAgreement': to('viewer', 'curation:read'),
  'curation.listCurators': to('viewer', 'curation:read'),
  'curation.getCurator': to('viewer', 'curation:read'),
  'curation.getTaxonomy': to('viewer', 'curation:read'),
  'curation.compareTaxonomy': to('viewer', 'curation:read'),
  'curation.getConsensus': to('viewer', 'curation:read'),
  'curation.createLabel': to('labeller', 'curation:write'),
  'curation.retractLabel': to('labeller', 'curation:write'),
  'curation.recordEvents': to('labeller', 'curation:write'),
  'curation.saveCurator': to('labeller', 'curation:write'),
  'curation.chooseCurator': to('admin', 'curation:write'),
  'curation.saveTaxonomy': to('admin', 'curation:write'),
  'curation.putConsensus': to('admin', 'curation:write'),

  'labelling.listQueue': to('labeller', 'curation:read'),
  'labelling.listHistory': to('labeller', 'curation:read'),
  'labelling.listEpochs': to('viewer', 'curation:read'),
  'labelling.listNeighbours': to('viewer', 'curation:read'),
  'labelling.listFilters': to('viewer', 'curation:read'),
  'labelling.getFilter': to('viewer', 'curation:read'),
  'labelling.revealScore': to('labeller', 'curation:write'),
  'labelling.saveFilter': to('labeller', 'curation:write'),
  'labelling.dropFilter': to('labeller', 'curation:write'),

  // It tells addresses and logins; trying a connection makes this machine call wherever it is told to.
  'sync.getSyncState': to('operator', 'sync:read'),
  'sync.listConflicts': to('operator', 'sync:read'),
  'sync.listRefused': to('operator', 'sync:read'),
  'sync.exchange': to('operator', 'sync:write'),
  'sync.mirrorRun': to('operator', 'sync:write'),
  'sync.keepRun': to('operator', 'sync:write'),
  'sync.retryRefused': to('operator', 'sync:write'),
  'sync.listProjects': to('admin', 'sync:write'),
  'sync.examineConnection': to('admin', 'sync:write'),
  'sync.connect': to('admin', 'sync:write'),
  'sync.disconnect': to('admin', 'sync:write'),
  'sync.resolveConflict': to('admin', 'sync:write'),
  'collection.getCollection': to('operator', 'sync:read'),
  'collection.startCollection': to('admin', 'sync:write'),
  'collection.stopCollection': to('admin', 'sync:write'),
  'team.listMembers': to('operator', 'sync:read'),
  'team.getMember': to('operator', 'sync:read'),
  'team.putMember': to('admin', 'sync:write'),
  'team.removeMember': to('admin', 'sync:write'),
  'team.createProject': to('admin', 'sync:write'),

  'settings.getSettings': to('operator', 'api:read'),
  'settings.getSetting': to('operator', 'api:read'),
  'settings.putSetting': to('admin', 'api:write'),
  'samp.getSamp': to('operator', 'api:read'),
  'samp.getTable': to('operator', 'api:read'),
  'samp.switchSamp': to('operator', 'api:write'),
  'samp.sendImage': to('operator', 'api:write'),
  'samp.sendCandidates': to('operator', 'api:write'),
  'samp.pointAt': to('operator', 'api:write'),

  'access.whoAmI': to('viewer'),
  'access.listKeys': to('admin', 'api:read'),
  'access.createKey': to('admin', 'api:write'),
  'access.revokeKey': to('admin', 'api:write'),
  'access.listAudit': to('admin', 'api:read'),
  // Who watches a machine has no key.
  'api.live': to('nobody'),
  'api.ready': to('nobody'),
  'api.metrics': to('viewer', 'api:read'),
  'api.docs': to('viewer'),
  'api.storage': to('viewer', 'api:read'),
  'api.workers': to('viewer', 'api:read'),
  'api.resources': to('viewer', 'api:read'),
  'api.system': to('operator', 'api:read'),
  'api.events': to('viewer', 'pipeline:read'),
  'api.blob': to('viewer', 'observations:read'),
  'api.openapi': to('viewer'),
  'api.window': to('viewer'),
} as const satisfies Readonly<Record<RouteName, Access>>;

/** Whether a role may do what asks for at least another. */
export function reaches(role: Principal['role'], least: Access['role']): boolean {
  return rankOf(role) >= rankOf(least);
}

/**
 * Whether it is written down that a principal asked for this: whatever writes is, but for what the window itself
 * remembers of how it looked.
 */
export function isAudited(principal: Principal, route: RouteName): boolean {
  if (principal.kind === 'nobody') return false;
  if (principal.kind === 'local' && route === 'settings.putSetting') return false;
  const { scope }: Access = ACCESS[route];
  return scope?.endsWith(':write') === true;
}

/** Say why a principal may not use a route. @returns nothing where it may */
export function whyNot(principal: Principal, route: RouteName): AstridError | undefined {
  const { role, scope }: Access = ACCESS[route];
  if (!reaches(principal.role, role)) {
    if (principal.kind === 'nobody')
      return new AstridError(
        'api/unauthorized',
        'This needs a key: send it as "Authorization: Bearer KEY"; an admin makes one with "astrid keys create".',
      );
    return new AstridError(
      'api/forbidden',
      `${principal.name} is ${nameRole(principal.role)}, and ${route} needs ${nameRole(role)}; ask an admin.`,
      { route, role: principal.role, needs: role },
    );
  }
  const { scopes } = principal;
  if (scope === undefined || scopes === undefined || scopes.includes(scope)) return undefined;
  return new AstridError(
    'api/forbidden',
    `${principal.name} is kept to ${scopes.join(', ') || 'nothing'}, and ${route} needs ${scope}; ask an admin.`,
    { route, scopes: [...scopes], needs: scope },
  );
}

/**
 * Tell whom a principal acts as: itself, or whom an admin names.
 *
 * @param own the principal's own curator.
 * @throws api/forbidden
 */
export function actAs(principal: Principal, own: string, named: string | undefined): string {
  if (named === undefined || named === own || principal.role === 'admin') return named ?? own;
  throw new AstridError(
    'api/forbidden',
    `${principal.name} may act as its own curator ${own} only; an admin may name another.`,
    { curatorId: named, own },
  );
}

function rankOf(role: Principal['role']): number {
  return role === 'nobody' ? -1 : ROLES.indexOf(role);
}

function nameRole(role: Principal['role']): string {
  return /^[ao]/.test(role) ? `an ${role}` : `a ${role}`;
}
