/** What `astrid serve` serves, without building the window: `node serve-core.ts WORKSPACE`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp, listen, pathsOfCheckout } from '../../core/app/index.ts';
import { writeWindow } from '../support/seed-workspace.ts';

const workspaceDir = process.argv[2]!;
const rendererDir = join(workspaceDir, 'window');
writeWindow(rendererDir);
const root = fileURLToPath(new URL('../..', import.meta.url));
const app = await createApp({
  host: 'headless',
  workspaceDir,
  paths: { ...pathsOfCheckout(root), rendererDir },
  worksQueue: true,
});
const host = await listen({ fetch: app.fetch, port: 0 });
console.log(host.url);
process.once('SIGTERM', async () => {
  await host.close();
  await app.close();
});
