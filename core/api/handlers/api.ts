import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.api).$context<Asking>();

/** Answer what is asked of the workstation itself. */
export function answerApi(services: Services) {
  return {
    live: os.live.handler(() => ({ status: 'live' as const })),
    ready: os.ready.handler(async () => {
      // A question that only an open database answers.
      await services.events.lastId();
      return { status: 'ready' as const, schemaVersion: services.schemaVersion };
    }),
    storage: os.storage.handler(async () => {
      const [blobs, databaseBytes, { diskFreeBytes, diskTotalBytes }] = await Promise.all([
        services.holdings.countBlobs(),
        services.databaseBytes(),
        services.resources(),
      ]);
      return { blobs: [...blobs], databaseBytes, diskFreeBytes, diskTotalBytes };
    }),
    workers: os.workers.handler(async () => ({
      pools: [...services.pools()],
      runs: { ...(await services.holdings.countRuns()) },
    })),
    resources: os.resources.handler(() => services.resources()),
    system: os.system.handler(async () => {
      const facts = await services.system();
      return {
        ...facts,
        folders: facts.folders.map((folder) => ({ ...folder })),
        findings: [...facts.findings],
      };
    }),
  };
}
