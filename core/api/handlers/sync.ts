import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.sync).$context<Asking>();

/** Codes of a server that is away: the normal state of a mountain. */
const AWAY = new Set(['sync/unreachable', 'storage/unreachable', 'storage/elsewhere']);

/** Answer what is asked of sharing. */
export function answerSync({ holdings, sync }: Services) {
  return {
    mirrorRun: os.mirrorRun.handler(async ({ input }) => ({ answer: await sync.mirrorRun(input.id) })),
    keepRun: os.keepRun.handler(async ({ input }) => {
      await sync.keepRun(input.id, input.isKept);
      return { isKept: input.isKept };
    }),
    getSyncState: os.getSyncState.handler(async () => {
      const { labelEvents, ...held } = await holdings.count();
      const { cursor: _, arrivals, ...status } = await sync.status();
      const connection = await sync.connection();
      const error = sync.lastError();
      return {
        ...held,
        ...status,
        labelEvents: [...labelEvents],
        arrivals: [...arrivals],
        connection: connection && withoutAuthority(connection),
        activity: sync.activity(),
        secretsKept: sync.secretsKept,
        isOffline: error !== undefined && AWAY.has(error.code),
        lastError: error && { code: error.code, message: error.message },
        toSendByKind: [...(await sync.changes.countOutgoing())],
      };
    }),
    exchange: os.exchange.handler(({ signal }) => sync.exchange(signal)),
    listProjects: os.listProjects.handler(async ({ input }) => ({
      items: [...(await sync.listProjects(input))],
    })),
    examineConnection: os.examineConnection.handler(async ({ input }) => ({
      steps: (await sync.examine(input)).map(({ name, state, message, error }) => ({
        name,
        state,
        message,
        code: error?.code,
      })),
    })),
    connect: os.connect.handler(async ({ input }) => withoutAuthority(await sync.connect(input))),
    disconnect: os.disconnect.handler(async () => {
      await sync.disconnect();
      return { isConnected: false as const };
    }),
    listConflicts: os.listConflicts.handler(async ({ input }) => {
      const page = await sync.changes.listConflicts(input);
      return { ...page, items: page.items.map((one) => ({ ...one, losers: [...one.losers] })) };
    }),
    resolveConflict: os.resolveConflict.handler(async ({ input: { versionId, ...name } }) => {
      // An entity that nobody may change has no conflict to be found.
      await sync.changes.resolve(name as Parameters<typeof sync.changes.resolve>[0], versionId);
      return { conflicts: (await sync.changes.listConflicts({ limit: 1 })).total };
    }),
    listRefused: os.listRefused.handler(async ({ input }) => {
      const page = await sync.changes.listRefused(input);
      return { ...page, items: page.items.map(({ change: _, ...refused }) => refused) };
    }),
    retryRefused: os.retryRefused.handler(async () => ({ count: await sync.changes.retryRefused() })),
  };
}

function withoutAuthority<Connection extends { readonly authority?: unknown }>({
  authority: _,
  ...rest
}: Connection) {
  return rest;
}
